#include "cli/shell/page_names.h"

#include "parser/html/ascii.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxNames = 20'000;  // Of a kind.

bool IsNameByte(char c) {
  return html::IsAlpha(c) || html::IsDigit(c) || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// A name that can be typed without escapes.
bool IsPlain(std::string_view name) {
  if (name.empty() || html::IsDigit(name.front())) return false;
  for (const char c : name) {
    if (!IsNameByte(c)) return false;
  }
  return true;
}

void Keep(std::string_view name, std::set<std::string, std::less<>>* names) {
  if (names->size() < kMaxNames && IsPlain(name) && !names->contains(name)) names->emplace(name);
}

}  // namespace

void PageNames::Clear() {
  *this = PageNames();
}

Completions PageNames::Complete(ExpressionKind kind, std::string_view before, Document& document) {
  if (!read_) Read(document);
  std::size_t begin = before.size();
  while (begin > 0 && IsNameByte(before[begin - 1])) --begin;
  const std::string_view typed = before.substr(begin);
  Completions found{.begin = begin};
  const Names& names = NamesAfter(kind, before.substr(0, begin));
  for (auto name = names.lower_bound(typed); name != names.end(); ++name) {
    if (!name->starts_with(typed)) break;
    found.words.push_back(*name);
  }
  return found;
}

const PageNames::Names& PageNames::NamesAfter(ExpressionKind kind, std::string_view before) const {
  static const Names kNone;
  if (kind == ExpressionKind::kJson) return before.empty() ? kNone : keys_;
  if (before.ends_with('@') || before.ends_with('[') || before.ends_with("attr(")) {
    return kind == ExpressionKind::kXPath && before.ends_with('[') ? elements_ : attributes_;
  }
  if (kind == ExpressionKind::kXPath) return elements_;
  if (before.ends_with('.')) return classes_;
  if (before.ends_with('#')) return ids_;
  return before.ends_with(':') ? kNone : elements_;
}

void PageNames::Read(Document& document) {
  read_ = true;
  if (document.is_json()) {
    std::size_t roots = 0;
    (void)document.ForEachRoot([&](simdjson::dom::element root) {
      ReadKeys(root);
      return ++roots < 1000;
    });
    return;
  }
  const html::Tree& tree = document.tree();
  for (html::NodeId id = 0; id < tree.size(); ++id) {
    if (tree.IsElement(id)) ReadElement(tree, tree.node(id));
  }
}

void PageNames::ReadElement(const html::Tree& tree, const html::Node& element) {
  Keep(tree.name(element.name), &elements_);
  for (std::uint32_t i = 0; i < element.attribute_count; ++i) {
    const html::Attribute& attribute = tree.attribute(element, i);
    Keep(tree.name(attribute.name), &attributes_);
    if (attribute.name == html::Known("id")) Keep(attribute.value, &ids_);
    if (attribute.name != html::Known("class")) continue;
    html::AnyToken(attribute.value, [this](std::string_view token) {
      Keep(token, &classes_);
      return false;
    });
  }
}

void PageNames::ReadKeys(simdjson::dom::element value) {
  if (value.is_array()) {
    for (const simdjson::dom::element entry : value.get_array()) ReadKeys(entry);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.get_object()) {
      Keep(key, &keys_);
      ReadKeys(member);
    }
  }
}

}  // namespace thresh
