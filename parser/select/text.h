#pragma once

// The text of a node, as recipes take it. All functions append to `out`; white
// space is space, tab, LF, FF and CR, so U+00A0 is kept. Text of <script>, <style>
// and <template> counts like any other.

#include <string>
#include <string_view>

#include "parser/html/tree.h"

namespace thresh::select {

/// `::text`: all descendant text joined, runs of white space as one space, trimmed.
void AppendText(const html::Tree& tree, html::NodeId node, std::string* out);

/// The same without a copy if one run of the tree's text is all there is to it, else in
/// `*scratch`, whose content is lost: valid as long as the tree and `*scratch`.
[[nodiscard]] std::string_view TextView(const html::Tree& tree, html::NodeId node,
                                        std::string* scratch);

/// `::own-text`: the same of the direct text children only.
void AppendOwnText(const html::Tree& tree, html::NodeId node, std::string* out);

/// `::lines`: each <br> ends a line, each block starts and ends one; a table cell
/// ends a word. Lines are collapsed and trimmed as in `::text`. None is blank at
/// the ends, and at most one between two others.
void AppendLines(const html::Tree& tree, html::NodeId node, std::string* out);

/// All descendant text as it stands: the string-value of XPath.
void AppendRawText(const html::Tree& tree, html::NodeId node, std::string* out);

}  // namespace thresh::select
