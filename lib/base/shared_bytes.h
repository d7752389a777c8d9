#pragma once

// SharedBytes: bytes that stay as they are for as long as somebody owns them, wherever they lie.
//
// Threads: owners may be on any, and the last one may let go on any.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace thresh {

class SharedBytes {
 public:
  /// None.
  SharedBytes() = default;
  explicit SharedBytes(std::string bytes) {
    if (bytes.empty()) return;
    auto kept = std::make_shared<const std::string>(std::move(bytes));
    view_ = *kept;
    owner_ = std::move(kept);
  }
  /// `view` is good while `owner` has an owner.
  SharedBytes(std::shared_ptr<const void> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  SharedBytes(const SharedBytes&) = default;
  SharedBytes& operator=(const SharedBytes&) = default;
  /// `other` has none then.
  SharedBytes(SharedBytes&& other) noexcept
      : owner_(std::move(other.owner_)), view_(std::exchange(other.view_, {})) {}
  SharedBytes& operator=(SharedBytes&& other) noexcept {
    SharedBytes taken(std::move(other));
    owner_.swap(taken.owner_);
    std::swap(view_, taken.view_);
    return *this;
  }

  [[nodiscard]] std::string_view View() const noexcept { return view_; }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
  [[nodiscard]] const std::shared_ptr<const void>& owner() const noexcept { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace thresh
