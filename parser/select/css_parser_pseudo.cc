// Pseudo-classes and their arguments, and our pseudo-elements.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/html/ascii.h"
#include "parser/select/css_parser.h"
#include "parser/select/css_pseudo_names.h"

namespace thresh::select::css {
namespace {

constexpr int kMaxFunctionDepth = 16;  // Both the parser and the matcher recurse.

}  // namespace

// ---- Pseudo-elements ------------------------------------------------------------

bool CssParser::ParsePseudoElement() {
  using Kind = PseudoElement::Kind;
  const std::size_t begin = pseudo_offset_ = scanner_.offset();
  scanner_.Advance(2);
  const std::string name = html::Lowered(scanner_.Name());
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
  } else {
    return scanner_.Fail(begin, WhyNoPseudoElement(name));
  }
  if (function_depth_ > 0) {
    return scanner_.FailForGood(begin,
                                "\"::" + name + "\" may stand only at the end of a selector");
  }
  return pseudo_.kind != Kind::kAttr || ParseAttrArgument();
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
  if (const PseudoClass* known = FindPlainPseudoClass(name)) {
    draft->tests.push_back({.kind = known->kind, .offset = known->offset});
    return true;
  }
  if (FindPseudoClassFunction(name) != nullptr) {
    return scanner_.Expected("\"(\" after \":" + name + "\"");
  }
  return scanner_.Fail(begin, WhyNoPseudoClass(name, false));
}

bool CssParser::ParseFunction(const std::string& name, std::size_t begin, Draft* draft) {
  const PseudoClass* const known = FindPseudoClassFunction(name);
  if (known == nullptr) return scanner_.Fail(begin, WhyNoPseudoClass(name, true));
  if (function_depth_ == kMaxFunctionDepth) {
    return scanner_.FailForGood(begin, "pseudo-classes nested more than 16 deep");
  }
  ++function_depth_;
  Test test{.kind = known->kind};
  expected_selector_ = "a selector after \":" + name + "(\"";
  bool parsed = ParseArgument(&test);
  if (parsed) scanner_.SkipSpace();
  if (parsed && !scanner_.Take(')')) {
    parsed = scanner_.Expected("\")\" to end \":" + name + "(\"");
  }
  --function_depth_;
  if (parsed) draft->tests.push_back(std::move(test));
  return parsed;
}

bool CssParser::ParseArgument(Test* test) {
  switch (test->kind) {
    case TestKind::kHas: return ParseList(Relative::kYes, &test->list);
    case TestKind::kIs: return ParseForgivingList(&test->list);
    case TestKind::kNot: return ParseList(Relative::kNo, &test->list);
    case TestKind::kLang: return ParseLang(test);
    case TestKind::kDir: return ParseDir(test);
    case TestKind::kContains: return ParseContains(test);
    default: return ParseNth(test);
  }
}

bool CssParser::ParseList(Relative relative, std::uint32_t* list) {
  std::vector<Complex> complexes;
  do {
    if (!ParseComplex(relative, &complexes.emplace_back())) return false;
    expected_selector_ = "a selector after \",\"";
    scanner_.SkipSpace();
  } while (scanner_.Take(','));
  *list = AddList(complexes);
  return true;
}

std::uint32_t CssParser::AddList(const std::vector<Complex>& complexes) {
  program_->lists.push_back({static_cast<std::uint32_t>(program_->complexes.size()),
                             static_cast<std::uint32_t>(complexes.size())});
  program_->complexes.insert(program_->complexes.end(), complexes.begin(), complexes.end());
  return static_cast<std::uint32_t>(program_->lists.size() - 1);
}

// ---- Forgiving lists (Selectors Level 4, section 18.1) --------------------------

// What is wrong or unknown in `:is(...)` is left out, and noted for warnings.
bool CssParser::ParseForgivingList(std::uint32_t* list) {
  std::vector<Complex> complexes;
  do {
    if (!ParseForgivingPart(&complexes)) return false;
  } while (scanner_.Take(','));
  *list = AddList(complexes);
  return true;
}

bool CssParser::ParseForgivingPart(std::vector<Complex>* complexes) {
  scanner_.SkipSpace();
  const std::size_t begin = scanner_.offset();
  const int depth = function_depth_;
  Complex complex;
  bool parsed = ParseComplex(Relative::kNo, &complex);
  expected_selector_ = "a selector after \",\"";
  if (parsed) {
    scanner_.SkipSpace();
    parsed = scanner_.done() || scanner_.Peek() == ',' || scanner_.Peek() == ')' ||
             scanner_.Expected("\",\" or \")\" after a selector");
  }
  if (parsed) {
    complexes->push_back(complex);
    return true;
  }
  const bool at_end = scanner_.done();
  if (at_end || !scanner_.Forgive()) return false;
  program_->dropped.push_back({scanner_.error_offset(), scanner_.error_detail()});
  function_depth_ = depth;
  scanner_.GoBackTo(begin);
  return scanner_.SkipArgument() || scanner_.Expected("\")\"");
}

// ---- Arguments that are no selectors --------------------------------------------

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

bool CssParser::ParseDir(Test* test) {
  scanner_.SkipSpace();
  const std::size_t begin = scanner_.offset();
  test->text = html::Lowered(scanner_.Name());
  if (test->text == "ltr" || test->text == "rtl") return true;
  scanner_.GoBackTo(begin);
  return scanner_.Expected("ltr or rtl after \":dir(\"");
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

}  // namespace thresh::select::css
