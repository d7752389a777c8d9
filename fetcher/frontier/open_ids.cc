#include "fetcher/frontier/open_ids.h"

#include <exception>
#include <roaring/roaring64map.hh>

namespace thresh {

struct OpenIds::Set {
  Roaring64Map ids;
};

OpenIds::OpenIds() : set_(std::make_unique<Set>()) {}
OpenIds::~OpenIds() = default;
OpenIds::OpenIds(OpenIds&&) noexcept = default;
OpenIds& OpenIds::operator=(OpenIds&&) noexcept = default;

void OpenIds::Add(TaskId id) {
  set_->ids.add(id);
}

bool OpenIds::Remove(TaskId id) {
  return set_->ids.removeChecked(id);
}

bool OpenIds::Contains(TaskId id) const {
  return set_->ids.contains(id);
}

TaskId OpenIds::LowestOr(TaskId otherwise) const {
  return set_->ids.isEmpty() ? otherwise : set_->ids.minimum();
}

std::uint64_t OpenIds::size() const {
  return set_->ids.cardinality();
}

std::string OpenIds::Encode() {
  set_->ids.runOptimize();
  std::string bytes(set_->ids.getSizeInBytes(), '\0');
  set_->ids.write(bytes.data());
  return bytes;
}

std::optional<OpenIds> OpenIds::Decode(std::string_view bytes) {
  OpenIds open;
  try {  // It throws for what is not such a set.
    open.set_->ids = Roaring64Map::readSafe(bytes.data(), bytes.size());
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return open;
}

}  // namespace thresh
