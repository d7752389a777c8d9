#include "sink/format/line_buffer.h"

namespace thresh {

void LineBuffer::Grow(std::size_t bytes) {
  LineBlock larger = NewBlock(std::max({block_bytes_, size_ * 2, size_ + bytes}));
  if (size_ > 0) std::memcpy(larger.bytes.get(), bytes_, size_);
  if (has_kept()) full_.push_back(std::move(block_));
  block_ = std::move(larger);
  bytes_ = block_.bytes.get();
  capacity_ = block_.capacity;
}

LineBlock LineBuffer::NewBlock(std::size_t capacity) {
  if (capacity > block_bytes_ || spare_.empty()) {
    return {std::make_unique_for_overwrite<char[]>(capacity), capacity};
  }
  LineBlock block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

LineMemory LineBuffer::TakeKept() {
  if (has_kept()) {
    full_.push_back(std::move(block_));
    Leave();
  }
  return std::exchange(full_, {});
}

// Blocks of an uncommon size are not worth to be kept for an uncommon page.
void LineBuffer::GiveBack(LineMemory memory) {
  for (LineBlock& block : memory) {
    const bool usual = block.capacity == block_bytes_;
    if (usual && (spare_.size() + 1) * block_bytes_ <= kMostSpareBytes) {
      spare_.push_back(std::move(block));
    }
  }
}

}  // namespace thresh
