#include "parser/select/xpath.h"

#include <utility>

#include "parser/select/xpath_evaluator.h"
#include "parser/select/xpath_parser.h"

namespace thresh::select {

using xpath::Need;
using xpath::Type;

Result<XPath> XPath::Compile(std::string_view text, html::NameTable& names,
                             std::size_t* error_offset) {
  XPath compiled;
  xpath::XPathParser parser(text, names);
  if (parser.Parse(&compiled.program_)) return compiled;
  if (error_offset != nullptr) *error_offset = parser.scanner().error_offset();
  return Error{Errc::kInvalid, parser.scanner().error_detail()};
}

XPathValue XPath::Evaluate(const html::Tree& tree, XPathNode context, WorkBudget& work) const {
  xpath::XPathEvaluator evaluator(program_, tree, work, scratch_);
  const xpath::Context at{context};
  switch (program_.exprs[program_.root].type) {
    case Type::kNumber: return evaluator.Number(program_.root, at);
    case Type::kBoolean: return evaluator.Boolean(program_.root, at);
    case Type::kString: {
      std::string buffer;
      const std::string_view text = evaluator.String(program_.root, at, &buffer);
      return std::string(text);
    }
    case Type::kNodes: break;
  }
  std::vector<XPathNode> nodes;
  evaluator.Nodes(program_.root, at, Need::kAll, &nodes);
  return nodes;
}

void XPath::SelectAll(const html::Tree& tree, XPathNode context, WorkBudget& work,
                      std::vector<XPathNode>* found) const {
  found->clear();
  if (!selects_nodes()) return;
  xpath::XPathEvaluator evaluator(program_, tree, work, scratch_);
  evaluator.Nodes(program_.root, {context}, Need::kAll, found);
}

std::optional<XPathNode> XPath::SelectFirst(const html::Tree& tree, XPathNode context,
                                            WorkBudget& work) const {
  if (!selects_nodes()) return std::nullopt;
  xpath::XPathEvaluator evaluator(program_, tree, work, scratch_);
  xpath::Borrowed<std::vector<XPathNode>> found(scratch_.nodes);
  evaluator.Nodes(program_.root, {context}, Need::kFirst, found.get());
  return found->empty() ? std::nullopt : std::optional(found->front());
}

bool XPath::AppendText(const html::Tree& tree, XPathNode context, WorkBudget& work,
                       std::string* out) const {
  if (selects_nodes()) {
    const std::optional<XPathNode> first = SelectFirst(tree, context, work);
    if (first) AppendNodeText(tree, *first, out);
    return first.has_value();
  }
  xpath::XPathEvaluator evaluator(program_, tree, work, scratch_);
  xpath::Borrowed<std::string> buffer(scratch_.strings);
  out->append(evaluator.String(program_.root, {context}, buffer.get()));
  return true;
}

}  // namespace thresh::select
