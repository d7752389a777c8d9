#pragma once

// What is said of a selector that does not compile.

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "lib/base/result.h"
#include "parser/html/names.h"

namespace thresh::test {

/// `offset: detail`, or `none`. `Selector` is CssSelector or XPath.
template <typename Selector>
std::string CompileFailure(std::string_view text) {
  html::NameTable names;
  std::size_t offset = 0;
  const auto compiled = Selector::Compile(text, names, &offset);
  if (compiled.ok()) return "none";
  CHECK(compiled.error().code == Errc::kInvalid);
  return std::to_string(offset) + ": " + compiled.error().detail;
}

}  // namespace thresh::test
