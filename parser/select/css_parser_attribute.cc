// Attribute selectors (Selectors Level 4, section 6).

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  Test test{.kind = TestKind::kAttrExists};
  bool any_namespace = false;
  if (!ParseAttributeName(&test, &any_namespace) || !ParseAttributeTest(&test)) return false;
  AddTest(draft, any_namespace ? InAnyNamespace(test) : std::move(test));
  return true;
}

// `a`, `|a`, `*|a`, and the prefixes that the HTML parser knows: `xlink|href`.
bool CssParser::ParseAttributeName(Test* test, bool* any_namespace) {
  const std::size_t begin = scanner_.offset();
  std::string prefix;
  if (scanner_.Peek() == '*' && scanner_.Peek(1) == '|') {
    *any_namespace = true;
    scanner_.Advance(2);
  } else if (scanner_.Peek() == '|') {
    scanner_.Advance();
  } else if (!scanner_.AtName()) {
    return scanner_.Expected("an attribute name after \"[\"");
  }
  if (!scanner_.AtName()) return scanner_.Expected("an attribute name after \"|\"");
  std::string name = scanner_.Name();
  if (scanner_.offset() > begin && scanner_.Peek() == '|' && scanner_.Peek(1) != '=') {
    scanner_.Advance();
    if (*any_namespace || (name != "xlink" && name != "xml" && name != "xmlns")) {
      return scanner_.Fail(begin, "unknown namespace \"" + name +
                                      "\"; there are xlink, xml, xmlns, and * for any; "
                                      "a name with a colon is written a\\:b");
    }
    if (!scanner_.AtName()) return scanner_.Expected("an attribute name after \"|\"");
    prefix = name + ':';
    name = scanner_.Name();
  }
  test->name = names_.Intern(prefix + name);
  // No attribute of an HTML element has a namespace.
  if (prefix.empty()) test->name_lower = names_.Intern(html::Lowered(name));
  test->ignore_case = prefix.empty() && HasCaselessValues(html::Lowered(name));
  scanner_.SkipSpace();
  return true;
}

bool CssParser::ParseAttributeTest(Test* test) {
  if (scanner_.Peek() != ']' && !(ParseAttributeOperator(test) && ParseAttributeValue(test))) {
    return false;
  }
  return scanner_.Take(']') || scanner_.Expected("\"]\"");
}

// `[*|a=b]` as `:is([a=b], [xlink|a=b], [xml|a=b])`; with != as :not() of that.
Test CssParser::InAnyNamespace(const Test& test) {
  std::vector<Complex> complexes;
  const std::string name(names_.name(test.name));
  for (const std::string_view prefix : {"", "xlink:", "xml:"}) {
    Draft draft;
    Test one = test;
    if (test.kind == TestKind::kAttrDiffers) one.kind = TestKind::kAttrEquals;
    if (!prefix.empty()) {
      one.name = names_.Intern(std::string(prefix) + name);
      one.name_lower = html::kNoAtom;
    }
    AddTest(&draft, std::move(one));
    complexes.push_back(FinishComplex({Finish(std::move(draft))}, Combinator::kNone));
  }
  const bool differs = test.kind == TestKind::kAttrDiffers;
  return {.kind = differs ? TestKind::kNot : TestKind::kIs, .list = AddList(complexes)};
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
