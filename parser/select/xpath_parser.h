#pragma once

// XPathParser: the text of an expression -> Program, by recursive descent along the
// grammar of XPath 1.0, sections 2 and 3. It also puts `//` into the shape that is
// quick to run: see FoldSteps.
//
// Lifetime: one use, on the stack.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/html/names.h"
#include "parser/select/xpath_functions.h"
#include "parser/select/xpath_program.h"
#include "parser/select/xpath_scanner.h"

namespace thresh::select::xpath {

class XPathParser {
 public:
  XPathParser(std::string_view text, html::NameTable& names) : scanner_(text), names_(names) {}

  /// False after a failure, which scanner() knows.
  [[nodiscard]] bool Parse(Program* program);
  [[nodiscard]] const XPathScanner& scanner() const noexcept { return scanner_; }

 private:
  /// What the predicate being parsed asks of its context.
  struct Uses {
    bool position = false;
    bool last = false;
  };
  struct Operator {
    std::string_view text;
    Op op;
    int precedence;
  };

  // Expressions (section 3).
  bool ParseExpr(ExprId* expr);
  bool ParseBinary(int min_precedence, ExprId* expr);
  bool ParseUnary(ExprId* expr);
  bool ParseUnion(ExprId* expr);
  bool ParsePrimary(ExprId* expr);
  bool ParseFunction(ExprId* expr);
  bool ParseArguments(const FunctionSpec& spec, std::size_t begin, ExprId* expr);
  bool CheckArguments(const FunctionSpec& spec, std::size_t begin, ExprId expr, std::size_t count);
  bool ParsePattern(ExprId call, std::size_t begin);
  const Operator* TakeOperator(int min_precedence);
  [[nodiscard]] bool AtPrimary();
  [[nodiscard]] bool AtFunction();

  // Location paths (section 2).
  bool ParsePath(ExprId* expr);
  bool ParseFilter(ExprId* expr);
  bool ParseSteps(std::vector<Step>* steps);
  bool ParseRelativeSteps(std::vector<Step>* steps);
  bool ParseStep(Step* step);
  bool ParseAxis(Step* step);
  bool ParseTest(Axis axis, NodeTest* test);
  bool ParseNodeType(std::string_view type, std::size_t begin, NodeTest* test);
  bool ParsePredicates(Step* step);
  bool ParsePredicate(Predicate* predicate);
  [[nodiscard]] bool AtStep();
  static void FoldSteps(std::vector<Step>* steps);
  bool FinishPath(Start start, ExprId base, std::vector<Step> steps, ExprId* expr);

  ExprId Add(Op op, Type type);
  [[nodiscard]] Expr& expr(ExprId id) { return program_->exprs[id]; }
  bool AddChild(ExprId parent, ExprId child);
  bool Grow(ExprId parent, std::uint16_t child_height);
  bool GrowAround(ExprId parent, const Range& predicates);
  bool CheckNodes(ExprId id, std::size_t begin, std::string_view who);
  std::uint32_t Text(std::string_view text);

  XPathScanner scanner_;
  html::NameTable& names_;
  Program* program_ = nullptr;
  Uses* uses_ = nullptr;
  int depth_ = 0;
};

}  // namespace thresh::select::xpath
