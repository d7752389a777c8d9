#pragma once

// XPathEvaluator: runs a Program on a Tree. Made for one evaluation, on the stack.
//
// Node-sets are lists in document order without duplicates. Each step works on the
// whole list of nodes that the one before it found, so that subtrees which overlap
// are walked once. Everything spends the budget; once it is exhausted, whatever
// is being computed ends with some value.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/html/tree.h"
#include "parser/select/work_budget.h"
#include "parser/select/xpath_axes.h"
#include "parser/select/xpath_node.h"
#include "parser/select/xpath_program.h"
#include "parser/select/xpath_scratch.h"

namespace thresh::select::xpath {

using NodeList = std::vector<XPathNode>;

/// XPath 1.0, section 1.
struct Context {
  XPathNode node;
  std::uint32_t position = 1;
  std::uint32_t size = 1;
};

/// How much of a node-set matters.
enum class Need : std::uint8_t {
  kAll,
  kFirst,  ///< The first in document order; there may be more after it.
  kAny,    ///< Whether it has one.
};

class XPathEvaluator {
 public:
  XPathEvaluator(const Program& program, const html::Tree& tree, WorkBudget& work,
                 XPathScratch& scratch)
      : program_(program),
        tree_(tree),
        work_(work),
        axes_(program, tree, work),
        scratch_(scratch) {}

  /// Adds to `found`, which is empty. REQUIRES: the expression's type is kNodes.
  void Nodes(ExprId id, const Context& context, Need need, NodeList* found);
  [[nodiscard]] bool Boolean(ExprId id, const Context& context);
  [[nodiscard]] double Number(ExprId id, const Context& context);
  /// What it returns may lie in `buffer`, which it replaces.
  [[nodiscard]] std::string_view String(ExprId id, const Context& context, std::string* buffer);

 private:
  // Node-sets: xpath_steps.cc.
  void Path(const Expr& path, const Context& context, Need need, NodeList* found);
  void Filter(const Expr& filter, const Context& context, Need need, NodeList* found);
  void Union(const Expr& all, const Context& context, Need need, NodeList* found);
  void RunStep(const Step& step, std::span<const XPathNode> from, Need need, NodeList* found);
  void RunMerged(const Step& step, std::span<const XPathNode> from, Need need, NodeList* found);
  void RunPositional(const Step& step, std::span<const XPathNode> from, Need need, NodeList* found);
  bool RunPositionalAt(const Step& step, XPathNode from, Need need, NodeList* survivors,
                       NodeList* found);
  template <typename Visit>
  void WalkMerged(const Step& step, std::span<const XPathNode> from, Visit visit);
  template <typename Visit>
  void WalkFollowing(const Step& step, std::span<const XPathNode> from, Visit visit);
  template <typename Visit>
  void WalkAncestors(const Step& step, std::span<const XPathNode> from, Visit visit);
  template <typename Visit>
  void WalkSiblings(const Step& step, std::span<const XPathNode> from, Visit visit);
  template <typename Visit>
  bool ForEachStart(const Step& step, std::span<const XPathNode> from, Visit visit);
  [[nodiscard]] bool Holds(const Predicate& predicate, const Context& context);
  [[nodiscard]] bool HoldsAll(const Step& step, XPathNode node);
  void Choose(const Predicate& predicate, NodeList* nodes);

  // Comparisons: xpath_compare.cc.
  [[nodiscard]] bool Compare(const Expr& comparison, const Context& context);
  [[nodiscard]] bool CompareValues(Op op, ExprId left, ExprId right, const Context& context);
  [[nodiscard]] bool CompareNodes(Op op, ExprId nodes, ExprId other, const Context& context);
  [[nodiscard]] bool OrderNodeSets(Op op, ExprId left, ExprId right, const Context& context);
  [[nodiscard]] bool CompareNodeSets(Op op, ExprId left, ExprId right, const Context& context);
  /// Whether `visit(string-value)` says true for one of the nodes.
  template <typename Visit>
  bool AnyStringValue(ExprId nodes, const Context& context, Visit visit);

  // Functions: xpath_calls.cc.
  [[nodiscard]] bool CallBoolean(const Expr& call, const Context& context);
  [[nodiscard]] double CallNumber(const Expr& call, const Context& context);
  [[nodiscard]] std::string_view CallString(const Expr& call, const Context& context,
                                            std::string* buffer);
  void CallId(const Expr& call, const Context& context, NodeList* found);
  [[nodiscard]] std::string_view CallSubstring(const Expr& call, const Context& context,
                                               std::string* buffer);
  [[nodiscard]] std::string_view CallTranslate(const Expr& call, const Context& context,
                                               std::string* buffer);
  [[nodiscard]] std::string_view CallNameOf(const Expr& call, const Context& context);
  [[nodiscard]] bool CallLang(const Expr& call, const Context& context);
  [[nodiscard]] bool CallHasClass(const Expr& call, const Context& context);

  /// `or` and `and`.
  [[nodiscard]] bool Chain(const Expr& chain, const Context& context);
  [[nodiscard]] std::optional<std::string_view> AttributeOf(XPathNode node, html::Atom name);
  [[nodiscard]] double Arithmetic(const Expr& expr, const Context& context);
  [[nodiscard]] std::string_view StringOfNodes(ExprId id, const Context& context,
                                               std::string* buffer);
  /// What it returns may lie in `buffer`, which it replaces.
  [[nodiscard]] std::string_view StringValue(XPathNode node, std::string* buffer);

  [[nodiscard]] const Expr& expr(ExprId id) const noexcept { return program_.exprs[id]; }
  [[nodiscard]] ExprId Argument(const Expr& call, int index) const noexcept;
  /// As handling `bytes` of text takes time.
  bool SpendBytes(std::size_t bytes) noexcept {
    return work_.Spend(1 + static_cast<std::int64_t>(bytes / 8));
  }

  const Program& program_;
  const html::Tree& tree_;
  WorkBudget& work_;
  const XPathAxes axes_;
  XPathScratch& scratch_;
};

template <typename Visit>
bool XPathEvaluator::AnyStringValue(ExprId nodes, const Context& context, Visit visit) {
  Borrowed<NodeList> list(scratch_.nodes);
  Borrowed<std::string> buffer(scratch_.strings);
  Nodes(nodes, context, Need::kAll, list.get());
  for (const XPathNode node : *list) {
    const std::string_view value = StringValue(node, buffer.get());
    if (!SpendBytes(value.size())) return false;
    if (visit(value)) return true;
  }
  return false;
}

/// Sorts into document order and drops duplicates.
void PutInOrder(NodeList* nodes);

}  // namespace thresh::select::xpath
