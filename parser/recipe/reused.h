#pragma once

// Reused<T>: a vector whose elements keep their memory when it is emptied, for what is made page
// after page.

#include <cstddef>
#include <vector>

namespace thresh {

template <typename T>
class Reused {
 public:
  /// One more, in whatever state it was left.
  T& Add() {
    if (size_ == elements_.size()) elements_.emplace_back();
    return elements_[size_++];
  }
  void DropLast() noexcept { --size_; }
  void clear() noexcept { size_ = 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return elements_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return elements_[i]; }
  [[nodiscard]] const T* begin() const noexcept { return elements_.data(); }
  [[nodiscard]] const T* end() const noexcept { return elements_.data() + size_; }

 private:
  std::vector<T> elements_;
  std::size_t size_ = 0;
};

}  // namespace thresh
