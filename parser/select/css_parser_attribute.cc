// Attribute selectors (Selectors Level 4, section 6).

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "parser/html/ascii.h"
#include "parser/select/css_parser.h"

namespace thresh::select::css {
namespace {

// Attributes whose values HTML compares without ASCII case
// (https://html.spec.whatwg.org/multipage/semantics-other.html#case-sensitivity-of-selectors).
// `lang` is left out: the conformance cases want it compared as written, as cssselect
// does; :lang() is the selector that knows languages.
bool HasCaselessValues(std::string_view attribute) {
  constexpr std::string_view kCaseless[] = {
      "accept",     "accept-charset", "align",    "alink",    "axis",    "bgcolor",  "charset",
      "checked",    "clear",          "codetype", "color",    "compact", "declare",  "defer",
      "dir",        "direction",      "disabled", "enctype",  "face",    "frame",    "hreflang",
      "http-equiv", "language",       "link",     "media",    "method",  "multiple", "nohref",
      "noresize",   "noshade",        "nowrap",   "readonly", "rel",     "rev",      "rules",
      "scope",      "scrolling",      "selected", "shape",    "target",  "text",     "type",
      "valign",     "valuetype",      "vlink"};
  return std::find(std::begin(kCaseless), std::end(kCaseless), attribute) != std::end(kCaseless);
}

}  // namespace

bool CssParser::ParseAttribute(Draft* draft) {
  scanner_.Advance();  // The bracket.
  scanner_.SkipSpace();
  const std::size_t begin = scanner_.offset();
  if (scanner_.Peek() == '|' || (scanner_.Peek() == '*' && scanner_.Peek(1) == '|')) {
    return scanner_.Fail(begin, "namespace prefixes (\"[ns|attribute]\") are not supported");
  }
  if (!scanner_.AtName()) return scanner_.Expected("an attribute name after \"[\"");
  const std::string name = scanner_.Name();
  if (scanner_.Peek() == '|' && scanner_.Peek(1) != '=') {
    return scanner_.Fail(begin, "namespace prefixes (\"[ns|attribute]\") are not supported");
  }
  Test test{.kind = TestKind::kAttrExists};
  test.name = names_.Intern(name);
  test.name_lower = names_.Intern(html::Lowered(name));
  test.ignore_case = HasCaselessValues(html::Lowered(name));
  scanner_.SkipSpace();
  if (scanner_.Peek() != ']' && !(ParseAttributeOperator(&test) && ParseAttributeValue(&test))) {
    return false;
  }
  if (!scanner_.Take(']')) return scanner_.Expected("\"]\"");
  draft->tests.push_back(std::move(test));
  draft->empty = false;
  return true;
}

bool CssParser::ParseAttributeOperator(Test* test) {
  switch (scanner_.Peek()) {
    case '=': test->kind = TestKind::kAttrEquals; break;
    case '!': test->kind = TestKind::kAttrDiffers; break;
    case '~': test->kind = TestKind::kAttrIncludes; break;
    case '|': test->kind = TestKind::kAttrDash; break;
    case '^': test->kind = TestKind::kAttrPrefix; break;
    case '$': test->kind = TestKind::kAttrSuffix; break;
    case '*': test->kind = TestKind::kAttrSubstring; break;
    default: return scanner_.Expected("\"]\" or one of = ~= |= ^= $= *= !=");
  }
  if (test->kind != TestKind::kAttrEquals) scanner_.Advance();
  return scanner_.Take('=') || scanner_.Expected("\"=\"");
}

bool CssParser::ParseAttributeValue(Test* test) {
  scanner_.SkipSpace();
  if (scanner_.Peek() == '"' || scanner_.Peek() == '\'') {
    auto text = scanner_.String();
    if (!text) return false;
    test->text = *std::move(text);
  } else if (scanner_.AtName()) {
    test->text = scanner_.Name();
  } else {
    return scanner_.Expected("a quoted value or a name after \"=\"");
  }
  scanner_.SkipSpace();
  return !scanner_.AtName() || ParseAttributeFlag(test);
}

bool CssParser::ParseAttributeFlag(Test* test) {
  const std::size_t begin = scanner_.offset();
  const std::string flag = html::Lowered(scanner_.Name());
  if (flag != "i" && flag != "s") {
    return scanner_.Fail(begin,
                         "expected \"]\" or one of the flags i and s, found \"" + flag + "\"");
  }
  test->ignore_case = flag == "i";
  scanner_.SkipSpace();
  return true;
}

}  // namespace thresh::select::css
