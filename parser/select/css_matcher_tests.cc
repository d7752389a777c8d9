// What a single simple selector asks of an element.

#include <algorithm>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/css_matcher.h"
#include "parser/select/text.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::Known;
using html::KnownSet;
using html::Node;
using html::NodeId;

bool Equal(std::string_view a, std::string_view b, bool ignore_case) {
  return a.size() == b.size() && (ignore_case ? html::EqualsIgnoreCase(a, b) : a == b);
}

bool Contains(std::string_view text, std::string_view part, bool ignore_case) {
  if (!ignore_case) return text.find(part) != std::string_view::npos;
  const auto same = [](char x, char y) { return html::ToLower(x) == html::ToLower(y); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool HasToken(std::string_view list, std::string_view token, bool ignore_case) {
  return html::AnyToken(
      list, [&](std::string_view candidate) { return Equal(candidate, token, ignore_case); });
}

// Whether `position` is one of step*n + offset, n >= 0.
bool IsNth(const Test& test, std::int64_t position) {
  const std::int64_t distance = position - test.offset;
  if (test.step == 0) return distance == 0;
  return distance % test.step == 0 && distance / test.step >= 0;
}

bool IsHtml(const Node& node, html::Atom name) {
  return node.ns == html::Namespace::kHtml && node.name == name;
}

bool IsHtmlIn(const Node& node, const KnownSet& names) {
  return node.ns == html::Namespace::kHtml && names.Has(node.name);
}

constexpr KnownSet kLinks({"a", "area"});
constexpr KnownSet kControls({"button", "input", "select", "textarea"});
constexpr KnownSet kCanBeDisabled({"button", "fieldset", "input", "optgroup", "option", "select",
                                   "textarea"});

bool IsChecked(const html::Tree& tree, const Node& node) {
  if (IsHtml(node, Known("option"))) return tree.Find(node, Known("selected")).has_value();
  if (!IsHtml(node, Known("input"))) return false;
  const std::string_view type = tree.Find(node, Known("type")).value_or("");
  return tree.Find(node, Known("checked")).has_value() &&
         (html::EqualsIgnoreCase(type, "checkbox") || html::EqualsIgnoreCase(type, "radio"));
}

// The part of `list` before the next `separator`, which is taken off.
std::string_view TakePart(std::string_view* list, char separator) {
  const std::size_t end = std::min(list->find(separator), list->size());
  const std::string_view part = list->substr(0, end);
  list->remove_prefix(std::min(end + 1, list->size()));
  return part;
}

// Extended filtering, RFC 4647 section 3.3.2.
bool IsInLanguageRange(std::string_view tag, std::string_view range) {
  if (tag.empty() || range.empty()) return tag.empty() && range.empty();
  const std::string_view language = TakePart(&range, '-');
  const std::string_view first = TakePart(&tag, '-');
  if (language != "*" && !html::EqualsIgnoreCase(language, first)) return false;
  while (!range.empty()) {
    const std::string_view wanted = TakePart(&range, '-');
    if (wanted == "*") continue;
    for (;;) {
      if (tag.empty()) return false;
      const std::string_view subtag = TakePart(&tag, '-');
      if (html::EqualsIgnoreCase(subtag, wanted)) break;
      if (subtag.size() == 1) return false;
    }
  }
  return true;
}

}  // namespace

bool CssMatcher::MatchTest(const Test& test, NodeId id, const Node& node) {
  switch (test.kind) {
    case TestKind::kId:
    case TestKind::kClass: return MatchName(test, node);
    case TestKind::kRoot: return node.parent == html::kDocumentNode;
    case TestKind::kScope:
      return scope_ == html::kDocumentNode ? node.parent == scope_ : id == scope_;
    case TestKind::kFirstChild: return PrevElement(id) == kNoNode;
    case TestKind::kLastChild: return NextElement(id) == kNoNode;
    case TestKind::kEmpty: return IsEmpty(node);
    case TestKind::kChecked: return IsChecked(tree_, node);
    case TestKind::kLink:
      return IsHtmlIn(node, kLinks) && tree_.Find(node, Known("href")).has_value();
    case TestKind::kNthChild: return IsNth(test, tree_.rank(id).from_start);
    case TestKind::kNthLastChild: return IsNth(test, tree_.rank(id).from_end);
    case TestKind::kNthOfType: return IsNth(test, tree_.rank(id).of_type_from_start);
    case TestKind::kNthLastOfType: return IsNth(test, tree_.rank(id).of_type_from_end);
    case TestKind::kDisabled: return IsDisabled(id);
    case TestKind::kEnabled: return IsHtmlIn(node, kCanBeDisabled) && !IsDisabled(id);
    case TestKind::kLang: return MatchLang(test, id);
    case TestKind::kIs: return MatchAny(test.list, id);
    case TestKind::kNot: return !MatchAny(test.list, id) && !work_.exhausted();
    case TestKind::kNthChildOf:
    case TestKind::kNthLastChildOf: return MatchNthOf(test, id);
    case TestKind::kHas: return MatchHas(test.list, id);
    case TestKind::kContains: return MatchContains(test, id);
    default: return MatchAttribute(test, node);
  }
}

// As Tree::Find, but a hostile page pays for its thousand attributes and long values.
std::optional<std::string_view> CssMatcher::Find(const Node& node, html::Atom attribute) const {
  const auto value = tree_.Find(node, attribute);
  const std::size_t bytes = value ? value->size() : 0;
  work_.Spend(node.attribute_count / 4 + static_cast<std::int64_t>(bytes / 64));
  return value;
}

bool CssMatcher::MatchName(const Test& test, const Node& node) const {
  const bool is_id = test.kind == TestKind::kId;
  const auto value = Find(node, is_id ? Known("id") : Known("class"));
  if (!value) return false;
  return is_id ? Equal(*value, test.text, tree_.quirks())
               : HasToken(*value, test.text, tree_.quirks());
}

bool CssMatcher::MatchAttribute(const Test& test, const Node& node) const {
  const auto found = Find(node, node.ns == html::Namespace::kHtml ? test.name_lower : test.name);
  if (!found) return test.kind == TestKind::kAttrDiffers;
  const std::string_view value = *found;
  const std::string_view want = test.text;
  const std::size_t size = want.size();
  const bool fits = size > 0 && size <= value.size();
  switch (test.kind) {
    case TestKind::kAttrExists: return true;
    case TestKind::kAttrEquals: return Equal(value, want, test.ignore_case);
    case TestKind::kAttrDiffers: return !Equal(value, want, test.ignore_case);
    case TestKind::kAttrIncludes: return HasToken(value, want, test.ignore_case);
    case TestKind::kAttrDash:
      return Equal(value.substr(0, size), want, test.ignore_case) &&
             (value.size() == size || value[size] == '-');
    case TestKind::kAttrPrefix: return fits && Equal(value.substr(0, size), want, test.ignore_case);
    case TestKind::kAttrSuffix:
      return fits && Equal(value.substr(value.size() - size), want, test.ignore_case);
    default: return fits && Contains(value, want, test.ignore_case);
  }
}

bool CssMatcher::IsEmpty(const Node& node) const {
  for (NodeId child = node.first_child; child != kNoNode && work_.Spend(1);
       child = tree_.node(child).next_sibling) {
    if (tree_.node(child).type != html::NodeType::kComment) return false;
  }
  return true;
}

bool CssMatcher::MatchAny(std::uint32_t list, NodeId element) {
  const Range range = program_.lists[list];
  for (std::uint32_t i = 0; i < range.count; ++i) {
    if (Matches(program_.complexes[range.first + i], element)) return true;
  }
  return false;
}

bool CssMatcher::MatchNthOf(const Test& test, NodeId element) {
  if (!MatchAny(test.list, element)) return false;
  const bool forward = test.kind == TestKind::kNthLastChildOf;
  std::int64_t position = 1;
  NodeId id = element;
  while (!work_.exhausted()) {
    id = forward ? NextElement(id) : PrevElement(id);
    if (id == kNoNode) return IsNth(test, position);
    if (MatchAny(test.list, id)) ++position;
  }
  return false;
}

// ---- :has() ---------------------------------------------------------------------

bool CssMatcher::MatchHas(std::uint32_t list, NodeId element) {
  const NodeId outer = anchor_;
  anchor_ = element;
  const Range range = program_.lists[list];
  bool found = false;
  for (std::uint32_t i = 0; i < range.count && !found; ++i) {
    const Complex& complex = program_.complexes[range.first + i];
    const bool children_only = complex.lead == Combinator::kChild && complex.compounds.count == 2;
    found = children_only ? HasChild(complex, element) : HasRelative(complex, element);
  }
  anchor_ = outer;
  return found;
}

bool CssMatcher::HasChild(const Complex& complex, NodeId element) {
  for (NodeId child = tree_.node(element).first_child; child != kNoNode;
       child = tree_.node(child).next_sibling) {
    if (tree_.IsElement(child) && Matches(complex, child)) return true;
    if (!work_.Spend(1)) return false;
  }
  return false;
}

bool CssMatcher::HasRelative(const Complex& complex, NodeId element) {
  NodeId begin = element + 1;
  NodeId end = tree_.End(element);
  if (complex.lead == Combinator::kNextSibling || complex.lead == Combinator::kLaterSibling) {
    begin = NextElement(element);
    if (begin == kNoNode) return false;
    end = tree_.End(complex.lead == Combinator::kNextSibling ? begin : tree_.node(begin).parent);
  }
  for (NodeId id = begin; id < end; ++id) {
    if (tree_.IsElement(id) && Matches(complex, id)) return true;
    if (!work_.Spend(1)) return false;
  }
  return false;
}

// ---- :contains(), :lang(), :disabled --------------------------------------------

bool CssMatcher::MatchContains(const Test& test, NodeId element) {
  const NodeId end = tree_.End(element);
  text_.clear();
  for (NodeId id = element + 1; id < end; ++id) {
    const Node& node = tree_.node(id);
    if (!work_.Spend(1 + static_cast<std::int64_t>(node.text.size() / 16))) return false;
    if (node.type == html::NodeType::kText) text_.append(node.text);
  }
  return text_.find(test.text) != std::string::npos;
}

bool CssMatcher::MatchLang(const Test& test, NodeId element) const {
  std::optional<std::string_view> language;
  for (NodeId id = element; id != kNoNode && !language; id = tree_.node(id).parent) {
    const Node& node = tree_.node(id);
    if (node.ns != html::Namespace::kHtml) language = tree_.Find(node, Known("xml:lang"));
    if (!language) language = tree_.Find(node, Known("lang"));
  }
  std::string_view ranges = test.text;
  do {
    if (language && IsInLanguageRange(*language, TakePart(&ranges, ','))) return true;
  } while (language && !ranges.empty());
  return false;
}

// https://html.spec.whatwg.org/multipage/semantics-other.html#concept-element-disabled
bool CssMatcher::IsDisabled(NodeId element) const {
  const Node& node = tree_.node(element);
  if (!IsHtmlIn(node, kCanBeDisabled)) return false;
  if (tree_.Find(node, Known("disabled"))) return true;
  if (IsHtml(node, Known("option"))) {
    const Node& parent = tree_.node(node.parent);
    return IsHtml(parent, Known("optgroup")) && tree_.Find(parent, Known("disabled")).has_value();
  }
  if (!IsHtmlIn(node, kControls)) return false;
  // A disabled fieldset disables the controls in it, except those in its first legend.
  NodeId below = element;
  for (NodeId up = node.parent; up != kNoNode; below = up, up = tree_.node(up).parent) {
    const Node& fieldset = tree_.node(up);
    if (!IsHtml(fieldset, Known("fieldset")) || !tree_.Find(fieldset, Known("disabled"))) continue;
    NodeId legend = fieldset.first_child;
    while (legend != kNoNode && !IsHtml(tree_.node(legend), Known("legend"))) {
      if (!work_.Spend(1)) return false;
      legend = tree_.node(legend).next_sibling;
    }
    if (below != legend) return true;
  }
  return false;
}

}  // namespace thresh::select::css
