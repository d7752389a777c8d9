#pragma once

// XPath: a compiled XPath 1.0 expression (https://www.w3.org/TR/1999/REC-xpath-19991116),
// run on html::Tree.
//
//   .//a[contains(@class, 'next')]/@href
//
// All of the language but variables, plus has-class("a", ...), re:test(text, "pattern",
// "i") and `*:name`, an element or attribute of that local name. Names are compared
// as they are spelled on the page, with case: HTML names are lower case, so `//DIV`
// finds nothing, as with libxml2; SVG names are as HTML5 spells them (`viewBox`). A
// prefix stands for itself: `media:content` takes what is written so. In an XML
// document a name without prefix takes only what is in no namespace, as XPath says.
//
// Lifetime: self-contained after Compile. Trees must use the NameTable it was compiled
// with. Threads: none; an evaluation uses memory kept in the object.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/select/work_budget.h"
#include "parser/select/xpath_node.h"
#include "parser/select/xpath_number.h"
#include "parser/select/xpath_program.h"
#include "parser/select/xpath_scratch.h"

namespace thresh::select {

/// Node-sets are in document order.
using XPathValue = std::variant<std::vector<XPathNode>, double, std::string, bool>;

class XPath {
 public:
  /// Compiles `text` (UTF-8). On failure `error_offset`, if given, is the byte of
  /// `text`, from 0, that the error is about; text.size() for an unexpected end.
  /// Errors: kInvalid, also for a type that does not fit, as in `count(1)`.
  [[nodiscard]] static Result<XPath> Compile(std::string_view text, html::NameTable& names,
                                             std::size_t* error_offset = nullptr);

  /// Whether its value is a node-set: that does not depend on the page.
  [[nodiscard]] bool selects_nodes() const noexcept {
    return program_.exprs[program_.root].type == xpath::Type::kNodes;
  }

  /// Its value at `context`, at position 1 of 1. `/` is always the document.
  /// Errors: none but an exhausted budget, which the caller sees in `work`.
  [[nodiscard]] XPathValue Evaluate(const html::Tree& tree, XPathNode context,
                                    WorkBudget& work) const;

  /// Replaces `found` with the node-set, in document order; empty if it is none.
  void SelectAll(const html::Tree& tree, XPathNode context, WorkBudget& work,
                 std::vector<XPathNode>* found) const;

  /// The first that SelectAll would find, with less work where that is possible.
  [[nodiscard]] std::optional<XPathNode> SelectFirst(const html::Tree& tree, XPathNode context,
                                                     WorkBudget& work) const;

  /// Appends the value as a recipe takes one: of a node-set AppendNodeText of its first
  /// node; of a number, a boolean or a string its string(). Returns false, with nothing
  /// appended, if the node-set is empty.
  bool AppendText(const html::Tree& tree, XPathNode context, WorkBudget& work,
                  std::string* out) const;

 private:
  xpath::Program program_;
  mutable xpath::XPathScratch scratch_;
};

}  // namespace thresh::select
