#pragma once

// The keys of a recipe's [fetch] table: the one list of them. What reads the table, what takes
// `--set fetch.KEY=…`, an operator's [[host]] tables and the manuals go by it.

#include <cstdint>
#include <span>
#include <string_view>

namespace thresh {

/// What holds where a recipe and an operator's table for its host both have the key.
enum class Combine : std::uint8_t {
  kReplace,       ///< The operator's.
  kByName,        ///< Of a table: the operator's, name by name.
  kLeast,         ///< The smaller number.
  kLeastNotZero,  ///< The same; 0 is no limit.
  kMost,          ///< The larger number.
  kEither         ///< True if one of them is.
};

struct FetchKey {
  std::string_view name;
  Combine combine = Combine::kReplace;
  bool for_parsers = false;        ///< Parsers go by it.
  std::string_view default_value;  ///< As TOML; empty: there is none.
  std::string_view example;        ///< As TOML: another one.
  std::string_view help;           ///< One sentence, without a dot.

  [[nodiscard]] std::string_view shown() const {
    return default_value.empty() ? example : default_value;
  }
};

/// In the order in which people are shown them.
[[nodiscard]] std::span<const FetchKey> FetchKeys();

/// Null: there is none of that name.
[[nodiscard]] const FetchKey* FindFetchKey(std::string_view name);

/// Their names, parted by spaces.
[[nodiscard]] std::string_view FetchKeyNames();

}  // namespace thresh
