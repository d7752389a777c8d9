#pragma once

// Parses a page for tests that are about what is done with the tree: the one place
// that says by which parser.

#include <string_view>

#include <doctest/doctest.h>

#include "parser/html/gumbo_parser.h"

namespace thresh::test {

/// REQUIRES: `page` stays unchanged as long as `tree` is read.
inline void ParseHtmlPage(std::string_view page, html::NameTable& names, html::Tree* tree) {
  html::GumboParser parser(names);
  REQUIRE(parser.Parse(page, tree).ok());
}

}  // namespace thresh::test
