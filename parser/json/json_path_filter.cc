// The part of PathRun that decides filters (RFC 9535, 2.3.5.2 and 2.4).

#include <algorithm>

#include <re2/re2.h>

#include "parser/json/i_regexp.h"
#include "parser/json/json_path_run.h"

namespace thresh::json::path {
namespace {

// Steps for a pattern that a document brings: what compiling it takes, roughly.
constexpr std::int64_t kCompileSteps = 10'000;
constexpr std::int64_t kDocumentPatternBytes = 1 << 20;

Value Integer(std::size_t count) {
  Value value;
  value.kind = Value::Kind::kInteger;
  value.integer = static_cast<std::int64_t>(count);
  return value;
}

std::int64_t SizeOf(std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

}  // namespace

bool PathRun::Holds(std::uint32_t index, element current) {
  const Expr& expr = program_.exprs[index];
  if (!work_.Spend(1)) return false;
  const auto child_holds = [&](std::uint32_t child) { return Holds(child, current); };
  const auto begin = program_.children.begin() + expr.children.first;
  const auto end = begin + expr.children.count;
  switch (expr.kind) {
    case ExprKind::kOr: return std::any_of(begin, end, child_holds);
    case ExprKind::kAnd: return std::all_of(begin, end, child_holds);
    case ExprKind::kNot: return !Holds(expr.left, current);
    case ExprKind::kExists: return Exists(expr.left, current);
    case ExprKind::kCompare: return Compare(expr, current);
    case ExprKind::kFunction: return Matches(program_.functions[expr.left], current);
  }
  return false;
}

bool PathRun::Exists(std::uint32_t query, element current) {
  Found found(std::size_t{1});
  Run(program_.queries[query], current, &found);
  return found.count() > 0;
}

bool PathRun::Compare(const Expr& expr, element current) {
  const Value a = ValueOfOperand(expr.left, current);
  const Value b = ValueOfOperand(expr.right, current);
  switch (expr.op) {
    case CompareOp::kEqual: return Equal(a, b, work_);
    case CompareOp::kNotEqual: return !Equal(a, b, work_);
    case CompareOp::kLess: return Less(a, b);
    case CompareOp::kLessEqual: return Less(a, b) || Equal(a, b, work_);
    case CompareOp::kGreater: return Less(b, a);
    case CompareOp::kGreaterEqual: return Less(b, a) || Equal(a, b, work_);
  }
  return false;
}

Value PathRun::ValueOfOperand(std::uint32_t index, element current) {
  const Operand& operand = program_.operands[index];
  Value value;
  switch (operand.kind) {
    case OperandKind::kNull: value.kind = Value::Kind::kNull; break;
    case OperandKind::kBool:
      value.kind = Value::Kind::kBool;
      value.boolean = operand.boolean;
      break;
    case OperandKind::kInteger:
      value.kind = Value::Kind::kInteger;
      value.integer = operand.integer;
      break;
    case OperandKind::kDouble:
      value.kind = Value::Kind::kDouble;
      value.number = operand.number;
      break;
    case OperandKind::kString:
      value.kind = Value::Kind::kString;
      value.text = operand.text;
      break;
    case OperandKind::kQuery: {
      Found found(std::size_t{1});
      Run(program_.queries[operand.index], current, &found);
      if (found.count() > 0) value = ValueOf(found.first());
      break;
    }
    case OperandKind::kFunction: return Call(program_.functions[operand.index], current);
  }
  return value;
}

// The functions that give a value.
Value PathRun::Call(const Function& function, element current) {
  if (function.kind == FunctionKind::kLength) {
    return Length(ValueOfOperand(function.first, current));
  }
  const bool count = function.kind == FunctionKind::kCount;
  Found found(count ? SIZE_MAX : std::size_t{2});
  Run(program_.queries[program_.operands[function.first].index], current, &found);
  if (count) return Integer(found.count());
  return found.count() == 1 ? ValueOf(found.first()) : Value{};
}

Value PathRun::Length(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kString: {
      work_.Spend(SizeOf(value.text) / 16);
      const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
      return Integer(
          static_cast<std::size_t>(std::count_if(value.text.begin(), value.text.end(), starts)));
    }
    case Value::Kind::kArray: return Integer(CountOf(ArrayOf(value.container)));
    case Value::Kind::kObject: return Integer(CountOf(ObjectOf(value.container)));
    default: return {};
  }
}

bool PathRun::Matches(const Function& function, element current) {
  const Value text = ValueOfOperand(function.first, current);
  if (text.kind != Value::Kind::kString) return false;
  const re2::RE2* const pattern = PatternOf(function, current);
  if (pattern == nullptr) return false;
  work_.Spend(1 + SizeOf(text.text) / 4 * (1 + pattern->ProgramSize() / 256));
  return !work_.exhausted() &&
         pattern->Match(text.text, 0, text.text.size(), RE2::UNANCHORED, nullptr, 0);
}

const re2::RE2* PathRun::PatternOf(const Function& function, element current) {
  if (function.literal_pattern) return function.pattern.get();
  const Value text = ValueOfOperand(function.second, current);
  if (text.kind != Value::Kind::kString) return nullptr;
  const bool whole = function.kind == FunctionKind::kMatch;
  if (has_pattern_ && pattern_whole_ == whole && pattern_text_ == text.text) return pattern_.get();
  if (!work_.Spend(kCompileSteps + 10 * SizeOf(text.text))) return nullptr;
  pattern_text_ = text.text;
  pattern_whole_ = whole;
  has_pattern_ = true;
  pattern_ = CompileIRegexp(text.text, whole, kDocumentPatternBytes);
  if (pattern_) work_.Spend(10 * pattern_->ProgramSize());
  return pattern_.get();
}

}  // namespace thresh::json::path
