#include "parser/transform/pipe.h"

#include <algorithm>

#include <re2/re2.h>

#include "lib/toml/nearest.h"
#include "parser/transform/step.h"
#include "parser/transform/tools.h"

namespace thresh {
namespace {

// Compiles the calls of one pipe.
class PipeCompiler {
 public:
  explicit PipeCompiler(std::vector<PipeFault>* faults) : faults_(*faults) {}

  bool Compile(const TransformSpec& spec, bool was_split, Step* step) {
    step->entry = Find(spec.name);
    if (step->entry == nullptr) return false;
    const TransformEntry& entry = *step->entry;
    step->on_list = entry.pick != nullptr && (entry.map == nullptr || was_split);
    const std::size_t most = static_cast<std::size_t>(
        std::count_if(entry.arguments.begin(), entry.arguments.end(),
                      [](ArgumentKind k) { return k != ArgumentKind::kNone; }));
    if (spec.arguments.size() < entry.needed || spec.arguments.size() > most) {
      Fault(spec.name, 0,
            Expected(entry) + ", found " + std::to_string(spec.arguments.size()) +
                (spec.arguments.size() == 1 ? " argument" : " arguments"));
      return false;
    }
    bool fine = true;
    for (std::size_t i = 0; i < spec.arguments.size(); ++i) {
      fine = TakeArgument(entry, i, spec.arguments[i], step) && fine;
    }
    return fine;
  }

 private:
  const TransformEntry* Find(const Located& name) {
    const auto entries = AllEntries();
    std::vector<std::string_view> names;
    for (const TransformEntry& entry : entries) {
      if (entry.info.name == name.text) return &entry;
      names.push_back(entry.info.name);
    }
    Fault(name, 0,
          "pipe: unknown transform \"" + name.text + "\"" + DidYouMean(name.text, names) +
              " (`thresh transforms` lists them)");
    return nullptr;
  }

  static std::string Expected(const TransformEntry& entry) {
    if (entry.info.arguments.empty()) {
      return std::string(entry.info.name) + ": expected no arguments";
    }
    return std::string(entry.info.name) + ": expected " + std::string(entry.info.arguments) +
           ", as in " + std::string(entry.info.call);
  }

  bool TakeArgument(const TransformEntry& entry, std::size_t i, const Argument& argument,
                    Step* step) {
    const auto* text = std::get_if<std::string>(&argument.value);
    const auto* integer = std::get_if<std::int64_t>(&argument.value);
    const auto* number = std::get_if<double>(&argument.value);
    const auto wrong = [&](std::string_view wanted) {
      Fault(argument.place, 0,
            std::string(entry.info.name) + ": expected " + std::string(wanted) + ", as in " +
                std::string(entry.info.call));
      return false;
    };
    switch (entry.arguments[i]) {
      case ArgumentKind::kInteger:
        if (integer == nullptr) return wrong("a whole number");
        step->integer[i] = *integer;
        return true;
      case ArgumentKind::kNumber:
        if (integer == nullptr && number == nullptr) return wrong("a number");
        step->number = number != nullptr ? *number : static_cast<double>(*integer);
        return true;
      default: break;
    }
    if (text == nullptr) return wrong("a string");
    step->text[i] = *text;
    switch (entry.arguments[i]) {
      case ArgumentKind::kRegex: return TakeRegex(entry, argument.place, step);
      case ArgumentKind::kRewrite: return TakeRewrite(entry, argument.place, *step);
      case ArgumentKind::kJsonPath: return TakePath(entry, argument.place, step);
      default: return true;
    }
  }

  bool TakeRegex(const TransformEntry& entry, const Located& place, Step* step) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto re = std::make_shared<const re2::RE2>(place.text, options);
    if (!re->ok()) {
      Fault(place, 0,
            std::string(entry.info.name) +
                ": expected a regular expression in RE2's syntax, found \"" + place.text +
                "\": " + re->error());
      return false;
    }
    step->re = std::move(re);
    return true;
  }

  bool TakeRewrite(const TransformEntry& entry, const Located& place, const Step& step) {
    std::string error;
    if (step.re == nullptr || step.re->CheckRewriteString(place.text, &error)) return true;
    Fault(place, 0,
          std::string(entry.info.name) + ": expected \\0 to \\" +
              std::to_string(step.re->NumberOfCapturingGroups()) +
              " for the groups, and \\\\ for a backslash: " + error);
    return false;
  }

  bool TakePath(const TransformEntry& entry, const Located& place, Step* step) {
    std::size_t offset = 0;
    Result<json::JsonPath> path = json::JsonPath::Compile(place.text, &offset);
    if (!path) {
      Fault(place, offset,
            std::string(entry.info.name) + ": " + path.error().detail + " in JSONPath \"" +
                place.text + "\"");
      return false;
    }
    step->path = std::make_shared<const json::JsonPath>(std::move(*path));
    return true;
  }

  void Fault(const Located& where, std::size_t offset, std::string detail) {
    faults_.push_back({where, offset, std::move(detail)});
  }

