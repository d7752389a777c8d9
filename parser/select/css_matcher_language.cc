// :lang() and :dir().

#include <algorithm>
#include <string_view>

#include <unicode/uchar.h>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"
#include "parser/select/css_matcher.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::Known;
using html::KnownSet;
using html::Node;
using html::NodeId;
using html::NodeType;

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

// The direction of the first letter that has one; true is right to left.
std::optional<bool> FirstStrong(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = DecodeUtf8(text, at);
    const UCharDirection direction = u_charDirection(static_cast<UChar32>(c.code_point));
    if (direction == U_LEFT_TO_RIGHT) return false;
    if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) return true;
    at += c.length;
  }
  return std::nullopt;
}

bool IsHtml(const Node& node, html::Atom name) {
  return node.ns == html::Namespace::kHtml && node.name == name;
}

// `dir` where it says something: 'l', 'r' or 'a'; else 0.
char DirOf(std::string_view value) {
  if (html::EqualsIgnoreCase(value, "ltr")) return 'l';
  if (html::EqualsIgnoreCase(value, "rtl")) return 'r';
  return html::EqualsIgnoreCase(value, "auto") ? 'a' : '\0';
}

}  // namespace

// ---- :lang() --------------------------------------------------------------------

// The nearest `lang`, else the page's own language
// (https://html.spec.whatwg.org/multipage/dom.html#language).
bool CssMatcher::MatchLang(const Test& test, NodeId element) {
  std::optional<std::string_view> language;
  for (NodeId id = element; id != kNoNode && !language; id = tree_.node(id).parent) {
    if (!work_.Spend(1)) return false;
    const Node& node = tree_.node(id);
    if (node.ns != html::Namespace::kHtml) language = Find(node, Known("xml:lang"));
    if (!language) language = Find(node, Known("lang"));
  }
  if (!language) {
    if (!page_language_) page_language_ = PageLanguage();
    if (page_language_->empty()) return false;
    language = page_language_;
  }
  std::string_view ranges = test.text;
  do {
    if (IsInLanguageRange(*language, TakePart(&ranges, ','))) return true;
  } while (!ranges.empty());
  return false;
}

// <meta http-equiv=content-language>: its first word, unless it is a list.
std::string_view CssMatcher::PageLanguage() const {
  std::string_view language;
  for (NodeId id = 1; id < tree_.size() && work_.Spend(1); ++id) {
    const Node& node = tree_.node(id);
    if (!IsHtml(node, Known("meta"))) continue;
    const auto pragma = Find(node, program_.names.http_equiv);
    const auto content = Find(node, program_.names.content);
    if (!pragma || !content || !html::EqualsIgnoreCase(*pragma, "content-language")) continue;
    if (content->find(',') != std::string_view::npos) continue;
    html::AnyToken(*content, [&](std::string_view word) {
      language = word;
      return true;
    });
  }
  return language;
}

// ---- :dir() (https://html.spec.whatwg.org/multipage/dom.html#the-directionality) ------

bool CssMatcher::IsRightToLeft(NodeId element) const {
  for (NodeId id = element; id != kNoNode && work_.Spend(1); id = tree_.node(id).parent) {
    const Node& node = tree_.node(id);
    if (node.ns != html::Namespace::kHtml || node.type != NodeType::kElement) continue;
    const char dir = DirOf(Find(node, Known("dir")).value_or(""));
    if (dir == 'l' || dir == 'r') return dir == 'r';
    if (dir == 'a' && node.name == Known("input")) {
      return FirstStrong(Find(node, program_.names.value).value_or("")).value_or(false);
    }
    if (dir == 'a' || node.name == program_.names.bdi) return TextDirection(id).value_or(false);
    const bool is_phone = node.name == Known("input") &&
                          html::EqualsIgnoreCase(Find(node, Known("type")).value_or(""), "tel");
    if (is_phone) return false;
  }
  return false;
}

// By the text inside, without what has a direction of its own.
std::optional<bool> CssMatcher::TextDirection(NodeId element) const {
  constexpr KnownSet kOwnDirection({"script", "style", "textarea"});
  const NodeId end = tree_.End(element);
  NodeId id = element + 1;
  while (id < end) {
    const Node& node = tree_.node(id);
    if (!work_.Spend(1 + static_cast<std::int64_t>(node.text.size() / 16))) break;
    const bool is_text = node.type == NodeType::kText;
    if (const auto direction = is_text ? FirstStrong(node.text) : std::nullopt) return direction;
    const bool apart = node.type == NodeType::kElement && node.ns == html::Namespace::kHtml &&
                       (kOwnDirection.Has(node.name) || node.name == program_.names.bdi ||
                        DirOf(Find(node, Known("dir")).value_or("")) != '\0');
    id = apart ? tree_.End(id) : id + 1;
  }
  return std::nullopt;
}

}  // namespace thresh::select::css
