#include "parser/select/css_selector.h"

#include <algorithm>

#include "parser/html/serialize.h"
#include "parser/select/css_matcher.h"
#include "parser/select/css_parser.h"
#include "parser/select/text.h"

namespace thresh::select {
namespace {

using css::Branch;
using css::Combinator;
using html::NodeId;

// Whether the compounds and tests of `program` ask for `:scope`.
bool AsksForScope(const css::Program& program) {
  return std::any_of(program.tests.begin(), program.tests.end(),
                     [](const css::Test& test) { return test.kind == css::TestKind::kScope; });
}

bool StartsAtSibling(const Branch& branch) {
  return branch.complex.lead == Combinator::kNextSibling ||
         branch.complex.lead == Combinator::kLaterSibling;
}

bool IsScopeItself(const Branch& branch) {
  return branch.complex.compounds.count == 0;
}

bool IsChildOfScope(const Branch& branch) {
  return branch.complex.lead == Combinator::kChild && branch.complex.compounds.count == 2;
}

std::optional<std::string_view> AttributeValue(const html::Tree& tree, NodeId node,
                                               const PseudoElement& pseudo) {
  const html::Node& element = tree.node(node);
  const bool is_html = element.ns == html::Namespace::kHtml;
  return tree.Find(element, is_html ? pseudo.name_lower : pseudo.name);
}

}  // namespace

Result<CssSelector> CssSelector::Compile(std::string_view css, html::NameTable& names,
                                         std::size_t* error_offset) {
  CssSelector selector;
  css::CssParser parser(css, names);
  if (!parser.Parse(&selector.program_)) {
    if (error_offset != nullptr) *error_offset = parser.scanner().error_offset();
    return Error{Errc::kInvalid, parser.scanner().error_detail()};
  }
  selector.needs_scope_ = AsksForScope(selector.program_);
  for (const Branch& branch : selector.program_.branches) {
    Reach reach = Reach::kDescendants;
    if (IsScopeItself(branch)) reach = Reach::kScopeItself;
    if (IsChildOfScope(branch)) reach = Reach::kChildren;
    if (StartsAtSibling(branch)) reach = Reach::kSiblings;
    selector.reach_ = std::max(selector.reach_, reach);
    selector.needs_scope_ =
        selector.needs_scope_ || IsScopeItself(branch) || branch.complex.lead != Combinator::kNone;
  }
  return selector;
}

// Calls `found(hit)` in document order until it returns false.
template <typename Found>
void CssSelector::Run(const html::Tree& tree, NodeId scope, WorkBudget& work, Found found) const {
  css::CssMatcher matcher(program_, tree, scope, work);
  const NodeId scope_end = tree.End(scope);
  const NodeId parent = tree.node(scope).parent;
  const bool leaves = reach_ == Reach::kSiblings && parent != html::kNoNode;
  const NodeId end = leaves ? tree.End(parent) : scope_end;
  const auto next = [&](NodeId id) {
    if (reach_ == Reach::kDescendants || reach_ == Reach::kSiblings) return id + 1;
    if (reach_ == Reach::kScopeItself) return end;
    const html::Node& node = tree.node(id);  // The scope or a child of it.
    return std::min(id == scope ? node.first_child : node.next_sibling, end);
  };
  const auto takes = [&](const Branch& branch, NodeId id) {
    if (id == scope || IsScopeItself(branch)) return id == scope && IsScopeItself(branch);
    return (id < scope_end || StartsAtSibling(branch)) && matcher.Matches(branch.complex, id);
  };
  for (NodeId id = scope; id < end && work.Spend(1); id = next(id)) {
    if (id != scope && !tree.IsElement(id)) continue;
    std::uint64_t groups_hit = 0;
    for (std::size_t i = 0; i < program_.branches.size(); ++i) {
      const Branch& branch = program_.branches[i];
      const std::uint64_t group = std::uint64_t{1} << branch.pseudo_group;
      if ((groups_hit & group) != 0 || !takes(branch, id)) continue;
      groups_hit |= group;
      if (!found(Hit{id, static_cast<std::uint16_t>(i)})) return;
    }
  }
}

void CssSelector::SelectAll(const html::Tree& tree, NodeId scope, WorkBudget& work,
                            std::vector<Hit>* hits) const {
  hits->clear();
  Run(tree, scope, work, [hits](const Hit& hit) {
    hits->push_back(hit);
    return true;
  });
}

std::optional<Hit> CssSelector::SelectFirst(const html::Tree& tree, NodeId scope,
                                            WorkBudget& work) const {
  std::optional<Hit> first;
  Run(tree, scope, work, [&first](const Hit& hit) {
    first = hit;
    return false;
  });
  return first;
}

bool CssSelector::Matches(const html::Tree& tree, NodeId node, NodeId scope,
                          WorkBudget& work) const {
  css::CssMatcher matcher(program_, tree, scope, work);
  for (const Branch& branch : program_.branches) {
    if (IsScopeItself(branch) ? node == scope
                              : tree.IsElement(node) && matcher.Matches(branch.complex, node)) {
      return true;
    }
  }
  return false;
}

const PseudoElement& CssSelector::Taken(const Hit& hit, const PseudoElement& otherwise) const {
  const PseudoElement& own = pseudo(hit.branch);
  return own.kind == PseudoElement::Kind::kNone ? otherwise : own;
}

bool CssSelector::AppendValue(const html::Tree& tree, const Hit& hit,
                              const PseudoElement& otherwise, std::string* out) const {
  return AppendPseudoValue(tree, hit.node, Taken(hit, otherwise), out);
}

std::optional<std::string_view> CssSelector::ValueView(const html::Tree& tree, const Hit& hit,
                                                       const PseudoElement& otherwise,
                                                       std::string* scratch) const {
  return PseudoView(tree, hit.node, Taken(hit, otherwise), scratch);
}

std::optional<std::string> CssSelector::Value(const html::Tree& tree, const Hit& hit,
                                              const PseudoElement& otherwise) const {
  std::string value;
  if (!AppendValue(tree, hit, otherwise, &value)) return std::nullopt;
  return value;
}

PseudoElement AttrPseudoElement(std::string_view name, html::NameTable& names) {
  const html::Atom atom = names.Intern(name);
  return {PseudoElement::Kind::kAttr, atom, atom};
}

bool AppendPseudoValue(const html::Tree& tree, NodeId node, const PseudoElement& pseudo,
                       std::string* out) {
  switch (pseudo.kind) {
    case PseudoElement::Kind::kNone: return false;
    case PseudoElement::Kind::kText: AppendText(tree, node, out); return true;
    case PseudoElement::Kind::kOwnText: AppendOwnText(tree, node, out); return true;
    case PseudoElement::Kind::kLines: AppendLines(tree, node, out); return true;
    case PseudoElement::Kind::kHtml: html::AppendOuterHtml(tree, node, out); return true;
    case PseudoElement::Kind::kAttr: break;
  }
  const auto value = AttributeValue(tree, node, pseudo);
  if (value) out->append(*value);
  return value.has_value();
}

std::optional<std::string_view> PseudoView(const html::Tree& tree, NodeId node,
                                           const PseudoElement& pseudo, std::string* scratch) {
  if (pseudo.kind == PseudoElement::Kind::kAttr) return AttributeValue(tree, node, pseudo);
  if (pseudo.kind == PseudoElement::Kind::kText) return TextView(tree, node, scratch);
  scratch->clear();
  if (!AppendPseudoValue(tree, node, pseudo, scratch)) return std::nullopt;
  return *scratch;
}

}  // namespace thresh::select
