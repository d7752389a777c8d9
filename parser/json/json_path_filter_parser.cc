// The part of PathParser that reads filters (RFC 9535, 2.3.5 and 2.4).

#include <array>
#include <string>
#include <utility>

#include "parser/json/i_regexp.h"
#include "parser/json/json_path_parser.h"

namespace thresh::json::path {
namespace {

struct Signature {
  std::string_view name;
  FunctionKind kind;
  std::uint32_t arguments;
  bool takes_nodes;  // NodesType; else ValueType.
  bool gives_logic;  // LogicalType; else ValueType.
};
constexpr std::array<Signature, 5> kFunctions{{
    {"length", FunctionKind::kLength, 1, false, false},
    {"count", FunctionKind::kCount, 1, true, false},
    {"match", FunctionKind::kMatch, 2, false, true},
    {"search", FunctionKind::kSearch, 2, false, true},
    {"value", FunctionKind::kValue, 1, true, false},
}};

const Signature& SignatureOf(FunctionKind kind) {
  return kFunctions[static_cast<std::size_t>(kind)];
}

// Counts one level of nesting while it lives.
class Nested {
 public:
  explicit Nested(int* level) : level_(*level) { ++level_; }
  ~Nested() { --level_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

 private:
  int& level_;
};

}  // namespace

bool PathParser::ParseFilter(std::uint32_t* expr) {
  const Nested nested(&nesting_);
  in_.SkipBlanks();
  return ParseOr(expr);
}

bool PathParser::ParseOr(std::uint32_t* expr) {
  if (nesting_ > kMaxNesting) return in_.Fail(in_.offset(), "this is nested too deeply");
  std::vector<std::uint32_t> children;
  do {
    in_.SkipBlanks();
    if (!ParseAnd(&children.emplace_back())) return false;
    in_.SkipBlanks();
  } while (in_.Take("||"));
  *expr = AddList(ExprKind::kOr, children);
  return true;
}

bool PathParser::ParseAnd(std::uint32_t* expr) {
  std::vector<std::uint32_t> children;
  do {
    in_.SkipBlanks();
    if (!ParseBasic(&children.emplace_back())) return false;
    in_.SkipBlanks();
  } while (in_.Take("&&"));
  *expr = AddList(ExprKind::kAnd, children);
  return true;
}

bool PathParser::ParseBasic(std::uint32_t* expr) {
  if (in_.Peek() == '(') return ParseParenthesis(expr);
  if (!in_.Take("!")) return ParseTestOrComparison(false, expr);
  in_.SkipBlanks();
  if (in_.Peek() != '(') return ParseTestOrComparison(true, expr);
  std::uint32_t inner = 0;
  if (!ParseParenthesis(&inner)) return false;
  *expr = AddExpr({.kind = ExprKind::kNot, .left = inner});
  return true;
}

bool PathParser::ParseParenthesis(std::uint32_t* expr) {
  const Nested nested(&nesting_);
  in_.Take("(");
  if (!ParseOr(expr)) return false;
  return in_.Take(")") || in_.Expected("\")\", \"&&\" or \"||\"");
}

bool PathParser::ParseTestOrComparison(bool negated, std::uint32_t* expr) {
  Term left;
  if (!ParseTerm(&left)) return false;
  in_.SkipBlanks();
  const std::size_t operator_offset = in_.offset();
  const auto op = TakeCompareOp();
  if (!op) {
    if (left.kind == Term::Kind::kLiteral) return in_.Expected("a comparison after the literal");
    if (left.kind == Term::Kind::kFunction && left.comparable) {
      return in_.Expected("a comparison after the function's value");
    }
    *expr = Test(left);
    if (negated) *expr = AddExpr({.kind = ExprKind::kNot, .left = *expr});
    return true;
  }
  if (negated) {
    return in_.Fail(operator_offset, "a comparison after \"!\" must stand in parentheses");
  }
  in_.SkipBlanks();
  Term right;
  if (!CheckComparable(left) || !ParseTerm(&right) || !CheckComparable(right)) return false;
  const std::uint32_t a = AddOperand(std::move(left.operand));
  const std::uint32_t b = AddOperand(std::move(right.operand));
  *expr = AddExpr({.kind = ExprKind::kCompare, .op = *op, .left = a, .right = b});
  return true;
}

bool PathParser::CheckComparable(const Term& term) {
  if (term.comparable) return true;
  return in_.Fail(term.offset, term.kind == Term::Kind::kFunction
                                   ? "expected a value, found a function that says true or false"
                                   : "expected a singular query: names and indices only, without "
                                     "blanks in the brackets");
}

std::optional<CompareOp> PathParser::TakeCompareOp() {
  if (in_.Take("==")) return CompareOp::kEqual;
  if (in_.Take("!=")) return CompareOp::kNotEqual;
  if (in_.Take("<=")) return CompareOp::kLessEqual;
  if (in_.Take(">=")) return CompareOp::kGreaterEqual;
  if (in_.Take("<")) return CompareOp::kLess;
  if (in_.Take(">")) return CompareOp::kGreater;
  return std::nullopt;
}

bool PathParser::ParseTerm(Term* term) {
  term->offset = in_.offset();
  const char c = in_.Peek();
  if (c == '@' || c == '$') return ParseQueryTerm(term);
  Operand& operand = term->operand;
  if (c == '\'' || c == '"') {
    auto text = in_.String();
    if (!text) return false;
    operand.kind = OperandKind::kString;
    operand.text = std::move(*text);
    return true;
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    const auto number = in_.NumberLiteral();
    if (!number) return false;
    operand.kind = number->is_integer ? OperandKind::kInteger : OperandKind::kDouble;
    operand.integer = number->integer;
    operand.number = number->number;
    return true;
  }
  return ParseWordTerm(term);
}

bool PathParser::ParseWordTerm(Term* term) {
  const std::string_view word = in_.FunctionName();
  if (!word.empty() && in_.Peek() == '(') return ParseFunction(word, term);
  if (word == "true" || word == "false") {
    term->operand.kind = OperandKind::kBool;
    term->operand.boolean = word == "true";
    return true;
  }
  if (word == "null") return true;
  in_.GoBackTo(term->offset);
  return in_.Expected("a query (@ or $), a literal or a function");
}

bool PathParser::ParseQueryTerm(Term* term) {
  Query query{.from_root = in_.Take("$")};
  if (!query.from_root) in_.Take("@");
  bool blank_in_brackets = false;
  if (!ParseSegments(&query, &blank_in_brackets)) return false;
  term->kind = Term::Kind::kQuery;
  term->comparable = query.singular && !blank_in_brackets;
  term->operand.kind = OperandKind::kQuery;
  term->operand.index = static_cast<std::uint32_t>(program_->queries.size());
  program_->queries.push_back(query);
  return true;
}

bool PathParser::ParseFunction(std::string_view name, Term* term) {
  const Signature* signature = nullptr;
  for (const Signature& known : kFunctions) {
    if (known.name == name) signature = &known;
  }
  if (signature == nullptr) {
    return in_.Fail(term->offset, "expected length, count, match, search or value, found \"" +
                                      std::string(name) + '"');
  }
  const Nested nested(&nesting_);
  if (nesting_ > kMaxNesting) return in_.Fail(term->offset, "this is nested too deeply");
  Function function{.kind = signature->kind};
  if (!ParseArguments(name, signature->kind, &function)) return false;
  term->kind = Term::Kind::kFunction;
  term->comparable = !signature->gives_logic;
  term->operand.kind = OperandKind::kFunction;
  term->operand.index = static_cast<std::uint32_t>(program_->functions.size());
  program_->functions.push_back(std::move(function));
  return true;
}

// "(" S [argument *(S "," S argument)] S ")"
bool PathParser::ParseArguments(std::string_view name, FunctionKind kind, Function* function) {
  const Signature& signature = SignatureOf(kind);
  in_.Take("(");
  for (std::uint32_t i = 0; i < signature.arguments; ++i) {
    in_.SkipBlanks();
    if (i > 0 && !in_.Take(",")) return in_.Expected("\",\" and the second argument");
    in_.SkipBlanks();
    Term term;
    if (!ParseTerm(&term)) return false;
    if (signature.takes_nodes && term.kind != Term::Kind::kQuery) {
      return in_.Fail(term.offset, std::string(name) + "() takes a query (@ or $)");
    }
    if (!signature.takes_nodes && !CheckComparable(term)) return false;
    if (i == 1 && term.operand.kind == OperandKind::kString) {
      function->literal_pattern = true;
      function->pattern = CompileIRegexp(term.operand.text, kind == FunctionKind::kMatch);
    }
    (i == 0 ? function->first : function->second) = AddOperand(std::move(term.operand));
  }
  in_.SkipBlanks();
  return in_.Take(")") || in_.Expected("\")\" after the last argument");
}

std::uint32_t PathParser::Test(const Term& term) {
  const bool query = term.kind == Term::Kind::kQuery;
  return AddExpr(
      {.kind = query ? ExprKind::kExists : ExprKind::kFunction, .left = term.operand.index});
}

std::uint32_t PathParser::AddExpr(Expr expr) {
  program_->exprs.push_back(expr);
  return static_cast<std::uint32_t>(program_->exprs.size() - 1);
}

std::uint32_t PathParser::AddList(ExprKind kind, const std::vector<std::uint32_t>& children) {
  if (children.size() == 1) return children.front();
  Expr list{.kind = kind};
  list.children = {static_cast<std::uint32_t>(program_->children.size()),
                   static_cast<std::uint32_t>(children.size())};
  program_->children.insert(program_->children.end(), children.begin(), children.end());
  return AddExpr(list);
}

std::uint32_t PathParser::AddOperand(Operand operand) {
  program_->operands.push_back(std::move(operand));
  return static_cast<std::uint32_t>(program_->operands.size() - 1);
}

}  // namespace thresh::json::path
