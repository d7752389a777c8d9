#pragma once

// Gather: bytes that lie in several places, and are to be written one behind the other without
// being brought together first. A write that was cut short goes on where it stopped.

#include <limits.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace thresh {

class Gather {
 public:
  /// `bytes` must stay where they are until they are written.
  void Add(std::string_view bytes) {
    if (bytes.empty()) return;
    bytes_ += bytes.size();
    if (!pieces_.empty() && EndOf(pieces_.back()) == bytes.data()) {
      pieces_.back().iov_len += bytes.size();
    } else {  // writev() does not write to what it writes: its signature only lacks the const.
      pieces_.push_back({const_cast<char*>(bytes.data()), bytes.size()});
    }
  }
  /// So many of the first bytes are written.
  void Advance(std::size_t bytes) noexcept {
    bytes_ -= bytes;
    for (; bytes > 0 && bytes >= pieces_[next_].iov_len; ++next_) bytes -= pieces_[next_].iov_len;
    if (bytes > 0) {
      pieces_[next_].iov_base = static_cast<char*>(pieces_[next_].iov_base) + bytes;
      pieces_[next_].iov_len -= bytes;
    }
    if (bytes_ == 0) Clear();
  }
  void Clear() noexcept {
    pieces_.clear();
    next_ = bytes_ = 0;
  }

  /// What is not written yet.
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }
  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  /// Its beginning, as much of it as one call takes: for writev() and pwritev().
  [[nodiscard]] const iovec* data() const noexcept { return pieces_.data() + next_; }
  [[nodiscard]] int count() const noexcept {
    return static_cast<int>(std::min<std::size_t>(pieces_.size() - next_, IOV_MAX));
  }

 private:
  static const char* EndOf(const iovec& piece) noexcept {
    return static_cast<const char*>(piece.iov_base) + piece.iov_len;
  }

  std::vector<iovec> pieces_;
  std::size_t next_ = 0;   // Of the pieces that are not wholly written.
  std::size_t bytes_ = 0;  // Left.
};

}  // namespace thresh
