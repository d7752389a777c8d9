#pragma once

// The functions an expression can call: XPath 1.0's core library (section 4), and two
// that scrapers know from parsel: has-class("a", ...) and re:test(text, "pattern", "i").

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/select/xpath_program.h"

namespace thresh::select::xpath {

struct FunctionSpec {
  std::string_view name;
  Function function;
  Type result;
  std::uint8_t min_arguments;
  std::uint8_t max_arguments;     ///< 255 for any number.
  bool takes_nodes = false;       ///< The first argument must be a node-set.
  bool defaults_to_self = false;  ///< Without an argument it takes the context node.
};

/// Null if there is no such function.
[[nodiscard]] const FunctionSpec* FindFunction(std::string_view name);

/// `; did you mean "..."?` if a known name is near, `; use "..."` for one of XPath 2.0,
/// else nothing.
[[nodiscard]] std::string FunctionHint(std::string_view name);

}  // namespace thresh::select::xpath
