#pragma once

// Pipe: the transforms of a field, compiled. It works on the texts that a source found:
//
//   ["a, b", "c"]  ── split "," ──▶  [["a", " b"], ["c"]]  ── first ──▶  ["a", "c"]
//
// A transform that takes several texts (`first`, `join`, …) takes the pieces of each text that was
// split before it; where nothing was split, all that the source found.
//
// Threads: none. Lifetime: a pipe is self-contained; what a run makes lives in its PipeMemory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/url/url.h"
#include "parser/html/arena.h"
#include "parser/html/names.h"
#include "parser/select/work_budget.h"

namespace thresh {

struct Step;

/// What `absolute_url` resolves against, found out when it is first asked for.
class BaseUrl {
 public:
  BaseUrl() = default;
  BaseUrl(const BaseUrl&) = delete;
  BaseUrl& operator=(const BaseUrl&) = delete;

  /// Null if the page's own URL is none.
  [[nodiscard]] virtual const Url* base() = 0;

 protected:
  ~BaseUrl() = default;
};

/// What transforms need, made once and used for page after page.
class PipeMemory {
 public:
  /// `names` must outlive it.
  explicit PipeMemory(html::NameTable& names);
  ~PipeMemory();
  PipeMemory(const PipeMemory&) = delete;
  PipeMemory& operator=(const PipeMemory&) = delete;

  /// For the page at hand: what `absolute_url` resolves against, and what the work is
  /// taken from. Both must stay as they are until the next call.
  void Begin(BaseUrl& base, select::WorkBudget& work);

  /// Takes back all texts made so far.
  void Clear() { arena_.Clear(); }

  // ---- For the transforms ----

  /// A copy of `text` that lives until Clear(); empty once the budget is exhausted.
  [[nodiscard]] std::string_view Keep(std::string_view text);
  /// An empty string to write to, for one transform.
  [[nodiscard]] std::string& Scratch();
  [[nodiscard]] const Url* base() { return base_->base(); }
  [[nodiscard]] select::WorkBudget& work() noexcept { return *work_; }

  struct Tools;
  [[nodiscard]] Tools& tools() noexcept { return *tools_; }

 private:
  friend class Pipe;

  html::Arena arena_;
  std::string scratch_;
  BaseUrl* base_ = nullptr;
  select::WorkBudget* work_ = nullptr;
  std::unique_ptr<Tools> tools_;
  // Of a run: see Pipe::Run().
  std::vector<std::string_view> next_, group_texts_;
  std::vector<std::uint32_t> groups_, next_groups_;
  std::vector<std::vector<std::uint32_t>> parents_;  ///< The first parents_used_ of them.
  std::size_t parents_used_ = 0;
};

/// A mistake in a recipe's pipe, at a byte of a string of it.
struct PipeFault {
  Located where;
  std::size_t offset = 0;
  std::string detail;
};

class Pipe {
 public:
  Pipe();
  Pipe(Pipe&&) noexcept;
  Pipe& operator=(Pipe&&) noexcept;
  ~Pipe();

  /// Compiles; what is wrong is appended to `faults`, all of it.
  [[nodiscard]] static Pipe Compile(std::span<const TransformSpec> specs,
                                    std::vector<PipeFault>* faults);

  [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }
  /// Whether all that a source finds is looked at, also where one value is wanted.
  [[nodiscard]] bool wants_all() const noexcept { return wants_all_; }
  /// Whether its first step reads JSON, of which each byte counts.
  [[nodiscard]] bool reads_json() const noexcept;
  /// Replaces `texts` by what becomes of them, views that live as long as the input and until
  /// memory.Clear().
  void Run(PipeMemory& memory, std::vector<std::string_view>* texts) const;

 private:
  void RunSplit(const Step& step, PipeMemory& memory, std::vector<std::string_view>* texts) const;
  void RunPick(const Step& step, PipeMemory& memory, std::vector<std::string_view>* texts) const;

  std::vector<Step> steps_;
  bool wants_all_ = false;
  bool one_to_one_ = true;  ///< No step splits or picks.
};

}  // namespace thresh
