#pragma once

// CssParser: the text of a selector list -> css::Program.
//
// Selectors Level 4 for a page at rest: no :hover and the like; the namespaces html,
// svg and math, as no recipe can declare any; :contains("x") and [a!=b] on top, and
// our pseudo-elements at a branch's end.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parser/html/names.h"
#include "parser/select/css_program.h"
#include "parser/select/css_scanner.h"

namespace thresh::select::css {

class CssParser {
 public:
  CssParser(std::string_view css, html::NameTable& names) : scanner_(css), names_(names) {}

  /// Returns false if `css` is wrong; scanner() then has the offset and the reason.
  [[nodiscard]] bool Parse(Program* program);

  [[nodiscard]] const CssScanner& scanner() const noexcept { return scanner_; }

 private:
  /// A compound under construction: its tests are appended to the program at its end.
  struct Draft {
    Compound compound;
    std::vector<Test> tests;
    bool empty = true;
  };
  enum class Relative : bool { kNo, kYes };

  // css_parser.cc: lists, combinators, compounds.
  bool ParseBranch();
  bool ParseComplex(Relative relative, Complex* complex);
  bool ParseCompounds(std::vector<Compound>* compounds);
  Combinator TakeCombinator();
  bool ParseCompound(Draft* draft);
  bool ParseSimple(Draft* draft);
  bool ParseTag(Draft* draft);
  bool ParseTagName(Draft* draft);
  bool ParseNamespace(Draft* draft);
  void AddTest(Draft* draft, Test test);
  bool ParseClass(Draft* draft);
  bool ParseId(Draft* draft);
  Compound Finish(Draft draft);
  Complex FinishComplex(std::vector<Compound> left_to_right, Combinator lead);
  bool AssignGroup(Branch* branch);

  // css_parser_attribute.cc
  bool ParseAttribute(Draft* draft);
  bool ParseAttributeName(Test* test, bool* any_namespace);
  bool ParseAttributeTest(Test* test);
  Test InAnyNamespace(const Test& test);
  bool ParseAttributeOperator(Test* test);
  bool ParseAttributeValue(Test* test);
  bool ParseAttributeFlag(Test* test);

  // css_parser_pseudo.cc
  bool ParsePseudoElement();
  bool ParseAttrArgument();
  bool ParsePseudoClass(Draft* draft);
  bool ParseFunction(const std::string& name, std::size_t begin, Draft* draft);
  bool ParseArgument(Test* test);
  bool ParseList(Relative relative, std::uint32_t* list);
  bool ParseForgivingList(std::uint32_t* list);
  bool ParseForgivingPart(std::vector<Complex>* complexes);
  std::uint32_t AddList(const std::vector<Complex>& complexes);
  bool ParseLang(Test* test);
  bool ParseDir(Test* test);
  bool ParseContains(Test* test);

  // css_parser_nth.cc
  bool ParseNth(Test* test);
  bool ParseNthOf(Test* test);
  bool ParseAnPlusB(Test* test);
  bool TakeNumber(std::int32_t* number);
  bool TakeKeyword(std::string_view keyword);

  CssScanner scanner_;
  html::NameTable& names_;
  Program* program_ = nullptr;
  PseudoElement pseudo_;                          ///< Of the branch under way.
  std::size_t pseudo_offset_ = 0;                 ///< Where that begins.
  bool pseudo_alone_ = false;                     ///< Its compound is nothing else, as `a ::text`.
  int function_depth_ = 0;                        ///< :is(:not(...)) is 2.
  std::string expected_selector_ = "a selector";  ///< ... and after what.
};

}  // namespace thresh::select::css
