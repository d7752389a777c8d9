#pragma once

// A node back to markup, by the HTML fragment serialisation algorithm
// (https://html.spec.whatwg.org/multipage/parsing.html#serialising-html-fragments),
// scripting off.

#include <string>

#include "parser/html/tree.h"

namespace thresh::html {

/// Appends the node itself and all it contains; of the document, its children.
void AppendOuterHtml(const Tree& tree, NodeId node, std::string* out);

}  // namespace thresh::html
