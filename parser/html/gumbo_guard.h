#pragma once

// A guard in front of gumbo, whose time grows with the square of the nesting depth
// and of a tag's attributes: 100,000 nested <div>, half a megabyte, take it 20 s.

#include <cstdint>
#include <string_view>

#include "lib/base/result.h"

namespace thresh::html {

/// Guesses, by one fast pass that knows tags, quotes, comments and raw text but not
/// the tree rules, how deep the page's elements nest and how many attributes a tag
/// has. Elements whose end tag HTML lets authors omit do not count as nesting, so
/// that a page of 10,000 bare <li> passes.
/// Errors: kTooLarge over a limit.
Result<> CheckCostToGumbo(std::string_view page, std::uint32_t max_depth,
                          std::uint32_t max_attributes);

}  // namespace thresh::html
