#pragma once

// PathParser: a JSONPath query's text -> Program, by the grammar and the typing rules of
// RFC 9535 (2.1, 2.3.5, 2.4.3; appendix A).

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/json/json_path_program.h"
#include "parser/json/json_path_scanner.h"

namespace thresh::json::path {

class PathParser {
 public:
  /// Filters, parentheses and functions inside one another.
  static constexpr int kMaxNesting = 64;

  /// REQUIRES: `text` is UTF-8.
  explicit PathParser(std::string_view text) : in_(text) {}

  /// False on failure: see scanner(). Called once.
  bool Parse(Program* program);

  [[nodiscard]] const PathScanner& scanner() const noexcept { return in_; }

 private:
  // What stands where a value, a test or an argument is expected.
  struct Term {
    enum class Kind : std::uint8_t { kLiteral, kQuery, kFunction };
    Kind kind = Kind::kLiteral;
    std::size_t offset = 0;
    Operand operand{};
    bool comparable = true;  ///< Of ValueType: a literal, a singular query, such a function.
  };

  // json_path_parser.cc
  bool ParseSegments(Query* query, bool* blank_in_brackets);
  bool ParseSegment(Segment* segment, bool* blank_in_brackets);
  bool ParseBrackets(std::vector<Selector>* selectors, bool* blanks);
  bool ParseSelector(Selector* selector);
  bool ParseIndexOrSlice(Selector* selector);
  bool ParseSliceTail(Selector* selector);
  Range Store(std::vector<Selector> selectors);

  // json_path_filter_parser.cc
  bool ParseFilter(std::uint32_t* expr);
  bool ParseOr(std::uint32_t* expr);
  bool ParseAnd(std::uint32_t* expr);
  bool ParseBasic(std::uint32_t* expr);
  bool ParseParenthesis(std::uint32_t* expr);
  bool ParseTestOrComparison(bool negated, std::uint32_t* expr);
  bool ParseTerm(Term* term);
  bool ParseWordTerm(Term* term);
  bool ParseQueryTerm(Term* term);
  bool ParseFunction(std::string_view name, Term* term);
  bool ParseArguments(std::string_view name, FunctionKind kind, Function* function);
  bool CheckComparable(const Term& term);
  std::optional<CompareOp> TakeCompareOp();
  std::uint32_t Test(const Term& term);
  std::uint32_t AddExpr(Expr expr);
  std::uint32_t AddList(ExprKind kind, const std::vector<std::uint32_t>& children);
  std::uint32_t AddOperand(Operand operand);

  PathScanner in_;
  Program* program_ = nullptr;
  int nesting_ = 0;
};

}  // namespace thresh::json::path
