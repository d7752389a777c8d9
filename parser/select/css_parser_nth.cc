// Positions: An+B (CSS Syntax 3, section 6), with `of S`.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/css_parser.h"

namespace thresh::select::css {
namespace {

constexpr std::int32_t kMaxNumber = 1'000'000'000;

}  // namespace

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
    return (has_digits && !scanner_.AtName()) ||
           scanner_.Expected("a position: a number, even, odd or An+B");
  }
  scanner_.Advance();
  test->step = negative ? -number : number;
  // `2n-1` is a name to the end; `2nx`, `n-x` and `2nof` are no positions.
  if (scanner_.AtName() || html::IsDigit(scanner_.Peek())) {
    return scanner_.Expected("\"+\", \"-\", \"of\" after a space, or \")\"");
  }
  scanner_.SkipSpace();
  const char sign = scanner_.Peek();
  if (sign != '+' && sign != '-') return true;
  scanner_.Advance();
  scanner_.SkipSpace();
  if (!TakeNumber(&number) || scanner_.AtName()) {
    return scanner_.Expected("the number B of An+B");
  }
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
