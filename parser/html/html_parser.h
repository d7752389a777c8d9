#pragma once

// HtmlParser: a page -> Tree, as the WHATWG HTML standard says (13.2), scripting off: the content
// of <noscript> is elements. Any bytes make a tree, unless they pass a limit.
//
// Memory is kept from page to page. Threads: none. Lifetime: borrows the NameTable.

#include <cstdint>
#include <memory>
#include <string_view>

#include "lib/base/result.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::html {

class TreeBuilder;

struct ParseLimits {
  std::uint32_t max_depth = 2000;       ///< Elements open inside one another.
  std::uint32_t max_nodes = 2'000'000;  ///< Of a page, those that the tree rules add among them.
  std::uint32_t max_attributes = 1000;  ///< Of one tag.
};

class HtmlParser {
 public:
  explicit HtmlParser(NameTable& names, ParseLimits limits = {});
  ~HtmlParser();
  HtmlParser(const HtmlParser&) = delete;
  HtmlParser& operator=(const HtmlParser&) = delete;

  /// Replaces what is in `tree`, which then holds views into `page`: `page` must stay unchanged
  /// as long as the tree is read. `page` is UTF-8 without a BOM; broken bytes must have been
  /// replaced before, else they end up in the tree as they are.
  /// REQUIRES: `tree` was made with the same NameTable.
  /// Errors: kTooLarge over a limit; the tree is then empty.
  Result<> Parse(std::string_view page, Tree* tree);

  /// The same for a piece of a page (13.4), which becomes the children of the document node.
  /// `context` is the element that it stands in: "div", "svg path", "math mi".
  Result<> ParseFragment(std::string_view page, std::string_view context, Tree* tree);

 private:
  const std::unique_ptr<TreeBuilder> builder_;
};

}  // namespace thresh::html
