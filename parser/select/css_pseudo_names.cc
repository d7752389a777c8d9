#include "parser/select/css_pseudo_names.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace thresh::select::css {
namespace {

constexpr auto kPlain = std::to_array<PseudoClass>({
    {"any-link", TestKind::kLink},
    {"blank", TestKind::kBlank},
    {"checked", TestKind::kChecked},
    {"default", TestKind::kDefault},
    {"defined", TestKind::kDefined},
    {"disabled", TestKind::kDisabled},
    {"empty", TestKind::kEmpty},
    {"enabled", TestKind::kEnabled},
    {"first-child", TestKind::kFirstChild},
    {"first-of-type", TestKind::kNthOfType, 1},
    {"in-range", TestKind::kInRange},
    {"indeterminate", TestKind::kIndeterminate},
    {"last-child", TestKind::kLastChild},
    {"last-of-type", TestKind::kNthLastOfType, 1},
    {"link", TestKind::kLink},
    {"open", TestKind::kOpen},
    {"optional", TestKind::kOptional},
    {"out-of-range", TestKind::kOutOfRange},
    {"placeholder-shown", TestKind::kPlaceholderShown},
    {"read-only", TestKind::kReadOnly},
    {"read-write", TestKind::kReadWrite},
    {"required", TestKind::kRequired},
    {"root", TestKind::kRoot},
    {"scope", TestKind::kScope},
});

constexpr auto kFunctions = std::to_array<PseudoClass>({
    {"contains", TestKind::kContains},
    {"dir", TestKind::kDir},
    {"has", TestKind::kHas},
    {"is", TestKind::kIs},
    {"lang", TestKind::kLang},
    {"matches", TestKind::kIs},
    {"not", TestKind::kNot},
    {"nth-child", TestKind::kNthChild},
    {"nth-last-child", TestKind::kNthLastChild},
    {"nth-last-of-type", TestKind::kNthLastOfType},
    {"nth-of-type", TestKind::kNthOfType},
    {"where", TestKind::kIs},
});

struct Absent {
  std::string_view name;
  std::string_view needs;
};

constexpr std::string_view kUser = "a user";
constexpr std::string_view kInput = "what a user or a script put in";
constexpr std::string_view kScript = "a script that runs";
constexpr std::string_view kAddress = "the address line of a browser";
constexpr std::string_view kPlayer = "a player";
constexpr std::string_view kShadow = "a shadow tree";

constexpr auto kAbsent = std::to_array<Absent>({
    {"active", kUser},
    {"active-view-transition", kScript},
    {"autofill", kUser},
    {"buffering", kPlayer},
    {"current", kPlayer},
    {"focus", kUser},
    {"focus-visible", kUser},
    {"focus-within", kUser},
    {"fullscreen", kUser},
    {"future", kPlayer},
    {"has-slotted", kShadow},
    {"host", kShadow},
    {"host-context", kShadow},
    {"hover", kUser},
    {"interest-source", kUser},
    {"interest-target", kUser},
    {"invalid", kInput},
    {"local-link", kAddress},
    {"modal", kScript},
    {"muted", kPlayer},
    {"past", kPlayer},
    {"paused", kPlayer},
    {"picture-in-picture", kUser},
    {"playing", kPlayer},
    {"popover-open", kUser},
    {"seeking", kPlayer},
    {"stalled", kPlayer},
    {"state", kScript},
    {"target", kAddress},
    {"target-current", kAddress},
    {"target-within", kAddress},
    {"user-invalid", kUser},
    {"user-valid", kUser},
    {"valid", kInput},
    {"visited", kUser},
    {"volume-locked", kPlayer},
});

// Pseudo-elements that CSS 2 writes with one colon.
constexpr auto kOldElements =
    std::to_array<std::string_view>({"after", "before", "first-letter", "first-line"});

template <typename Table>
auto Lookup(const Table& table, std::string_view name) -> decltype(table.data()) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const auto& known) { return known.name == name; });
  return found == table.end() ? nullptr : &*found;
}

// Levenshtein's distance.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// The known name that one is near to.
class Nearest {
 public:
  explicit Nearest(std::string_view name)
      : name_(name.substr(0, 64)),
        distance_(std::min(std::max<std::size_t>(3, name.size() / 3), name.size())) {}

  void Consider(std::string_view known) {
    const std::size_t distance = EditDistance(name_, known);
    if (distance >= distance_) return;
    best_ = known;
    distance_ = distance;
  }
  /// `; did you mean "..."?`, or nothing.
  [[nodiscard]] std::string Hint(std::string_view colons) const {
    if (best_.empty()) return "";
    return "; did you mean \"" + std::string(colons) + std::string(best_) + "\"?";
  }

 private:
  std::string_view name_, best_;
  std::size_t distance_;
};

std::string HintOfClass(std::string_view name) {
  Nearest nearest(name);
  for (const PseudoClass& known : kPlain) nearest.Consider(known.name);
  for (const PseudoClass& known : kFunctions) nearest.Consider(known.name);
  nearest.Consider("only-child");
  nearest.Consider("only-of-type");
  return nearest.Hint(":");
}

}  // namespace

const PseudoClass* FindPlainPseudoClass(std::string_view name) noexcept {
  return Lookup(kPlain, name);
}

const PseudoClass* FindPseudoClassFunction(std::string_view name) noexcept {
  return Lookup(kFunctions, name);
}

std::string WhyNoPseudoClass(std::string_view name, bool is_function) {
  const std::string written = "\":" + std::string(name) + (is_function ? "()\"" : "\"");
  if (const Absent* known = Lookup(kAbsent, name)) {
    return written + " needs " + std::string(known->needs) + ", and a page at rest has none";
  }
  if (std::find(kOldElements.begin(), kOldElements.end(), name) != kOldElements.end()) {
    return written + " is a pseudo-element that only a style sheet can use";
  }
  if (is_function && (FindPlainPseudoClass(name) != nullptr || name.starts_with("only-"))) {
    return written + " takes no argument";
  }
  return "unknown pseudo-class " + written + HintOfClass(name);
}

std::string WhyNoPseudoElement(std::string_view name) {
  Nearest nearest(name);
  for (const char* known : {"text", "own-text", "lines", "attr", "html"}) nearest.Consider(known);
  return "unknown pseudo-element \"::" + std::string(name) +
         "\"; there are ::text, ::own-text, ::lines, ::attr(name) and ::html" +
         (name == "attr" ? "" : nearest.Hint("::"));
}

}  // namespace thresh::select::css
