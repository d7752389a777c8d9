#pragma once

// Option: a row of a daemon's table of options. From these rows come its command line with --help,
// the reading and checking of its part of thresh.toml, that file itself with its comments, and the
// manual pages: nothing of an option stands anywhere else.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

enum class OptionKind : std::uint8_t {
  kBool,
  kCount,         ///< A whole number.
  kBytes,         ///< A number, or with a unit: 64MiB.
  kMilliseconds,  ///< A number, or with a unit: 15s.
  kSeconds,
  kText,
  kChoice,
  kPath,
  kTexts,  ///< A list; on the command line repeated.
  kPaths,
};

/// Where a value goes. Numbers of kinds with a unit are in the unit of their kind.
using OptionTarget =
    std::variant<bool*, int*, std::uint64_t*, std::string*, std::vector<std::string>*>;

struct Option {
  std::string_view key;   ///< In the file, as `fetcher.lease_ms`; empty: of the command line alone.
  std::string_view flag;  ///< As `--lease-ms`; more names for it with commas between.
  OptionKind kind = OptionKind::kText;
  OptionTarget target;    ///< What it holds before anything is read is the default.
  std::string_view help;  ///< One sentence, without a dot.
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::string_view choices;      ///< Of kChoice, parted by spaces.
  std::string_view environment;  ///< A variable that goes over the file; a list's parted by colons.
  /// A flag: where it is given on the command line and this option is not, this has its value.
  std::string_view follows;
  /// Flags, parted by commas, that may not be given beside it. Where it is given on the command
  /// line, what the file says of them does not count.
  std::string_view excludes;
  /// A flag that is to be given beside it: on the command line, and in the file.
  std::string_view needs;
  std::string_view unset;  ///< Not empty: it may be empty, and what that means.
  bool reload = false;     ///< A SIGHUP changes it; else a restart does.
  bool hidden = false;     ///< In no --help and no manual.
};

using OptionTable = std::vector<Option>;

using OptionValue = std::variant<bool, std::uint64_t, std::string, std::vector<std::string>>;

/// What a text stands for. Of a list: its one element.
/// Errors: kInvalid, `expected …, found …`.
[[nodiscard]] Result<OptionValue> ParseValue(const Option& option, std::string_view text);

/// The same of a number as it stands in the file. Errors: kInvalid.
[[nodiscard]] Result<OptionValue> CheckNumber(const Option& option, std::int64_t number);

/// REQUIRES: ParseValue() or CheckNumber() gave it for this option, or it is a list's elements.
void SetValue(const Option& option, const OptionValue& value);
[[nodiscard]] OptionValue ValueOf(const Option& option);

[[nodiscard]] inline bool IsList(const Option& option) {
  return option.kind == OptionKind::kTexts || option.kind == OptionKind::kPaths;
}
[[nodiscard]] inline bool IsNumber(const Option& option) {
  return option.kind == OptionKind::kCount || option.kind == OptionKind::kBytes ||
         option.kind == OptionKind::kMilliseconds || option.kind == OptionKind::kSeconds;
}

/// What it holds now, as one writes it on a command line; a list's elements with commas between.
[[nodiscard]] std::string TextOf(const Option& option);
/// The same as TOML.
[[nodiscard]] std::string TomlOf(const Option& option);
/// It is empty, and that means something.
[[nodiscard]] bool IsUnset(const Option& option);
/// What a value has to be, for people: `a whole number of at least 1`.
[[nodiscard]] std::string Expected(const Option& option);
/// One word for it: `BYTES`.
[[nodiscard]] std::string_view TypeName(const Option& option);
/// The names of its flag, the first one first.
[[nodiscard]] std::vector<std::string_view> FlagsOf(const Option& option);
[[nodiscard]] std::vector<std::string_view> ExcludedBy(const Option& option);

}  // namespace thresh
