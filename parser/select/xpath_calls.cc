// The function library (XPath 1.0, section 4).

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include <re2/re2.h>

#include "parser/html/ascii.h"
#include "parser/select/xpath_evaluator.h"
#include "parser/select/xpath_number.h"
#include "parser/select/xpath_strings.h"

namespace thresh::select::xpath {

bool XPathEvaluator::CallBoolean(const Expr& call, const Context& context) {
  switch (call.function) {
    case Function::kTrue: return true;
    case Function::kFalse: return false;
    case Function::kBoolean: return Boolean(call.first_child, context);
    case Function::kNot: return !Boolean(call.first_child, context);
    case Function::kLang: return CallLang(call, context);
    case Function::kHasClass: return CallHasClass(call, context);
    default: break;
  }
  Borrowed<std::string> text_buffer(scratch_.strings);
  const std::string_view text = String(call.first_child, context, text_buffer.get());
  if (!SpendBytes(text.size())) return false;
  if (call.function == Function::kReTest) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                             *program_.patterns[call.text]);
  }
  Borrowed<std::string> part_buffer(scratch_.strings);
  const std::string_view part = String(Argument(call, 1), context, part_buffer.get());
  if (call.function == Function::kStartsWith) return text.starts_with(part);
  return SpendBytes(part.size()) && Find(text, part) != std::string_view::npos;
}

double XPathEvaluator::CallNumber(const Expr& call, const Context& context) {
  switch (call.function) {
    case Function::kPosition: return context.position;
    case Function::kLast: return context.size;
    case Function::kNumber: return Number(call.first_child, context);
    case Function::kFloor: return std::floor(Number(call.first_child, context));
    case Function::kCeiling: return std::ceil(Number(call.first_child, context));
    case Function::kRound: return XPathRound(Number(call.first_child, context));
    default: break;
  }
  Borrowed<std::string> buffer(scratch_.strings);
  if (call.function == Function::kStringLength) {
    const std::string_view text = String(call.first_child, context, buffer.get());
    return SpendBytes(text.size()) ? StringLength(text) : 0;
  }
  Borrowed<NodeList> nodes(scratch_.nodes);
  Nodes(call.first_child, context, Need::kAll, nodes.get());
  if (call.function == Function::kCount) return static_cast<double>(nodes->size());
  double sum = 0;
  for (const XPathNode node : *nodes) {
    const std::string_view value = StringValue(node, buffer.get());
    if (!SpendBytes(value.size())) break;
    sum += ParseXPathNumber(value);
  }
  return sum;
}

std::string_view XPathEvaluator::CallString(const Expr& call, const Context& context,
                                            std::string* buffer) {
  Borrowed<std::string> other(scratch_.strings);
  switch (call.function) {
    case Function::kString: return String(call.first_child, context, buffer);
    case Function::kName:
    case Function::kLocalName:
    case Function::kNamespaceUri: return CallNameOf(call, context);
    case Function::kSubstring: return CallSubstring(call, context, buffer);
    case Function::kConcat:
      for (ExprId part = call.first_child; part != kNoExpr; part = expr(part).next) {
        const std::string_view text = String(part, context, other.get());
        if (!work_.Spend(1 + static_cast<std::int64_t>(text.size() / 2))) break;
        buffer->append(text);
      }
      return *buffer;
    case Function::kNormalizeSpace: {
      const std::string_view text = String(call.first_child, context, other.get());
      if (SpendBytes(text.size())) AppendNormalizedSpace(text, buffer);
      return *buffer;
    }
    case Function::kTranslate: return CallTranslate(call, context, buffer);
    default: break;
  }
  const std::string_view text = String(call.first_child, context, buffer);
  const std::string_view part = String(Argument(call, 1), context, other.get());
  if (!SpendBytes(text.size() + part.size())) return {};
  const std::size_t at = Find(text, part);
  if (at == std::string_view::npos) return {};
  return call.function == Function::kSubstringBefore ? text.substr(0, at)
                                                     : text.substr(at + part.size());
}

std::string_view XPathEvaluator::CallTranslate(const Expr& call, const Context& context,
                                               std::string* buffer) {
  Borrowed<std::string> buffers[3] = {Borrowed(scratch_.strings), Borrowed(scratch_.strings),
                                      Borrowed(scratch_.strings)};
  const std::string_view text = String(call.first_child, context, buffers[0].get());
  const std::string_view from = String(Argument(call, 1), context, buffers[1].get());
  const std::string_view to = String(Argument(call, 2), context, buffers[2].get());
  if (work_.Spend(64 + static_cast<std::int64_t>(text.size() + from.size()))) {
    AppendTranslated(text, from, to, buffer);
  }
  return *buffer;
}

