#pragma once

// WorkBudget: bounds the work that selectors do on one page, in steps that do
// not depend on the machine. A hostile page can make `a ~ b` or `:has()` cost the
// square of its size. One budget serves all selectors of a page. Once it is
// exhausted they find nothing more, so the caller MUST look at exhausted() before
// it trusts what was found.

#include <cstdint>

namespace thresh::select {

class WorkBudget {
 public:
  /// About half a second; a large honest page and recipe take 1 % of it.
  static constexpr std::int64_t kDefaultSteps = 100'000'000;

  explicit WorkBudget(std::int64_t steps = kDefaultSteps) noexcept : steps_left_(steps) {}

  /// Returns false once more was spent than there was.
  bool Spend(std::int64_t steps) noexcept { return (steps_left_ -= steps) >= 0; }

  [[nodiscard]] bool exhausted() const noexcept { return steps_left_ < 0; }

 private:
  std::int64_t steps_left_;
};

}  // namespace thresh::select
