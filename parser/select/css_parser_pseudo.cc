// Pseudo-classes and their arguments, and our pseudo-elements.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/html/ascii.h"
#include "parser/select/css_parser.h"

namespace thresh::select::css {
namespace {

constexpr int kMaxFunctionDepth = 16;  // Both the parser and the matcher recurse.
constexpr std::int32_t kMaxNumber = 1'000'000'000;

struct PseudoClass {
  std::string_view name;
  TestKind kind;
  std::int32_t offset = 0;  // :first-of-type is :nth-of-type(0n+1).
};

constexpr auto kPlain = std::to_array<PseudoClass>({
    {"any-link", TestKind::kLink},
    {"checked", TestKind::kChecked},
    {"disabled", TestKind::kDisabled},
    {"empty", TestKind::kEmpty},
    {"enabled", TestKind::kEnabled},
    {"first-child", TestKind::kFirstChild},
    {"first-of-type", TestKind::kNthOfType, 1},
    {"last-child", TestKind::kLastChild},
    {"last-of-type", TestKind::kNthLastOfType, 1},
    {"link", TestKind::kLink},
    {"root", TestKind::kRoot},
    {"scope", TestKind::kScope},
});

constexpr auto kFunctions = std::to_array<PseudoClass>({
    {"contains", TestKind::kContains},
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

template <typename Table>
const PseudoClass* Lookup(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const PseudoClass& known) { return known.name == name; });
  return found == table.end() ? nullptr : &*found;
}

// Levenshtein's distance, for hints.
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

// `; did you mean "..."?` if a known name is near, else nothing.
std::string Hint(std::string_view name) {
  std::string_view best;
  std::size_t best_distance = 3;
  const auto consider = [&](std::string_view known) {
    const std::size_t distance = EditDistance(name.substr(0, 64), known);
    if (distance >= best_distance) return;
    best = known;
    best_distance = distance;
  };
  for (const PseudoClass& known : kPlain) consider(known.name);
  for (const PseudoClass& known : kFunctions) consider(known.name);
  consider("only-child");
  consider("only-of-type");
  return best.empty() ? "" : "; did you mean \":" + std::string(best) + "\"?";
}

}  // namespace

// ---- Pseudo-elements ------------------------------------------------------------

bool CssParser::ParsePseudoElement() {
  using Kind = PseudoElement::Kind;
  const std::size_t begin = scanner_.offset();
  scanner_.Advance(2);
  const std::string name = html::Lowered(scanner_.Name());
  if (function_depth_ > 0) {
    return scanner_.Fail(begin, "\"::" + name + "\" may stand only at the end of a selector");
  }
  if (name == "text") {
    pseudo_.kind = Kind::kText;
  } else if (name == "own-text") {
    pseudo_.kind = Kind::kOwnText;
  } else if (name == "lines") {
    pseudo_.kind = Kind::kLines;
  } else if (name == "html") {
    pseudo_.kind = Kind::kHtml;
  } else if (name == "attr" && scanner_.Take('(')) {
    pseudo_.kind = Kind::kAttr;
    return ParseAttrArgument();
  } else {
    return scanner_.Fail(begin, "unknown pseudo-element \"::" + name +
                                    "\"; there are ::text, ::own-text, ::lines, ::attr(name) "
                                    "and ::html");
  }
  return true;
}

bool CssParser::ParseAttrArgument() {
  scanner_.SkipSpace();
  std::string name;
  if (scanner_.Peek() == '"' || scanner_.Peek() == '\'') {
    auto text = scanner_.String();
    if (!text) return false;
    name = *std::move(text);
  } else {
    name = scanner_.Name();
  }
  if (name.empty()) return scanner_.Expected("an attribute name after \"::attr(\"");
  pseudo_.name = names_.Intern(name);
  pseudo_.name_lower = names_.Intern(html::Lowered(name));
  scanner_.SkipSpace();
  return scanner_.Take(')') || scanner_.Expected("\")\" after the attribute name");
}

// ---- Pseudo-classes -------------------------------------------------------------

bool CssParser::ParsePseudoClass(Draft* draft) {
  const std::size_t begin = scanner_.offset();
  scanner_.Advance();
  if (!scanner_.AtName()) return scanner_.Expected("the name of a pseudo-class after \":\"");
  const std::string name = html::Lowered(scanner_.Name());
  draft->empty = false;
  if (scanner_.Take('(')) return ParseFunction(name, begin, draft);
  if (name == "only-child") {
    draft->tests.push_back({.kind = TestKind::kFirstChild});
    draft->tests.push_back({.kind = TestKind::kLastChild});
    return true;
  }
  if (name == "only-of-type") {
    draft->tests.push_back({.kind = TestKind::kNthOfType, .offset = 1});
    draft->tests.push_back({.kind = TestKind::kNthLastOfType, .offset = 1});
    return true;
  }
  if (const PseudoClass* known = Lookup(kPlain, name)) {
    draft->tests.push_back({.kind = known->kind, .offset = known->offset});
    return true;
  }
  if (Lookup(kFunctions, name) != nullptr) {
    return scanner_.Expected("\"(\" after \":" + name + "\"");
  }
  return scanner_.Fail(begin, "unknown pseudo-class \":" + name + "\"" + Hint(name));
}

bool CssParser::ParseFunction(const std::string& name, std::size_t begin, Draft* draft) {
  const PseudoClass* const known = Lookup(kFunctions, name);
  if (known == nullptr) {
    return scanner_.Fail(begin, "unknown pseudo-class \":" + name + "()\"" + Hint(name));
  }
  if (++function_depth_ > kMaxFunctionDepth) {
    return scanner_.Fail(begin, "pseudo-classes nested more than 16 deep");
  }
  Test test{.kind = known->kind};
  expected_selector_ = "a selector after \":" + name + "(\"";
  bool parsed = false;
  switch (known->kind) {
    case TestKind::kHas: parsed = ParseList(Relative::kYes, &test.list); break;
    case TestKind::kIs:
    case TestKind::kNot: parsed = ParseList(Relative::kNo, &test.list); break;
    case TestKind::kLang: parsed = ParseLang(&test); break;
    case TestKind::kContains: parsed = ParseContains(&test); break;
    default: parsed = ParseNth(&test); break;
  }
  if (!parsed) return false;
  scanner_.SkipSpace();
  if (!scanner_.Take(')')) return scanner_.Expected("\")\" to end \":" + name + "(\"");
  --function_depth_;
  draft->tests.push_back(std::move(test));
  return true;
}

bool CssParser::ParseList(Relative relative, std::uint32_t* list) {
  std::vector<Complex> complexes;
  do {
    if (!ParseComplex(relative, &complexes.emplace_back())) return false;
    expected_selector_ = "a selector after \",\"";
    scanner_.SkipSpace();
  } while (scanner_.Take(','));
  program_->lists.push_back({static_cast<std::uint32_t>(program_->complexes.size()),
                             static_cast<std::uint32_t>(complexes.size())});
  program_->complexes.insert(program_->complexes.end(), complexes.begin(), complexes.end());
  *list = static_cast<std::uint32_t>(program_->lists.size() - 1);
  return true;
}

bool CssParser::ParseLang(Test* test) {
  do {
    scanner_.SkipSpace();
    std::string range;
    if (scanner_.Peek() == '"' || scanner_.Peek() == '\'') {
      auto text = scanner_.String();
      if (!text) return false;
      range = *std::move(text);
    } else if (scanner_.AtName() || scanner_.Peek() == '*') {
      if (scanner_.Take('*')) range = "*";
      range += scanner_.Name();
    } else {
      return scanner_.Expected("a language such as \"en\" after \":lang(\"");
    }
    if (!test->text.empty()) test->text += ',';
    test->text += range;
    scanner_.SkipSpace();
  } while (scanner_.Take(','));
  return true;
}

bool CssParser::ParseContains(Test* test) {
  scanner_.SkipSpace();
  if (scanner_.Peek() == '"' || scanner_.Peek() == '\'') {
    auto text = scanner_.String();
    if (!text) return false;
    test->text = *std::move(text);
    return true;
  }
  if (!scanner_.AtName()) return scanner_.Expected("a quoted text after \":contains(\"");
  test->text = scanner_.Name();
  return true;
}

// ---- An+B (CSS Syntax 3, section 6) ---------------------------------------------

bool CssParser::ParseNth(Test* test) {
  scanner_.SkipSpace();
  if (TakeKeyword("even")) {
    test->step = 2;
  } else if (TakeKeyword("odd")) {
    test->step = 2;
    test->offset = 1;
  } else if (!ParseAnPlusB(test)) {
    return false;
  }
  return ParseNthOf(test);
}

bool CssParser::ParseAnPlusB(Test* test) {
  const bool negative = scanner_.Peek() == '-';
  if (negative || scanner_.Peek() == '+') scanner_.Advance();
  std::int32_t number = 1;
  const bool has_digits = TakeNumber(&number);
  if (html::ToLower(scanner_.Peek()) != 'n') {
    test->offset = negative ? -number : number;
    return has_digits || scanner_.Expected("a position: a number, even, odd or An+B");
  }
  scanner_.Advance();
  test->step = negative ? -number : number;
  scanner_.SkipSpace();
  const char sign = scanner_.Peek();
  if (sign != '+' && sign != '-') return true;
  scanner_.Advance();
  scanner_.SkipSpace();
  if (!TakeNumber(&number)) return scanner_.Expected("the number B of An+B");
  test->offset = sign == '-' ? -number : number;
  return true;
}

// Numbers beyond any page stay beyond any page.
bool CssParser::TakeNumber(std::int32_t* number) {
  if (!html::IsDigit(scanner_.Peek())) return false;
  std::int64_t value = 0;
  for (; html::IsDigit(scanner_.Peek()); scanner_.Advance()) {
    value = std::min<std::int64_t>(value * 10 + (scanner_.Peek() - '0'), kMaxNumber);
  }
  *number = static_cast<std::int32_t>(value);
  return true;
}

bool CssParser::ParseNthOf(Test* test) {
  scanner_.SkipSpace();
  const bool by_type = test->kind != TestKind::kNthChild && test->kind != TestKind::kNthLastChild;
  if (by_type || !TakeKeyword("of")) return true;
  test->kind =
      test->kind == TestKind::kNthChild ? TestKind::kNthChildOf : TestKind::kNthLastChildOf;
  expected_selector_ = "a selector after \"of\"";
  return ParseList(Relative::kNo, &test->list);
}

bool CssParser::TakeKeyword(std::string_view keyword) {
  const std::size_t begin = scanner_.offset();
  if (scanner_.AtName() && html::EqualsIgnoreCase(scanner_.Name(), keyword)) return true;
  scanner_.GoBackTo(begin);
  return false;
}

}  // namespace thresh::select::css
