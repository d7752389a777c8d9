// = != < <= > >= (XPath 1.0, section 3.4).

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_set>

#include "parser/select/xpath_evaluator.h"
#include "parser/select/xpath_number.h"

namespace thresh::select::xpath {
namespace {

bool IsEquality(Op op) {
  return op == Op::kEqual || op == Op::kNotEqual;
}

// The operator that says the same with the sides changed.
Op Flipped(Op op) {
  switch (op) {
    case Op::kLess: return Op::kGreater;
    case Op::kLessEqual: return Op::kGreaterEqual;
    case Op::kGreater: return Op::kLess;
    case Op::kGreaterEqual: return Op::kLessEqual;
    default: return op;
  }
}

bool CompareNumbers(Op op, double left, double right) {
  switch (op) {
    case Op::kEqual: return left == right;
    case Op::kNotEqual: return left != right;
    case Op::kLess: return left < right;
    case Op::kLessEqual: return left <= right;
    case Op::kGreater: return left > right;
    default: return left >= right;
  }
}

// The smallest and the largest number seen; NaN is neither.
struct Extent {
  double least = std::numeric_limits<double>::quiet_NaN();
  double most = std::numeric_limits<double>::quiet_NaN();

  void Add(double number) {
    if (!(number >= least)) least = std::isnan(number) ? least : number;
    if (!(number <= most)) most = std::isnan(number) ? most : number;
  }
};

}  // namespace

bool XPathEvaluator::Compare(const Expr& comparison, const Context& context) {
  const ExprId left = comparison.first_child;
  const ExprId right = comparison.last_child;
  const Type left_type = expr(left).type;
  const Type right_type = expr(right).type;
  const bool with_boolean = left_type == Type::kBoolean || right_type == Type::kBoolean;
  if (left_type == Type::kNodes && right_type == Type::kNodes) {
    return CompareNodeSets(comparison.op, left, right, context);
  }
  if (with_boolean &&
      (IsEquality(comparison.op) || left_type == Type::kNodes || right_type == Type::kNodes)) {
    const double left_truth = Boolean(left, context) ? 1 : 0;
    return CompareNumbers(comparison.op, left_truth, Boolean(right, context) ? 1 : 0);
  }
  if (left_type == Type::kNodes) return CompareNodes(comparison.op, left, right, context);
  if (right_type == Type::kNodes) {
    return CompareNodes(Flipped(comparison.op), right, left, context);
  }
  return CompareValues(comparison.op, left, right, context);
}

// Neither side is a node-set, nor a boolean if it is about equality.
bool XPathEvaluator::CompareValues(Op op, ExprId left, ExprId right, const Context& context) {
  const bool as_numbers =
      !IsEquality(op) || expr(left).type == Type::kNumber || expr(right).type == Type::kNumber;
  if (as_numbers) {
    const double left_number = Number(left, context);
    return CompareNumbers(op, left_number, Number(right, context));
  }
  Borrowed<std::string> left_buffer(scratch_.strings);
  Borrowed<std::string> right_buffer(scratch_.strings);
  const std::string_view left_text = String(left, context, left_buffer.get());
  const std::string_view right_text = String(right, context, right_buffer.get());
  SpendBytes(left_text.size());
  return (left_text == right_text) == (op == Op::kEqual);
}

bool XPathEvaluator::CompareNodes(Op op, ExprId nodes, ExprId other, const Context& context) {
  if (!IsEquality(op) || expr(other).type == Type::kNumber) {
    const double number = Number(other, context);
    return AnyStringValue(nodes, context, [&](std::string_view value) {
      return CompareNumbers(op, ParseXPathNumber(value), number);
    });
  }
  Borrowed<std::string> buffer(scratch_.strings);
  const std::string_view text = String(other, context, buffer.get());
  return AnyStringValue(nodes, context, [&](std::string_view value) {
    return (value == text) == (op == Op::kEqual);
  });
}

// < <= > >= of some pair of one from each side: the extremes decide.
bool XPathEvaluator::OrderNodeSets(Op op, ExprId left, ExprId right, const Context& context) {
  const auto extent_of = [&](ExprId side) {
    Extent extent;
    (void)AnyStringValue(side, context, [&extent](std::string_view value) {
      extent.Add(ParseXPathNumber(value));
      return false;
    });
    return extent;
  };
  const Extent left_extent = extent_of(left);
  const Extent right_extent = extent_of(right);
  const bool less = op == Op::kLess || op == Op::kLessEqual;
  return less ? CompareNumbers(op, left_extent.least, right_extent.most)
              : CompareNumbers(op, left_extent.most, right_extent.least);
}

// Some pair of one from each side: without looking at every pair.
bool XPathEvaluator::CompareNodeSets(Op op, ExprId left, ExprId right, const Context& context) {
  if (!IsEquality(op)) return OrderNodeSets(op, left, right, context);
  std::unordered_set<std::string> values;
  (void)AnyStringValue(left, context, [&](std::string_view value) {
    values.emplace(value);
    return op == Op::kNotEqual && values.size() > 1;  // Two of them: one differs from any other.
  });
  if (values.empty()) return false;
  return AnyStringValue(right, context, [&](std::string_view value) {
    if (op == Op::kNotEqual) return values.size() > 1 || *values.begin() != value;
    return values.contains(std::string(value));
  });
}

}  // namespace thresh::select::xpath
