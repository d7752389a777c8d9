// Expressions. Location paths are in xpath_parser_path.cc.

#include "parser/select/xpath_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include <re2/re2.h>

#include "parser/html/ascii.h"
#include "parser/select/xpath_number.h"

namespace thresh::select::xpath {
namespace {

constexpr std::size_t kMaxBytes = 65'536;
constexpr int kMaxDepth = 256;              // The parser recurses,
constexpr std::uint16_t kMaxHeight = 1000;  // and so does the evaluator.
constexpr std::int64_t kMaxPatternBytes = 4 << 20;

std::string_view NameOf(Type type) {
  switch (type) {
    case Type::kNodes: return "a node-set";
    case Type::kNumber: return "a number";
    case Type::kString: return "a string";
    case Type::kBoolean: break;
  }
  return "a boolean";
}

}  // namespace

bool XPathParser::Parse(Program* program) {
  program_ = program;
  Uses uses;
  uses_ = &uses;
  if (scanner_.size() > kMaxBytes) {
    return scanner_.Fail(0, "an expression of more than " + std::to_string(kMaxBytes) + " bytes");
  }
  if (!ParseExpr(&program->root)) return false;
  scanner_.SkipSpace();
  return scanner_.done() || scanner_.Expected("an operator or the end of the expression");
}

// ---- Nodes of the program ---------------------------------------------------------

ExprId XPathParser::Add(Op op, Type type) {
  program_->exprs.push_back({.op = op, .type = type});
  return static_cast<ExprId>(program_->exprs.size() - 1);
}

bool XPathParser::AddChild(ExprId parent, ExprId child) {
  Expr& to = expr(parent);
  (to.first_child == kNoExpr ? to.first_child : expr(to.last_child).next) = child;
  to.last_child = child;
  return Grow(parent, expr(child).height);
}

bool XPathParser::Grow(ExprId parent, std::uint16_t child_height) {
  if (child_height >= kMaxHeight) {
    return scanner_.Fail(scanner_.offset(),
                         "an expression nested more than " + std::to_string(kMaxHeight) + " deep");
  }
  std::uint16_t& height = expr(parent).height;
  height = std::max<std::uint16_t>(height, static_cast<std::uint16_t>(child_height + 1));
  return true;
}

std::uint32_t XPathParser::Text(std::string_view text) {
  program_->texts.emplace_back(text);
  return static_cast<std::uint32_t>(program_->texts.size() - 1);
}

bool XPathParser::CheckNodes(ExprId id, std::size_t begin, std::string_view who) {
  const Type type = expr(id).type;
  return type == Type::kNodes ||
         scanner_.Fail(begin, std::string(who) + " a node-set, found " + std::string(NameOf(type)));
}

// ---- Operators --------------------------------------------------------------------

bool XPathParser::ParseExpr(ExprId* expr) {
  if (++depth_ > kMaxDepth) {
    return scanner_.Fail(scanner_.offset(),
                         "an expression nested more than " + std::to_string(kMaxDepth) + " deep");
  }
  const bool parsed = ParseBinary(0, expr);
  --depth_;
  return parsed;
}

// The longer of two that begin alike stands first.
const XPathParser::Operator* XPathParser::TakeOperator(int min_precedence) {
  static constexpr auto kOperators = std::to_array<Operator>({
      {"or", Op::kOr, 1},
      {"and", Op::kAnd, 2},
      {"=", Op::kEqual, 3},
      {"!=", Op::kNotEqual, 3},
      {"<=", Op::kLessEqual, 4},
      {"<", Op::kLess, 4},
      {">=", Op::kGreaterEqual, 4},
      {">", Op::kGreater, 4},
      {"+", Op::kAdd, 5},
      {"-", Op::kSubtract, 5},
      {"*", Op::kMultiply, 6},
      {"div", Op::kDivide, 6},
      {"mod", Op::kModulo, 6},
  });
  scanner_.SkipSpace();
  for (const Operator& candidate : kOperators) {
    if (candidate.precedence < min_precedence) continue;
    const bool is_word = html::IsAlpha(candidate.text.front());
    if (is_word ? scanner_.TakeWord(candidate.text) : scanner_.Take(candidate.text)) {
      return &candidate;
    }
  }
  return nullptr;
}

bool XPathParser::ParseBinary(int min_precedence, ExprId* expr_out) {
  ExprId left = kNoExpr;
  if (!ParseUnary(&left)) return false;
  while (const Operator* const found = TakeOperator(min_precedence)) {
    ExprId right = kNoExpr;
    if (!ParseBinary(found->precedence + 1, &right)) return false;
    // Chains of `or` and `and` are one expression, so that long ones are not deep.
    const bool chains =
        (found->op == Op::kOr || found->op == Op::kAnd) && expr(left).op == found->op;
    if (!chains) {
      const ExprId parent = Add(found->op, found->op >= Op::kAdd ? Type::kNumber : Type::kBoolean);
      if (!AddChild(parent, left)) return false;
      left = parent;
    }
    if (!AddChild(left, right)) return false;
  }
  *expr_out = left;
  return true;
}

bool XPathParser::ParseUnary(ExprId* expr_out) {
  int signs = 0;
  while (scanner_.Take("-")) ++signs;
  if (!ParseUnion(expr_out)) return false;
  if (signs == 0) return true;
  for (int left = 2 - signs % 2; left > 0; --left) {  // Any even number does what two do.
    const ExprId negation = Add(Op::kNegate, Type::kNumber);
    if (!AddChild(negation, *expr_out)) return false;
    *expr_out = negation;
  }
  return true;
}

bool XPathParser::ParseUnion(ExprId* expr_out) {
  scanner_.SkipSpace();
  std::size_t begin = scanner_.offset();
  if (!ParsePath(expr_out)) return false;
  ExprId parent = kNoExpr;
  while (scanner_.Take("|")) {
    constexpr std::string_view kWho = "\"|\" joins node-sets: expected";
    if (parent == kNoExpr) {
      if (!CheckNodes(*expr_out, begin, kWho)) return false;
      parent = Add(Op::kUnion, Type::kNodes);
      if (!AddChild(parent, *expr_out)) return false;
      *expr_out = parent;
    }
    scanner_.SkipSpace();
    begin = scanner_.offset();
    ExprId branch = kNoExpr;
    if (!ParsePath(&branch) || !CheckNodes(branch, begin, kWho)) return false;
    if (!AddChild(parent, branch)) return false;
  }
  return true;
}

// ---- Primary expressions ----------------------------------------------------------

bool XPathParser::AtPrimary() {
  scanner_.SkipSpace();
  const char c = scanner_.Peek();
  return c == '(' || c == '"' || c == '\'' || c == '$' || scanner_.AtNumber() || AtFunction();
}

bool XPathParser::AtFunction() {
  const std::size_t begin = scanner_.offset();
  const std::string_view name = scanner_.Name();
  const bool is_type =
      name == "node" || name == "text" || name == "comment" || name == "processing-instruction";
  bool found = !name.empty() && !is_type;
  if (found && scanner_.Peek() == ':') {
    scanner_.Advance();
    found = !scanner_.Name().empty();
  }
  scanner_.SkipSpace();
  found = found && scanner_.Peek() == '(';
  scanner_.GoBackTo(begin);
  return found;
}

bool XPathParser::ParsePrimary(ExprId* expr_out) {
  const char c = scanner_.Peek();
  if (c == '$') {
    const std::size_t begin = scanner_.offset();
    scanner_.Advance();
    return scanner_.Fail(
        begin, "variables such as \"$" + std::string(scanner_.Name()) + "\" have no value here");
  }
  if (c == '(') {
    scanner_.Advance();
    return ParseExpr(expr_out) && (scanner_.Take(")") || scanner_.Expected("an operator or \")\""));
  }
  if (c == '"' || c == '\'') {
    std::string_view value;
    if (!scanner_.Literal(&value)) return false;
    *expr_out = Add(Op::kString, Type::kString);
    expr(*expr_out).text = Text(value);
    return true;
  }
  if (scanner_.AtNumber()) {
    const double number = XPathLiteralNumber(scanner_.Number());
    *expr_out = Add(Op::kNumber, Type::kNumber);
    expr(*expr_out).number = number;
    return true;
  }
  return ParseFunction(expr_out);
}

bool XPathParser::ParseFunction(ExprId* expr_out) {
  const std::size_t begin = scanner_.offset();
  std::string name(scanner_.Name());
  if (scanner_.Peek() == ':') {
    scanner_.Advance();
    name.append(":").append(scanner_.Name());
  }
  const FunctionSpec* const spec = FindFunction(name);
  if (spec == nullptr) {
    return scanner_.Fail(begin, "unknown function \"" + name + "()\"" + FunctionHint(name));
  }
  scanner_.Take("(");
  *expr_out = Add(Op::kFunction, spec->result);
  expr(*expr_out).function = spec->function;
  uses_->position = uses_->position || spec->function == Function::kPosition;
  uses_->last = uses_->last || spec->function == Function::kLast;
  return ParseArguments(*spec, begin, expr_out);
}

bool XPathParser::ParseArguments(const FunctionSpec& spec, std::size_t begin, ExprId* call) {
  std::size_t count = 0;
  if (!scanner_.Take(")")) {
    do {
      scanner_.SkipSpace();
      const std::size_t at = scanner_.offset();
      ExprId argument = kNoExpr;
      if (!ParseExpr(&argument)) return false;
      const std::string who = std::string(spec.name) + "() takes";
      if (count == 0 && spec.takes_nodes && !CheckNodes(argument, at, who)) return false;
      if (!AddChild(*call, argument)) return false;
      ++count;
    } while (scanner_.Take(","));
    if (!scanner_.Take(")")) {
      return scanner_.Expected("\",\" or \")\" to end \"" + std::string(spec.name) + "(\"");
    }
  }
  return CheckArguments(spec, begin, *call, count);
}

bool XPathParser::CheckArguments(const FunctionSpec& spec, std::size_t begin, ExprId call,
                                 std::size_t count) {
  if (count < spec.min_arguments || (spec.max_arguments != 255 && count > spec.max_arguments)) {
    std::string takes = std::to_string(spec.min_arguments);
    if (spec.max_arguments == 255) {
      takes += " or more";
    } else if (spec.max_arguments > spec.min_arguments) {
      takes += " to " + std::to_string(spec.max_arguments);
    }
    return scanner_.Fail(begin, std::string(spec.name) + "() takes " + takes +
                                    (takes == "1" ? " argument" : " arguments") + ", found " +
                                    std::to_string(count));
  }
  if (spec.function == Function::kReTest) return ParsePattern(call, begin);
  if (count > 0 || !spec.defaults_to_self) return true;
  return AddChild(call, Add(Op::kPath, Type::kNodes));
}

// re:test's pattern and flags are literals, so that they are compiled once.
bool XPathParser::ParsePattern(ExprId call, std::size_t begin) {
  const Expr& pattern = expr(expr(expr(call).first_child).next);
  const bool has_flags = pattern.next != kNoExpr;
  if (pattern.op != Op::kString || (has_flags && expr(pattern.next).op != Op::kString)) {
    return scanner_.Fail(begin, "the pattern and the flags of re:test() are literals");
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kMaxPatternBytes);
  if (has_flags) {
    options.set_case_sensitive(program_->texts[expr(pattern.next).text].find('i') ==
                               std::string::npos);
  }
  auto compiled = std::make_shared<RE2>(program_->texts[pattern.text], options);
  if (!compiled->ok()) {
    return scanner_.Fail(begin, "the pattern of re:test(): " + compiled->error());
  }
  expr(call).text = static_cast<std::uint32_t>(program_->patterns.size());
  program_->patterns.push_back(std::move(compiled));
  return true;
}

}  // namespace thresh::select::xpath
