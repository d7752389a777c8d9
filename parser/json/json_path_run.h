#pragma once

// PathRun: one query on one document. Nodes come out as they are found, depth first, which
// is the order of RFC 9535: each segment's nodes in the order of those they came from.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parser/json/compare.h"
#include "parser/json/elements.h"
#include "parser/json/json_path_program.h"
#include "parser/select/work_budget.h"

namespace thresh::json::path {

/// Takes nodes until it has enough.
class Found {
 public:
  /// `$..*..*` finds nodes many times over: what a document of 64 MiB can have at most once.
  static constexpr std::size_t kMostNodes = std::size_t{1} << 25;
  static constexpr std::int64_t kStepsOfNode = 8;

  /// All of them, appended.
  explicit Found(std::vector<element>* all) : all_(all) {}
  /// The first; the count goes on to `enough`.
  explicit Found(std::size_t enough) : enough_(enough) {}

  /// False if no more are wanted, or `work` cannot pay for the memory.
  bool Add(element e, select::WorkBudget& work) {
    if (all_ != nullptr) {
      if (all_->size() >= kMostNodes) work.Spend(std::int64_t{1} << 60);
      if (!work.Spend(kStepsOfNode)) return false;
      all_->push_back(e);
    } else if (count_ == 0) {
      first_ = e;
    }
    return ++count_ < enough_;
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// REQUIRES: count() > 0, and not made with a vector.
  [[nodiscard]] element first() const noexcept { return first_; }

 private:
  std::vector<element>* all_ = nullptr;
  std::size_t enough_ = SIZE_MAX;
  std::size_t count_ = 0;
  element first_{};
};

/// The child a name or an index selector takes.
[[nodiscard]] std::optional<element> ChildOf(const Selector& selector, element node,
                                             select::WorkBudget& work) noexcept;

class PathRun {
 public:
  /// All three must outlive it.
  PathRun(const Program& program, element root, select::WorkBudget& work)
      : program_(program), root_(root), work_(work) {}

  /// `current` is what `@` stands for.
  void Run(const Query& query, element current, Found* found);

 private:
  // All return false once `found` or the budget has had enough.

  // json_path_run.cc
  bool Apply(element node, std::uint32_t segment, std::uint32_t end, Found* found);
  bool Descend(element node, std::uint32_t segment, std::uint32_t end, Found* found);
  bool Select(element node, std::uint32_t segment, std::uint32_t end, Found* found);
  bool SelectOne(const Selector& selector, element node, std::uint32_t next, std::uint32_t end,
                 Found* found);
  bool Slice(const Selector& selector, const simdjson::dom::array& array, std::uint32_t next,
             std::uint32_t end, Found* found);
  template <typename Visit>
  bool EachChild(element node, Visit visit);

  // json_path_filter.cc
  bool Holds(std::uint32_t expr, element current);
  bool Compare(const Expr& expr, element current);
  bool Exists(std::uint32_t query, element current);
  bool Matches(const Function& function, element current);
  Value ValueOfOperand(std::uint32_t operand, element current);
  Value Call(const Function& function, element current);
  Value Length(const Value& value);
  const re2::RE2* PatternOf(const Function& function, element current);

  const Program& program_;
  const element root_;
  select::WorkBudget& work_;
  std::uint32_t depth_ = 0;

  // The last pattern that a document gave.
  std::string pattern_text_;
  bool pattern_whole_ = false;
  bool has_pattern_ = false;
  std::shared_ptr<const re2::RE2> pattern_;
};

}  // namespace thresh::json::path
