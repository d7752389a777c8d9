#include "sink/format/line_buffer.h"

namespace thresh {

void LineBuffer::Grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 32 << 10;
  const std::size_t capacity = std::max({kLeast, capacity_ * 2, size_ + bytes});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace thresh
