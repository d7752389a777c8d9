#include "parser/html/arena.h"

#include <algorithm>

namespace thresh::html {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxKeptBytes = std::size_t{32} << 20;

}  // namespace

char* Arena::Allocate(std::size_t size, std::size_t alignment) {
  std::size_t begin = (used_ + alignment - 1) & ~(alignment - 1);
  if (chunks_used_ == 0 || begin > chunks_[chunks_used_ - 1].size ||
      size > chunks_[chunks_used_ - 1].size - begin) {
    NextChunk(size);
    begin = 0;
  }
  used_ = begin + size;
  return chunks_[chunks_used_ - 1].bytes.get() + begin;
}

void Arena::NextChunk(std::size_t at_least) {
  used_ = 0;
  // A kept chunk that is too small is passed over; the next Clear() brings it back.
  while (chunks_used_ < chunks_.size()) {
    if (chunks_[chunks_used_++].size >= at_least) return;
  }
  const std::size_t size = std::max(kChunkBytes, at_least);
  chunks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  chunks_used_ = chunks_.size();
  capacity_bytes_ += size;
}

std::size_t Arena::used_bytes() const noexcept {
  std::size_t bytes = used_;
  for (std::size_t i = 0; i + 1 < chunks_used_; ++i) bytes += chunks_[i].size;
  return bytes;
}

void Arena::Clear() {
  if (capacity_bytes_ > kMaxKeptBytes) {
    chunks_.clear();
    capacity_bytes_ = 0;
  }
  chunks_used_ = 0;
  used_ = 0;
}

}  // namespace thresh::html
