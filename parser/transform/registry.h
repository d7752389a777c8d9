#pragma once

// The transforms of a `pipe`: one table of what there is, for the compiler, for people and for the
// tests, which run each example.

#include <cstdint>
#include <span>
#include <string_view>

namespace thresh {

/// A transform as people see it.
struct TransformInfo {
  std::string_view name;
  std::string_view arguments;  ///< Their names, `from to`; optional ones in brackets.
  std::string_view sentence;   ///< What it does.
  std::string_view call;       ///< An example as it stands in a pipe,
  std::string_view input;      ///< the values it gets, and
  std::string_view output;     ///< those it makes: JSON arrays of strings.
};

/// All of them, by name.
[[nodiscard]] std::span<const TransformInfo> AllTransforms();

}  // namespace thresh
