// What a single simple selector asks of an element.

#include <algorithm>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/css_matcher.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::Known;
using html::KnownSet;
using html::Node;
using html::NodeId;

constexpr KnownSet kLinks({"a", "area"});

bool Equal(std::string_view a, std::string_view b, bool ignore_case) {
  return a.size() == b.size() && (ignore_case ? html::EqualsIgnoreCase(a, b) : a == b);
}

bool Contains(std::string_view text, std::string_view part, bool ignore_case) {
  if (!ignore_case) return text.find(part) != std::string_view::npos;
  const auto same = [](char x, char y) { return html::ToLower(x) == html::ToLower(y); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool HasToken(std::string_view list, std::string_view token, bool ignore_case) {
  if (ignore_case) {
    return html::AnyToken(
        list, [&](std::string_view word) { return html::EqualsIgnoreCase(word, token); });
  }
  if (token.empty()) return false;
  for (std::size_t at = list.find(token); at != std::string_view::npos;
       at = list.find(token, at + 1)) {
    const std::size_t end = at + token.size();
    if ((at == 0 || html::IsSpace(list[at - 1])) &&
        (end == list.size() || html::IsSpace(list[end]))) {
      return token.find_first_of(" \t\n\f\r") == std::string_view::npos;
    }
  }
  return false;
}

}  // namespace

bool CssMatcher::MatchTest(const Test& test, NodeId id, const Node& node) {
  switch (test.kind) {
    case TestKind::kId:
    case TestKind::kClass: return MatchName(test, node);
    case TestKind::kAttrExists:
    case TestKind::kAttrEquals:
    case TestKind::kAttrDiffers:
    case TestKind::kAttrIncludes:
    case TestKind::kAttrDash:
    case TestKind::kAttrPrefix:
    case TestKind::kAttrSuffix:
    case TestKind::kAttrSubstring: return MatchAttribute(test, node);
    case TestKind::kRoot: return node.parent == html::kDocumentNode;
    case TestKind::kScope:
      return scope_ == html::kDocumentNode ? node.parent == scope_ : id == scope_;
    case TestKind::kFirstChild: return PrevElement(id) == kNoNode && !work_.exhausted();
    case TestKind::kLastChild: return NextElement(id) == kNoNode && !work_.exhausted();
    case TestKind::kEmpty: return IsEmpty(node);
    case TestKind::kLink: return IsLink(node);
    case TestKind::kNthChild:
    case TestKind::kNthLastChild:
    case TestKind::kNthOfType:
    case TestKind::kNthLastOfType: return MatchNth(test, id);
    case TestKind::kLang: return MatchLang(test, id);
    case TestKind::kDir: return IsRightToLeft(id) == (test.text == "rtl");
    case TestKind::kIs: return MatchAny(test.list, id);
    case TestKind::kNot: return !MatchAny(test.list, id) && !work_.exhausted();
    case TestKind::kNthChildOf:
    case TestKind::kNthLastChildOf: return MatchNthOf(test, id);
    case TestKind::kHas: return MatchHas(test.list, id);
    case TestKind::kContains: return MatchContains(test, id);
    case TestKind::kBlank:
    case TestKind::kIndeterminate:
    case TestKind::kInRange:
    case TestKind::kOutOfRange: return MatchValue(test, id, node);
    default: return MatchForm(test, id, node);
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
  for (NodeId id = node.first_child; id != kNoNode; id = tree_.node(id).next_sibling) {
    if (!work_.Spend(1)) return false;
    const Node& child = tree_.node(id);
    if (child.type == html::NodeType::kElement) return false;
    if (child.type == html::NodeType::kText && !child.text.empty()) return false;
  }
  return true;
}

bool CssMatcher::IsLink(const Node& node) const {
  if (node.ns == html::Namespace::kHtml) return kLinks.Has(node.name) && Has(node, Known("href"));
  return node.ns == html::Namespace::kSvg && node.name == Known("a") &&
         (Has(node, Known("href")) || Has(node, program_.names.xlink_href));
}

// ---- :contains() ----------------------------------------------------------------

bool CssMatcher::MatchContains(const Test& test, NodeId element) const {
  const std::string_view wanted = test.text;
  if (wanted.empty()) return true;
  const NodeId end = tree_.End(element);
  for (NodeId id = element + 1; id < end; ++id) {
    const Node& node = tree_.node(id);
    const std::size_t overlap = std::min(node.text.size(), wanted.size() - 1);
    if (!work_.Spend(1 + static_cast<std::int64_t>((node.text.size() + overlap) / 16))) break;
    if (node.type != html::NodeType::kText) continue;
    if (node.text.find(wanted) != std::string_view::npos) return true;
    // It may begin at the end of this text and go on in the next ones.
    for (std::size_t size = overlap; size > 0; --size) {
      if (!node.text.ends_with(wanted.substr(0, size))) continue;
      if (GoesOn(wanted.substr(size), id + 1, end)) return true;
    }
  }
  return false;
}

// Whether the text from node `from` on begins with `rest`.
bool CssMatcher::GoesOn(std::string_view rest, NodeId from, NodeId end) const {
  for (NodeId id = from; id < end && work_.Spend(1); ++id) {
    const Node& node = tree_.node(id);
    if (node.type != html::NodeType::kText) continue;
    if (node.text.size() >= rest.size()) return node.text.starts_with(rest);
    if (!rest.starts_with(node.text)) return false;
    rest.remove_prefix(node.text.size());
  }
  return false;
}

}  // namespace thresh::select::css
