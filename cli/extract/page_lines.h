#pragma once

// PageLines: what came of one stored page, on its way from who extracted it to who writes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

struct ExtractCounts {
  std::uint64_t pages = 0;        ///< Extracted.
  std::uint64_t records = 0;      ///< Written of them.
  std::uint64_t dead = 0;         ///< Pages that could not be extracted.
  std::uint64_t rejected = 0;     ///< Rows that lack a required field.
  std::uint64_t passed_over = 0;  ///< Answers that were no success, or of no recipe here.
  std::uint64_t replaced = 0;     ///< Pages that were fetched, and saved, again.

  void Add(const ExtractCounts& more);
};

struct PageLines {
  std::uint64_t number = 0;  ///< Of its record in the file; of the last one, where that is.
  bool is_last = false;      ///< Nothing more of the file: it ends, or cannot be read on,
  bool is_inside = false;    ///< in that very record, not behind it.
  bool is_damage = false;    ///< Something in the file cannot be used.
  std::string said;          ///< For people; may be empty.
  ExtractCounts counts;
  std::vector<std::pair<std::string, std::string>> lines;  ///< Of a file of output, whole lines.

  /// In the order of the file.
  [[nodiscard]] bool ComesBefore(const PageLines& other) const {
    const bool behind = is_last && !is_inside, other_behind = other.is_last && !other.is_inside;
    return number != other.number ? number < other.number : behind < other_behind;
  }

  /// For another process of this very program.
  [[nodiscard]] std::string Encode() const;
  /// REQUIRES: Encode() made it.
  [[nodiscard]] static PageLines Decode(std::string_view bytes);
};

}  // namespace thresh
