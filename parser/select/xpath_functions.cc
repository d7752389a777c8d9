#include "parser/select/xpath_functions.h"

#include <algorithm>
#include <array>

#include "parser/select/xpath_scanner.h"

namespace thresh::select::xpath {
namespace {

constexpr std::uint8_t kAnyNumber = 255;
constexpr bool kNodeSet = true;
constexpr bool kOrSelf = true;

constexpr auto kFunctions = std::to_array<FunctionSpec>({
    {"boolean", Function::kBoolean, Type::kBoolean, 1, 1},
    {"ceiling", Function::kCeiling, Type::kNumber, 1, 1},
    {"concat", Function::kConcat, Type::kString, 2, kAnyNumber},
    {"contains", Function::kContains, Type::kBoolean, 2, 2},
    {"count", Function::kCount, Type::kNumber, 1, 1, kNodeSet},
    {"false", Function::kFalse, Type::kBoolean, 0, 0},
    {"floor", Function::kFloor, Type::kNumber, 1, 1},
    {"has-class", Function::kHasClass, Type::kBoolean, 1, kAnyNumber},
    {"id", Function::kId, Type::kNodes, 1, 1},
    {"lang", Function::kLang, Type::kBoolean, 1, 1},
    {"last", Function::kLast, Type::kNumber, 0, 0},
    {"local-name", Function::kLocalName, Type::kString, 0, 1, kNodeSet, kOrSelf},
    {"name", Function::kName, Type::kString, 0, 1, kNodeSet, kOrSelf},
    {"namespace-uri", Function::kNamespaceUri, Type::kString, 0, 1, kNodeSet, kOrSelf},
    {"normalize-space", Function::kNormalizeSpace, Type::kString, 0, 1, !kNodeSet, kOrSelf},
    {"not", Function::kNot, Type::kBoolean, 1, 1},
    {"number", Function::kNumber, Type::kNumber, 0, 1, !kNodeSet, kOrSelf},
    {"position", Function::kPosition, Type::kNumber, 0, 0},
    {"re:test", Function::kReTest, Type::kBoolean, 2, 3},
    {"round", Function::kRound, Type::kNumber, 1, 1},
    {"starts-with", Function::kStartsWith, Type::kBoolean, 2, 2},
    {"string", Function::kString, Type::kString, 0, 1, !kNodeSet, kOrSelf},
    {"string-length", Function::kStringLength, Type::kNumber, 0, 1, !kNodeSet, kOrSelf},
    {"substring", Function::kSubstring, Type::kString, 2, 3},
    {"substring-after", Function::kSubstringAfter, Type::kString, 2, 2},
    {"substring-before", Function::kSubstringBefore, Type::kString, 2, 2},
    {"sum", Function::kSum, Type::kNumber, 1, 1, kNodeSet},
    {"translate", Function::kTranslate, Type::kString, 3, 3},
    {"true", Function::kTrue, Type::kBoolean, 0, 0},
});

// Of XPath 2.0, and often asked for; what does the same here.
struct Substitute {
  std::string_view name;
  std::string_view instead;
};
constexpr auto kSubstitutes = std::to_array<Substitute>({
    {"ends-with", "re:test"},
    {"lower-case", "translate"},
    {"matches", "re:test"},
    {"re:match", "re:test"},
    {"upper-case", "translate"},
});

}  // namespace

const FunctionSpec* FindFunction(std::string_view name) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [name](const FunctionSpec& known) { return known.name == name; });
  return found == kFunctions.end() ? nullptr : &*found;
}

std::string FunctionHint(std::string_view name) {
  for (const Substitute& known : kSubstitutes) {
    if (known.name == name) return "; use \"" + std::string(known.instead) + "\"";
  }
  name = name.substr(0, 64);
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, (name.size() + 1) / 2);
  for (const FunctionSpec& known : kFunctions) {
    const std::size_t distance = EditDistance(name, known.name);
    if (distance >= best_distance) continue;
    best = known.name;
    best_distance = distance;
  }
  return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
}

}  // namespace thresh::select::xpath
