#pragma once

// A page, parsed: the one place where tests that need a tree name the HTML parser.

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "parser/html/gumbo_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::test {

struct HtmlPage {
  void Load(std::string html) {
    page = std::move(html);
    REQUIRE(parser.Parse(page, &tree).ok());
  }

  html::NameTable names;
  html::Tree tree{names};
  html::GumboParser parser{names};
  std::string page;
};

}  // namespace thresh::test
