#pragma once

// ClosedIds: which tasks of one fetcher are closed, for ever. All below `low` are; above it a
// compressed bitmap says which, so that one slow task costs a bit and not its followers' records.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

class ClosedIds {
 public:
  ClosedIds();
  ~ClosedIds();
  ClosedIds(ClosedIds&&) noexcept;
  ClosedIds& operator=(ClosedIds&&) noexcept;
  ClosedIds(const ClosedIds&);
  ClosedIds& operator=(const ClosedIds&);

  void Close(std::uint64_t id);
  /// Closes all ids below `low`; does nothing if they are already.
  void CloseBelow(std::uint64_t low);

  [[nodiscard]] bool Contains(std::uint64_t id) const;
  [[nodiscard]] std::uint64_t low() const noexcept { return low_; }
  /// The highest closed id; 0 if there is none.
  [[nodiscard]] std::uint64_t highest() const;

  /// The ids above `low` as a portable 64-bit Roaring bitmap.
  [[nodiscard]] std::string Bitmap() const;
  /// Nullopt if `bitmap` is none, or has more bytes than one.
  [[nodiscard]] static std::optional<ClosedIds> From(std::uint64_t low, std::string_view bitmap);

 private:
  struct Bits;

  std::uint64_t low_ = 0;
  std::unique_ptr<Bits> above_;
};

}  // namespace thresh
