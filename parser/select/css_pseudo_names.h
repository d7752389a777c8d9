#pragma once

// The names of pseudo-classes: those we match, those that no page at rest can
// answer, and the nearest known name for anything else.

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/select/css_program.h"

namespace thresh::select::css {

struct PseudoClass {
  std::string_view name;
  TestKind kind;
  std::int32_t offset = 0;  ///< `:first-of-type` is `:nth-of-type(0n+1)`.
};

/// `:name`, in lower case; null if there is none. Those made of two tests, `:only-child`
/// and `:only-of-type`, are not in the table.
[[nodiscard]] const PseudoClass* FindPlainPseudoClass(std::string_view name) noexcept;

/// The same of `:name(...)`.
[[nodiscard]] const PseudoClass* FindPseudoClassFunction(std::string_view name) noexcept;

/// Why `:name` is no pseudo-class here, for people: that it needs a user, a script, or
/// what else a page at rest lacks; or that it is unknown, with the nearest known name.
[[nodiscard]] std::string WhyNoPseudoClass(std::string_view name, bool is_function);

/// The same of `::name`, with all that there are.
[[nodiscard]] std::string WhyNoPseudoElement(std::string_view name);

}  // namespace thresh::select::css
