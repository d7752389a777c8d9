// What markup alone says about controls, forms and custom elements
// (https://html.spec.whatwg.org/multipage/semantics-other.html#pseudo-classes).

#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/css_forms.h"
#include "parser/select/css_matcher.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::Known;
using html::KnownSet;
using html::Node;
using html::NodeId;

constexpr KnownSet kDisabledByFieldset({"button", "fieldset", "input", "select", "textarea"});
constexpr KnownSet kCanBeDisabled({"button", "fieldset", "input", "optgroup", "option", "select",
                                   "textarea"});
constexpr KnownSet kCanBeRequired({"input", "select", "textarea"});
constexpr KnownSet kCanBeOpen({"details", "dialog"});

bool IsHtmlIn(const Node& node, const KnownSet& names) {
  return node.ns == html::Namespace::kHtml && names.Has(node.name);
}

}  // namespace

bool CssMatcher::MatchForm(const Test& test, NodeId id, const Node& node) const {
  if (node.ns != html::Namespace::kHtml) return test.kind == TestKind::kDefined;
  switch (test.kind) {
    case TestKind::kChecked: return IsChecked(node);
    case TestKind::kOpen: return kCanBeOpen.Has(node.name) && Has(node, program_.names.open);
    case TestKind::kDefined: return IsDefined(node);
    case TestKind::kRequired: return IsRequired(node);
    case TestKind::kOptional: return kCanBeRequired.Has(node.name) && !IsRequired(node);
    case TestKind::kPlaceholderShown: return IsPlaceholderShown(node);
    case TestKind::kDisabled: return IsDisabled(id);
    case TestKind::kEnabled: return kCanBeDisabled.Has(node.name) && !IsDisabled(id);
    case TestKind::kReadOnly: return !IsReadWrite(id) && !work_.exhausted();
    case TestKind::kReadWrite: return IsReadWrite(id);
    default: return IsDefault(id);
  }
}

std::string_view CssMatcher::TypeOf(const Node& node) const {
  return Find(node, Known("type")).value_or("");
}

bool CssMatcher::IsChecked(const Node& node) const {
  if (node.name == Known("option")) return Has(node, Known("selected"));
  return node.name == Known("input") && Has(node, Known("checked")) &&
         IsOneOf(TypeOf(node), kToggleTypes);
}

bool CssMatcher::IsRequired(const Node& node) const {
  if (!kCanBeRequired.Has(node.name) || !Has(node, program_.names.required)) return false;
  if (node.name != Known("input")) return true;
  const std::string_view type = TypeOf(node);
  return !IsOneOf(type, kButtonTypes) && !IsOneOf(type, kPickedTypes);
}

bool CssMatcher::IsPlaceholderShown(const Node& node) const {
  if (Find(node, program_.names.placeholder).value_or("").empty()) return false;
  if (node.name == Known("textarea")) return node.first_child == kNoNode;
  if (node.name != Known("input")) return false;
  const std::string_view type = TypeOf(node);
  const bool is_text = !IsOneOf(type, kButtonTypes) && !IsOneOf(type, kPickedTypes) &&
                       !IsOneOf(type, kToggleTypes) && !IsOneOf(type, kDateTypes) &&
                       !html::EqualsIgnoreCase(type, "file");
  return is_text && Find(node, program_.names.value).value_or("").empty();
}

// A custom element is defined by a script, which a page at rest does not run.
bool CssMatcher::IsDefined(const Node& node) const {
  constexpr std::string_view kReserved[] = {"annotation-xml", "color-profile", "font-face",
                                            "font-face-src",  "font-face-uri", "font-face-format",
                                            "font-face-name", "missing-glyph"};
  const std::string_view name = tree_.name(node.name);
  return name.find('-') == std::string_view::npos || IsOneOf(name, kReserved);
}

