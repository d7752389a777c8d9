#pragma once

// A tree as html5lib's tests write it (html5lib-tests, tree-construction/README.md).

#include <string>

#include "parser/html/tree.h"

namespace thresh::html {

/// Appends a line for each node, with a line end: "| <html>\n|   <head>\n…". Attributes are
/// sorted by name; a template's children stand under a line `content`.
void AppendHtml5libDump(const Tree& tree, std::string* out);

}  // namespace thresh::html