  std::vector<PipeFault>& faults_;
};

}  // namespace

PipeMemory::PipeMemory(html::NameTable& names) : tools_(std::make_unique<Tools>(names)) {}
PipeMemory::~PipeMemory() = default;

void PipeMemory::Begin(BaseUrl& base, select::WorkBudget& work) {
  base_ = &base;
  work_ = &work;
  Clear();
}

std::string_view PipeMemory::Keep(std::string_view text) {
  // Bounds what a pipe can make of a hostile page: some 200 MB.
  if (!work_->Spend(static_cast<std::int64_t>(text.size() / 2 + 1))) return {};
  return arena_.Copy(text);
}

std::string& PipeMemory::Scratch() {
  constexpr std::size_t kKept = 1 << 20;
  if (scratch_.capacity() > kKept) std::string().swap(scratch_);
  scratch_.clear();
  return scratch_;
}

Pipe::Pipe() = default;
Pipe::Pipe(Pipe&&) noexcept = default;
Pipe& Pipe::operator=(Pipe&&) noexcept = default;
Pipe::~Pipe() = default;

Pipe Pipe::Compile(std::span<const TransformSpec> specs, std::vector<PipeFault>* faults) {
  Pipe pipe;
  int depth = 0;  // How many splits are not joined again.
  for (const TransformSpec& spec : specs) {
    Step step;
    if (!PipeCompiler(faults).Compile(spec, depth > 0, &step)) continue;
    if (step.entry->split != nullptr) ++depth;
    pipe.wants_all_ = pipe.wants_all_ || (step.entry->filters && depth == 0);
    if (step.on_list) {
      pipe.wants_all_ = pipe.wants_all_ || depth == 0;
      if (step.entry->ends_split && depth > 0) --depth;
    }
    pipe.one_to_one_ = pipe.one_to_one_ && step.entry->split == nullptr && !step.on_list;
    pipe.steps_.push_back(std::move(step));
  }
  return pipe;
}

bool Pipe::reads_json() const noexcept {
  return !steps_.empty() && steps_.front().path != nullptr;
}

void Pipe::Run(PipeMemory& memory, std::vector<std::string_view>* texts) const {
  if (!one_to_one_) {
    memory.groups_.assign(texts->size(), 0);
    memory.parents_used_ = 0;
  }
  for (const Step& step : steps_) {
    if (step.on_list) {
      RunPick(step, memory, texts);
    } else if (step.entry->split != nullptr) {
      RunSplit(step, memory, texts);
    } else {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < texts->size(); ++i) {
        std::string_view out;
        if (!memory.work().Spend(1) || !step.entry->map(step, (*texts)[i], memory, &out)) continue;
        if (!one_to_one_) memory.groups_[kept] = memory.groups_[i];
        (*texts)[kept++] = out;
      }
      texts->resize(kept);
      if (!one_to_one_) memory.groups_.resize(kept);
    }
  }
}

// Each text becomes a group; the groups they were in become the parents.
void Pipe::RunSplit(const Step& step, PipeMemory& memory,
                    std::vector<std::string_view>* texts) const {
  memory.next_.clear();
  memory.next_groups_.clear();
  for (std::size_t i = 0; i < texts->size(); ++i) {
    step.entry->split(step, (*texts)[i], memory, &memory.next_);
    memory.next_groups_.resize(memory.next_.size(), static_cast<std::uint32_t>(i));
    if (!memory.work().Spend(static_cast<std::int64_t>(memory.next_.size() / 16 + 1))) break;
  }
  texts->swap(memory.next_);
  if (memory.parents_used_ == memory.parents_.size()) memory.parents_.emplace_back();
  memory.parents_[memory.parents_used_++] = memory.groups_;
  memory.groups_.swap(memory.next_groups_);
}

// Each group on its own; then those it leaves are of the parents' groups again, if it ends them.
void Pipe::RunPick(const Step& step, PipeMemory& memory,
                   std::vector<std::string_view>* texts) const {
  memory.next_.clear();
  memory.next_groups_.clear();
  const bool ends = step.entry->ends_split && memory.parents_used_ > 0;
  for (std::size_t begin = 0; begin < texts->size();) {
    const std::uint32_t group = memory.groups_[begin];
    std::size_t end = begin;
    memory.group_texts_.clear();
    while (end < texts->size() && memory.groups_[end] == group) {
      memory.group_texts_.push_back((*texts)[end++]);
    }
    step.entry->pick(step, memory, &memory.group_texts_);
    memory.next_.insert(memory.next_.end(), memory.group_texts_.begin(), memory.group_texts_.end());
    const std::uint32_t next = ends ? memory.parents_[memory.parents_used_ - 1][group] : group;
    memory.next_groups_.resize(memory.next_.size(), next);
    begin = end;
  }
  texts->swap(memory.next_);
  memory.groups_.swap(memory.next_groups_);
  if (ends) --memory.parents_used_;
}

}  // namespace thresh
