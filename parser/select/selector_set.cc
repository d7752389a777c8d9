#include "parser/select/selector_set.h"

#include <utility>

namespace thresh::select {

SelectorSet::Id SelectorSet::Add(CssSelector selector, Need need, Id within) {
  selectors_.push_back({std::move(selector), need, within});
  return static_cast<Id>(selectors_.size() - 1);
}

void SelectorRun::Start(const SelectorSet& set, const html::Tree& tree, WorkBudget& work) {
  set_ = &set;
  tree_ = &tree;
  work_ = &work;
  hits_.resize(set.size());
}

std::span<const Hit> SelectorRun::All(SelectorSet::Id id, html::NodeId scope) {
  set_->selector(id).SelectAll(*tree_, scope, *work_, &hits_[id]);
  return hits_[id];
}

std::optional<Hit> SelectorRun::First(SelectorSet::Id id, html::NodeId scope) {
  return set_->selector(id).SelectFirst(*tree_, scope, *work_);
}

}  // namespace thresh::select
