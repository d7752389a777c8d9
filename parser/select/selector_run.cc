#include <algorithm>
#include <bit>

#include "parser/select/css_matcher.h"
#include "parser/select/selector_set.h"

namespace thresh::select {
namespace {

using html::kDocumentNode;
using html::NodeId;

constexpr std::size_t kMaxKeptHits = std::size_t{1} << 16;
constexpr std::int64_t kStepsPerHit = 8;  // Its memory costs more than its match.

}  // namespace

void SelectorRun::Start(const SelectorSet& set, const html::Tree& tree, WorkBudget& work) {
  set_ = &set;
  tree_ = &tree;
  work_ = &work;
  ended_scope_ = html::kNoNode;
  Reset();
  Walk();
}

void SelectorRun::Reset() {
  if (states_.size() < set_->size()) states_.resize(set_->size());
  for (State& state : states_) {
    if (state.hits.capacity() > kMaxKeptHits) std::vector<Hit>().swap(state.hits);
    state.hits.clear();
    state.row_begin = state.row_end = state.cursor_scope = 0;
    state.cursor = 0;
  }
}

// ---- The walk -------------------------------------------------------------------

// The first node from `id` on that an entry may be for: most of a page's are passed over here.
inline NodeId SelectorRun::NextTried(NodeId id) const {
  const SelectorSet& set = *set_;
  const NodeId size = tree_->size();
  if (!set.others_.empty()) return id;
  const bool has_attributes = set.by_attribute_.lists.size() > 1;
  const std::uint64_t tokens = set.token_bits_used_;
  const std::span<const std::uint32_t> tags = set.by_tag_.slots;
  for (; id < size; ++id) {
    const html::Node& node = tree_->node(id);
    if ((node.token_bits & tokens) != 0) break;
    if (node.name < tags.size() && tags[node.name] != 0) break;
    if (has_attributes && node.attribute_count > 0) break;
  }
  return id;
}

void SelectorRun::Walk() {
  const SelectorSet& set = *set_;
  css::CssMatcher matcher(set.program_, *tree_, kDocumentNode, *work_);
  for (const SelectorSet::Target& target : set.document_targets_) Found(target, kDocumentNode);
  const NodeId size = tree_->size();
  if (!work_->Spend(size)) return;
  const bool has_attributes = set.by_attribute_.lists.size() > 1;
  for (NodeId id = NextTried(1); id < size; id = NextTried(id + 1)) {
    const html::Node& node = tree_->node(id);
    if (node.type != html::NodeType::kElement) continue;
    for (std::uint64_t rest = node.token_bits & set.token_bits_used_; rest != 0; rest &= rest - 1) {
      Try(set.by_token_bit_[static_cast<std::size_t>(std::countr_zero(rest))], node, id, matcher);
    }
    Try(set.by_tag_.Find(node.name), node, id, matcher);
    for (std::uint32_t i = 0; has_attributes && i < node.attribute_count; ++i) {
      Try(set.by_attribute_.Find(tree_->attribute(node, i).name), node, id, matcher);
    }
    Try(set.others_, node, id, matcher);
  }
}

void SelectorRun::Try(const SelectorSet::Entries& entries, const html::Node& node, NodeId id,
                      css::CssMatcher& matcher) {
  const bool is_html = node.ns == html::Namespace::kHtml;
  for (const SelectorSet::Entry& entry : entries) {
    if ((node.token_bits & entry.token_bits) != entry.token_bits) continue;
    const html::Atom tag = is_html ? entry.tag_lower : entry.tag;
    if (tag != html::kNoAtom && tag != node.name) continue;
    const SelectorSet::Pattern& pattern = set_->patterns_[entry.pattern];
    const auto wants = [&](const SelectorSet::Target& target) { return Wants(target, id); };
    if (std::none_of(pattern.targets.begin(), pattern.targets.end(), wants)) continue;
    if (!matcher.Matches(pattern.complex, id)) continue;
    for (const SelectorSet::Target& target : pattern.targets) {
      if (Wants(target, id)) Found(target, id);
    }
  }
}

// Whether a hit here could be one that All() or First() will be asked about. For
// First(), any row that holds `id` began at or before the latest row, so a hit after
// that lies in the same rows and comes earlier.
bool SelectorRun::Wants(const SelectorSet::Target& target, NodeId id) const {
  const SelectorSet::Selector& selector = set_->selectors_[target.selector];
  NodeId row_begin = kDocumentNode;
  if (selector.limit != SelectorSet::kPage) {
    const State& rows = states_[selector.limit];
    if (id >= rows.row_end) return false;
    row_begin = rows.row_begin;
  }
  const std::vector<Hit>& hits = states_[target.selector].hits;
  if (!selector.first_only || hits.empty()) return true;
  return hits.back().node <= row_begin || hits.back().node == id;
}

void SelectorRun::Found(const SelectorSet::Target& target, NodeId id) {
  State& state = states_[target.selector];
  if (!state.hits.empty() && state.hits.back().node == id) return AddBranch(target, id);
  work_->Spend(kStepsPerHit);
  state.hits.push_back({id, target.branch});
  if (!set_->selectors_[target.selector].is_rows) return;
  state.row_begin = id;
  state.row_end = std::max(state.row_end, tree_->End(id));
}

// A node comes once for each group of branches, under the first branch of the group,
// and in the order of the branches; patterns are tried in any order.
void SelectorRun::AddBranch(const SelectorSet::Target& target, NodeId id) {
  const auto& branches = set_->selector(target.selector).program_.branches;
  std::vector<Hit>& hits = states_[target.selector].hits;
  auto at = hits.end();
  while (at != hits.begin() && std::prev(at)->node == id) --at;
  for (auto hit = at; hit != hits.end(); ++hit) {
    if (branches[hit->branch].pseudo_group != branches[target.branch].pseudo_group) continue;
    if (hit->branch <= target.branch) return;
    hits.erase(hit);
    break;
  }
  while (at != hits.end() && at->branch < target.branch) ++at;
  hits.insert(at, {id, target.branch});
}

// ---- What was found -------------------------------------------------------------

std::size_t SelectorRun::Seek(State& state, NodeId scope) const {
  const auto before = [scope](const Hit& hit) { return hit.node <= scope; };
  if (scope < state.cursor_scope) {
    state.cursor = static_cast<std::size_t>(
        std::partition_point(state.hits.begin(), state.hits.end(), before) - state.hits.begin());
  }
  while (state.cursor < state.hits.size() && before(state.hits[state.cursor])) ++state.cursor;
  state.cursor_scope = scope;
  return state.cursor;
}

NodeId SelectorRun::EndOf(NodeId scope) {
  if (scope != ended_scope_) scope_end_ = tree_->End(scope);
  ended_scope_ = scope;
  return scope_end_;
}

std::span<const Hit> SelectorRun::All(SelectorSet::Id id, NodeId scope) {
  State& state = states_[id];
  if (!set_->selectors_[id].walks) {
    set_->selector(id).SelectAll(*tree_, scope, *work_, &state.hits);
    return state.hits;
  }
  if (scope == kDocumentNode) return state.hits;
  const std::size_t begin = Seek(state, scope);
  const NodeId scope_end = EndOf(scope);
  std::size_t end = begin;
  while (end < state.hits.size() && state.hits[end].node < scope_end) ++end;
  work_->Spend(static_cast<std::int64_t>(end - begin));
  return std::span(state.hits).subspan(begin, end - begin);
}

std::optional<Hit> SelectorRun::First(SelectorSet::Id id, NodeId scope) {
  if (!set_->selectors_[id].walks) return set_->selector(id).SelectFirst(*tree_, scope, *work_);
  State& state = states_[id];
  const std::size_t begin = scope == kDocumentNode ? 0 : Seek(state, scope);
  if (begin == state.hits.size()) return std::nullopt;
  const Hit& hit = state.hits[begin];
  return hit.node < EndOf(scope) ? std::optional(hit) : std::nullopt;
}

}  // namespace thresh::select
