#include "sink/journal/closed_ids.h"

#include <algorithm>
#include <exception>
#include <roaring/roaring64map.hh>

namespace roaring {}
using namespace roaring;  // CRoaring's own from its release 0.6 on; before, it had none.

namespace thresh {

struct ClosedIds::Bits {
  Roaring64Map map;
};

ClosedIds::ClosedIds() : above_(std::make_unique<Bits>()) {}
ClosedIds::~ClosedIds() = default;
ClosedIds::ClosedIds(ClosedIds&&) noexcept = default;
ClosedIds& ClosedIds::operator=(ClosedIds&&) noexcept = default;
ClosedIds::ClosedIds(const ClosedIds& other)
    : low_(other.low_), above_(std::make_unique<Bits>(*other.above_)) {}
ClosedIds& ClosedIds::operator=(const ClosedIds& other) {
  low_ = other.low_;
  above_ = std::make_unique<Bits>(*other.above_);
  return *this;
}

void ClosedIds::Close(std::uint64_t id) {
  if (id >= low_) above_->map.add(id);
}

void ClosedIds::CloseBelow(std::uint64_t low) {
  if (low <= low_) return;
  low_ = low;
  Roaring64Map& map = above_->map;
  while (!map.isEmpty() && map.minimum() < low) map.remove(map.minimum());
}

bool ClosedIds::Contains(std::uint64_t id) const {
  return id < low_ || above_->map.contains(id);
}

std::uint64_t ClosedIds::highest() const {
  if (!above_->map.isEmpty()) return above_->map.maximum();
  return low_ == 0 ? 0 : low_ - 1;
}

std::string ClosedIds::Bitmap() const {
  std::string bytes(above_->map.getSizeInBytes(), '\0');
  above_->map.write(bytes.data());
  return bytes;
}

std::optional<ClosedIds> ClosedIds::From(std::uint64_t low, std::string_view bitmap) try {
  ClosedIds ids;
  ids.low_ = low;
  const std::string aligned(bitmap);  // CRoaring reads its first number as if it were.
  ids.above_->map = Roaring64Map::readSafe(aligned.data(), aligned.size());
  if (ids.above_->map.getSizeInBytes() != bitmap.size()) return std::nullopt;
  return ids;
} catch (const std::exception&) {  // CRoaring throws at what is no bitmap.
  return std::nullopt;
}

}  // namespace thresh