// https://html.spec.whatwg.org/multipage/semantics-other.html#concept-element-disabled
bool CssMatcher::IsDisabled(NodeId element) const {
  const Node& node = tree_.node(element);
  if (!IsHtmlIn(node, kCanBeDisabled)) return false;
  if (Has(node, Known("disabled"))) return true;
  if (IsHtml(node, Known("option"))) {
    const Node& parent = tree_.node(node.parent);
    return IsHtml(parent, Known("optgroup")) && Has(parent, Known("disabled"));
  }
  if (!IsHtmlIn(node, kDisabledByFieldset)) return false;
  // A disabled fieldset disables what is in it, except in its first legend.
  NodeId below = element;
  for (NodeId up = node.parent; up != kNoNode; below = up, up = tree_.node(up).parent) {
    const Node& fieldset = tree_.node(up);
    if (!IsHtml(fieldset, Known("fieldset")) || !Has(fieldset, Known("disabled"))) continue;
    NodeId legend = fieldset.first_child;
    while (legend != kNoNode && !IsHtml(tree_.node(legend), Known("legend"))) {
      if (!work_.Spend(1)) return false;
      legend = tree_.node(legend).next_sibling;
    }
    if (below != legend) return true;
  }
  return false;
}

// ---- :read-write ----------------------------------------------------------------

bool CssMatcher::IsReadWrite(NodeId element) const {
  const Node& node = tree_.node(element);
  const bool is_input = node.name == Known("input");
  if (!is_input && node.name != Known("textarea")) return IsEditable(element);
  if (Has(node, program_.names.readonly)) return false;
  if (is_input) {
    const std::string_view type = TypeOf(node);
    if (IsOneOf(type, kButtonTypes) || IsOneOf(type, kPickedTypes) || IsOneOf(type, kToggleTypes) ||
        html::EqualsIgnoreCase(type, "file")) {
      return false;
    }
  }
  return !IsDisabled(element);
}

// The nearest `contenteditable` that says something decides.
bool CssMatcher::IsEditable(NodeId element) const {
  constexpr std::string_view kYes[] = {"", "true", "plaintext-only"};
  for (NodeId id = element; id != kNoNode && work_.Spend(1); id = tree_.node(id).parent) {
    const auto editable = Find(tree_.node(id), program_.names.contenteditable);
    if (!editable || tree_.node(id).ns != html::Namespace::kHtml) continue;
    if (IsOneOf(*editable, kYes)) return true;
    if (html::EqualsIgnoreCase(*editable, "false")) return false;
  }
  return false;
}

// ---- :default -------------------------------------------------------------------

// Checked at the start, or the first button in the document that submits its form.
bool CssMatcher::IsDefault(NodeId element) const {
  const Node& node = tree_.node(element);
  if (IsChecked(node)) return true;
  if (!IsSubmitButton(node)) return false;
  const NodeId form = FormOf(element);
  if (form == kNoNode) return false;
  for (NodeId id = 0; id < element; ++id) {
    if (!work_.Spend(1)) return false;
    if (IsSubmitButton(tree_.node(id)) && FormOf(id) == form) return false;
  }
  return !work_.exhausted();
}

bool CssMatcher::IsSubmitButton(const Node& node) const {
  if (IsHtml(node, Known("input"))) {
    return IsOneOf(TypeOf(node), {"submit", "image"});
  }
  return IsHtml(node, Known("button")) && !IsOneOf(TypeOf(node), {"reset", "button"});
}

// The form that `form=ID` names, else the nearest around it.
NodeId CssMatcher::FormOf(NodeId control) const {
  const auto wanted = Find(tree_.node(control), program_.names.form);
  if (!wanted) {
    NodeId up = tree_.node(control).parent;
    while (up != kNoNode && work_.Spend(1) && !IsHtml(tree_.node(up), Known("form"))) {
      up = tree_.node(up).parent;
    }
    return work_.exhausted() ? kNoNode : up;
  }
  const std::uint64_t bits = html::IdBits(*wanted);
  for (NodeId id = 1; id < tree_.size() && work_.Spend(1); ++id) {
    const Node& node = tree_.node(id);
    if ((node.token_bits & bits) != bits || Find(node, Known("id")) != wanted) continue;
    return IsHtml(node, Known("form")) ? id : kNoNode;
  }
  return kNoNode;
}

}  // namespace thresh::select::css
