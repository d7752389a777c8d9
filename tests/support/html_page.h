#pragma once

// A page, parsed: the one place where tests that need a tree name the HTML parser.

#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "parser/html/html_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::test {

/// REQUIRES: `page` stays unchanged as long as `tree` is read.
inline void ParseHtmlPage(std::string_view page, html::NameTable& names, html::Tree* tree) {
  html::HtmlParser parser(names);
  REQUIRE(parser.Parse(page, tree).ok());
}

struct HtmlPage {
  void Load(std::string html) {
    page = std::move(html);
    REQUIRE(parser.Parse(page, &tree).ok());
  }

  html::NameTable names;
  html::Tree tree{names};
  html::HtmlParser parser{names};
  std::string page;
};

}  // namespace thresh::test
