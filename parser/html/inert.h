#pragma once

// What stands in a page's tree, but not in its document.

#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::html {

/// Whether what is in this element is no part of the document: a template's (WHATWG HTML 4.12.3).
/// Selectors see it all the same.
[[nodiscard]] inline bool IsInert(const Tree& tree, NodeId id) {
  const Node& node = tree.node(id);
  return node.name == Known("template") && node.ns == Namespace::kHtml && tree.IsElement(id);
}

}  // namespace thresh::html
