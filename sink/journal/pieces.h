#pragma once

// Pieces: bytes one behind the other, of which the long ones are only referred to: a page's lines
// go from where they were written to the disk without being copied.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/gather.h"

namespace thresh {

class Pieces {
 public:
  /// A place in them: what is appended later lies behind it.
  struct Mark {
    std::size_t own = 0;
    std::size_t lent = 0;
  };

  /// What is appended here comes behind all so far.
  [[nodiscard]] std::string* own() noexcept { return &own_; }
  /// Appends bytes that must stay where they are until Clear().
  void Lend(std::string_view bytes) {
    constexpr std::size_t kWorthIt = 512;
    if (bytes.size() < kWorthIt) {
      own_.append(bytes);
      return;
    }
    lent_.push_back({own_.size(), bytes});
    lent_bytes_ += bytes.size();
  }
  void Clear() noexcept {
    own_.clear();
    lent_.clear();
    lent_bytes_ = 0;
  }

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return own_.size() + lent_bytes_; }
  [[nodiscard]] Mark end() const noexcept { return {own_.size(), lent_.size()}; }

  /// Gives `take` all that lies behind `mark`, piece by piece.
  template <typename Take>
  void ForEach(Mark mark, Take take) const {
    const std::string_view own = own_;
    for (std::size_t i = mark.lent; i < lent_.size(); ++i) {
      take(own.substr(mark.own, lent_[i].at - mark.own));
      take(lent_[i].bytes);
      mark.own = lent_[i].at;
    }
    take(own.substr(mark.own));
  }
  [[nodiscard]] Gather ToGather() const {
    Gather gather;
    ForEach({}, [&gather](std::string_view piece) { gather.Add(piece); });
    return gather;
  }
  [[nodiscard]] std::string ToString() const {
    std::string text;
    text.reserve(size());
    ForEach({}, [&text](std::string_view piece) { text.append(piece); });
    return text;
  }

 private:
  struct Lent {
    std::size_t at = 0;  // How many of our own bytes come before.
    std::string_view bytes;
  };

  std::string own_;
  std::vector<Lent> lent_;
  std::size_t lent_bytes_ = 0;
};

}  // namespace thresh
