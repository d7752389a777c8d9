#include "fetcher/transfer/spool.h"

#include <algorithm>
#include <cstring>

namespace thresh {
namespace {

// Less is not worth a file, with its descriptor.
constexpr std::size_t kSmallBytes = 16 << 10;

}  // namespace

Result<> ArrivingBody::Append(std::string_view bytes, std::size_t expected_bytes,
                              const Spool& spool, std::size_t memory_bytes, const RoomFn& room) {
  const std::size_t known = std::max(View().size() + bytes.size(), expected_bytes);
  if (const SpoolOptions& options = spool.options(); !file_ && !options.folder.empty()) {
    const bool crowded = memory_bytes + bytes.size() > options.memory_bytes && known > kSmallBytes;
    if (known > options.body_bytes || crowded) {
      if (Result<> moved = MoveToFile(spool); !moved) return moved;
    }
  }
  if (file_) return file_->Append(bytes);
  if (View().empty() && expected_bytes >= bytes.size() && room) {
    room_ = room(expected_bytes);
    in_room_ = 0;
    room_bytes_ = expected_bytes;
  }
  if (room_ && in_room_ + bytes.size() <= room_bytes_) {
    std::memcpy(room_.get() + in_room_, bytes.data(), bytes.size());
    in_room_ += bytes.size();
    return Ok{};
  }
  if (room_) {  // Unpacked it is longer than the server said.
    memory_.assign(View());
    room_.reset();
  }
  if (memory_.empty()) memory_.reserve(known);
  memory_.append(bytes);
  return Ok{};
}

Result<> ArrivingBody::MoveToFile(const Spool& spool) {
  auto file = spool.NewFile();
  if (!file) return file.error();
  file_ = std::move(*file);
  if (Result<> moved = file_->Append(View()); !moved) return moved;
  room_.reset();
  std::string().swap(memory_);  // With its capacity: there may be thousands.
  return Ok{};
}

}  // namespace thresh
