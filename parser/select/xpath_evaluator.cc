// Values of expressions and their conversions (XPath 1.0, sections 3 and 4).

#include "parser/select/xpath_evaluator.h"

#include <cmath>
#include <limits>

#include "parser/select/xpath_number.h"

namespace thresh::select::xpath {

ExprId XPathEvaluator::Argument(const Expr& call, int index) const noexcept {
  ExprId argument = call.first_child;
  for (; index > 0 && argument != kNoExpr; --index) argument = expr(argument).next;
  return argument;
}

bool XPathEvaluator::Boolean(ExprId id, const Context& context) {
  if (!work_.Spend(1)) return false;
  const Expr& here = expr(id);
  switch (here.type) {
    case Type::kBoolean:
      if (here.op == Op::kFunction) return CallBoolean(here, context);
      return here.op == Op::kOr || here.op == Op::kAnd ? Chain(here, context)
                                                       : Compare(here, context);
    case Type::kNumber: {
      const double number = Number(id, context);
      return number != 0 && !std::isnan(number);
    }
    case Type::kString: {
      Borrowed<std::string> buffer(scratch_.strings);
      return !String(id, context, buffer.get()).empty();
    }
    case Type::kNodes: break;
  }
  if (here.op == Op::kAttribute) return AttributeOf(context.node, here.name).has_value();
  Borrowed<NodeList> nodes(scratch_.nodes);
  Nodes(id, context, Need::kAny, nodes.get());
  return !nodes->empty();
}

bool XPathEvaluator::Chain(const Expr& chain, const Context& context) {
  const bool decides = chain.op == Op::kOr;
  for (ExprId link = chain.first_child; link != kNoExpr; link = expr(link).next) {
    if (Boolean(link, context) == decides) return decides;
  }
  return !decides;
}

std::optional<std::string_view> XPathEvaluator::AttributeOf(XPathNode node, html::Atom name) {
  if (!node.is_tree_node() || !tree_.IsElement(node.node)) return std::nullopt;
  const html::Node& element = tree_.node(node.node);
  if (!work_.Spend(element.attribute_count / 4)) return std::nullopt;
  return tree_.Find(element, name);
}

double XPathEvaluator::Number(ExprId id, const Context& context) {
  if (!work_.Spend(1)) return 0;
  const Expr& here = expr(id);
  switch (here.type) {
    case Type::kBoolean: return Boolean(id, context) ? 1 : 0;
    case Type::kNumber:
      if (here.op == Op::kNumber) return here.number;
      return here.op == Op::kFunction ? CallNumber(here, context) : Arithmetic(here, context);
    case Type::kString:
    case Type::kNodes: break;
  }
  Borrowed<std::string> buffer(scratch_.strings);
  const std::string_view text = String(id, context, buffer.get());
  return SpendBytes(text.size()) ? ParseXPathNumber(text) : 0;
}

double XPathEvaluator::Arithmetic(const Expr& here, const Context& context) {
  const double left = Number(here.first_child, context);
  if (here.op == Op::kNegate) return -left;
  const double right = Number(here.last_child, context);
  switch (here.op) {
    case Op::kAdd: return left + right;
    case Op::kSubtract: return left - right;
    case Op::kMultiply: return left * right;
    case Op::kModulo: return std::fmod(left, right);
    default: break;
  }
  if (right != 0 || std::isnan(left)) return left / right;
  // IEEE 754, spelled out: C++ leaves it open.
  if (left == 0) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = std::signbit(left) != std::signbit(right);
  return negative ? -std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::infinity();
}

std::string_view XPathEvaluator::String(ExprId id, const Context& context, std::string* buffer) {
  buffer->clear();
  if (!work_.Spend(1)) return {};
  const Expr& here = expr(id);
  switch (here.type) {
    case Type::kBoolean: return Boolean(id, context) ? "true" : "false";
    case Type::kNumber: AppendXPathNumber(Number(id, context), buffer); return *buffer;
    case Type::kNodes: return StringOfNodes(id, context, buffer);
    case Type::kString: break;
  }
  if (here.op == Op::kString) return program_.texts[here.text];
  return CallString(here, context, buffer);
}

std::string_view XPathEvaluator::StringOfNodes(ExprId id, const Context& context,
                                               std::string* buffer) {
  const Expr& here = expr(id);
  if (here.op == Op::kAttribute) {
    return AttributeOf(context.node, here.name).value_or(std::string_view());
  }
  if (here.op == Op::kPath && here.start == Start::kContext && here.steps.count == 0) {
    return StringValue(context.node, buffer);
  }
  Borrowed<NodeList> nodes(scratch_.nodes);
  Nodes(id, context, Need::kFirst, nodes.get());
  return nodes->empty() ? std::string_view() : StringValue(nodes->front(), buffer);
}

std::string_view XPathEvaluator::StringValue(XPathNode node, std::string* buffer) {
  using html::NodeType;
  buffer->clear();
  const NodeType type = tree_.node(node.node).type;
  if (!node.is_tree_node() || (type != NodeType::kElement && type != NodeType::kDocument)) {
    return PlainStringValue(tree_, node);
  }
  const html::NodeId end = axes_.End(node.node);
  std::string_view only;  // The first text need not be copied unless there is another.
  for (html::NodeId id = node.node; id < end; ++id) {
    const html::Node& here = tree_.node(id);
    if (here.type != NodeType::kText) {
      if (!work_.Spend(1)) break;
    } else if (only.empty()) {
      only = here.text;
    } else if (SpendBytes(here.text.size())) {
      if (buffer->empty()) buffer->append(only);
      buffer->append(here.text);
    } else {
      break;
    }
  }
  return buffer->empty() ? only : std::string_view(*buffer);
}

}  // namespace thresh::select::xpath