std::string_view XPathEvaluator::CallSubstring(const Expr& call, const Context& context,
                                               std::string* buffer) {
  const std::string_view text = String(call.first_child, context, buffer);
  const double first = XPathRound(Number(Argument(call, 1), context));
  const ExprId length = Argument(call, 2);
  double end = std::numeric_limits<double>::infinity();
  if (length != kNoExpr) end = first + XPathRound(Number(length, context));
  return SpendBytes(text.size()) ? Substring(text, first, end) : std::string_view();
}

std::string_view XPathEvaluator::CallNameOf(const Expr& call, const Context& context) {
  Borrowed<NodeList> nodes(scratch_.nodes);
  Nodes(call.first_child, context, Need::kFirst, nodes.get());
  if (nodes->empty()) return {};
  switch (call.function) {
    case Function::kName: return QualifiedName(tree_, nodes->front());
    case Function::kLocalName: return LocalName(tree_, nodes->front());
    default: return NamespaceUri(tree_, nodes->front());
  }
}

// The nearest xml:lang; on HTML pages `lang` is as good.
bool XPathEvaluator::CallLang(const Expr& call, const Context& context) {
  Borrowed<std::string> buffer(scratch_.strings);
  const std::string_view range = String(call.first_child, context, buffer.get());
  for (html::NodeId id = context.node.node; id != html::kNoNode; id = axes_.Parent(id)) {
    const html::Node& node = tree_.node(id);
    if (!work_.Spend(1 + node.attribute_count / 4)) return false;
    if (node.type != html::NodeType::kElement) continue;
    auto language = tree_.Find(node, html::Known("xml:lang"));
    if (!language && tree_.xml() == nullptr) language = tree_.Find(node, html::Known("lang"));
    if (language) return IsLanguageIn(*language, range);
  }
  return false;
}

bool XPathEvaluator::CallHasClass(const Expr& call, const Context& context) {
  if (!context.node.is_tree_node() || !tree_.IsElement(context.node.node)) return false;
  const auto classes = tree_.Find(tree_.node(context.node.node), html::Known("class"));
  if (!classes) return false;
  Borrowed<std::string> buffer(scratch_.strings);
  for (ExprId argument = call.first_child; argument != kNoExpr; argument = expr(argument).next) {
    const std::string_view wanted = String(argument, context, buffer.get());
    const auto is_wanted = [wanted](std::string_view token) { return token == wanted; };
    if (!SpendBytes(classes->size()) || !html::AnyToken(*classes, is_wanted)) return false;
  }
  return true;
}

// One walk over the page for all the ids together. Of several elements with an id, it is
// the first that has it (section 5.2.1).
void XPathEvaluator::CallId(const Expr& call, const Context& context, NodeList* found) {
  std::unordered_map<std::string, bool> wanted;  // Whether it was found.
  const auto want = [&](std::string_view list) {
    (void)html::AnyToken(list, [&](std::string_view id) {
      wanted.emplace(id, false);
      return false;
    });
    return false;
  };
  if (expr(call.first_child).type == Type::kNodes) {
    (void)AnyStringValue(call.first_child, context, want);
  } else {
    Borrowed<std::string> buffer(scratch_.strings);
    want(String(call.first_child, context, buffer.get()));
  }
  if (wanted.empty()) return;
  const auto offer = [&](std::string_view id, html::NodeId element) {
    const auto known = wanted.find(std::string(id));
    if (known == wanted.end() || std::exchange(known->second, true)) return;
    found->push_back({element});
  };
  if (const html::XmlNames* const xml = tree_.xml()) {
    for (const html::XmlNames::Id& id : xml->ids) {
      if (work_.Spend(1)) offer(id.value, id.element);
    }
  } else {
    for (html::NodeId id = 0; id < tree_.size() && work_.Spend(1); ++id) {
      if (!tree_.IsElement(id)) continue;
      const auto value = tree_.Find(tree_.node(id), html::Known("id"));
      if (value) offer(*value, id);
    }
  }
  PutInOrder(found);
}

}  // namespace thresh::select::xpath
