#include "parser/json/compare.h"

#include <cmath>
#include <compare>

namespace thresh::json {
namespace {

using Kind = Value::Kind;
using simdjson::dom::element_type;

bool IsNumber(Kind kind) {
  return kind == Kind::kInteger || kind == Kind::kUnsigned || kind == Kind::kDouble;
}

// `limit` is 2 to the number of value bits of `Int`: the first double beyond it.
template <typename Int>
std::partial_ordering CompareWithDouble(Int a, double b, double lowest, double limit) {
  if (b >= limit) return std::partial_ordering::less;
  if (b < lowest) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  if (const auto order = a <=> static_cast<Int>(whole); order != 0) return order;
  return whole <=> b;
}

constexpr double kTwo63 = 9223372036854775808.0;

std::partial_ordering Reversed(std::partial_ordering order) {
  return 0 <=> order;
}

// REQUIRES: both are numbers.
std::partial_ordering CompareNumbers(const Value& a, const Value& b) {
  if (a.kind == Kind::kDouble && b.kind == Kind::kDouble) return a.number <=> b.number;
  if (a.kind == Kind::kDouble) return Reversed(CompareNumbers(b, a));
  if (b.kind == Kind::kDouble) {
    return a.kind == Kind::kInteger ? CompareWithDouble(a.integer, b.number, -kTwo63, kTwo63)
                                    : CompareWithDouble(a.natural, b.number, 0.0, 2 * kTwo63);
  }
  if (a.kind == b.kind) {
    return a.kind == Kind::kInteger ? a.integer <=> b.integer : a.natural <=> b.natural;
  }
  return a.kind == Kind::kInteger ? std::partial_ordering::less : std::partial_ordering::greater;
}

bool EqualArrays(const element& a, const element& b, select::WorkBudget& work) {
  const simdjson::dom::array left = ArrayOf(a);
  const simdjson::dom::array right = ArrayOf(b);
  if (left.size() != right.size()) return false;
  auto other = right.begin();
  for (const element item : left) {
    if (!(other != right.end()) || !Equal(ValueOf(item), ValueOf(*other), work)) return false;
    ++other;
  }
  return !(other != right.end());
}

// Each member of `a` is in `b`. Members in the same order, as they mostly are, are compared
// side by side.
bool ContainsMembers(const simdjson::dom::object& a, const simdjson::dom::object& b,
                     select::WorkBudget& work) {
  auto side = b.begin();
  const auto end = b.end();
  for (auto it = a.begin(); it != a.end(); ++it) {
    if (side != end && side.key() == it.key()) {
      if (!Equal(ValueOf(it.value()), ValueOf(side.value()), work)) return false;
    } else {
      if (!work.Spend(static_cast<std::int64_t>(b.size() / 4))) return false;
      const auto same = FindMember(b, it.key());
      if (!same || !Equal(ValueOf(it.value()), ValueOf(*same), work)) return false;
    }
    if (side != end) ++side;
  }
  return true;
}

bool EqualObjects(const element& a, const element& b, select::WorkBudget& work) {
  const simdjson::dom::object left = ObjectOf(a);
  const simdjson::dom::object right = ObjectOf(b);
  return CountOf(left) == CountOf(right) && ContainsMembers(left, right, work);
}

}  // namespace

Value ValueOf(element e) noexcept {
  Value value;
  switch (e.type()) {
    case element_type::NULL_VALUE: value.kind = Kind::kNull; break;
    case element_type::BOOL:
      value.kind = Kind::kBool;
      value.boolean = e.get_bool().value_unsafe();
      break;
    case element_type::INT64:
      value.kind = Kind::kInteger;
      value.integer = e.get_int64().value_unsafe();
      break;
    case element_type::UINT64:
      value.kind = Kind::kUnsigned;
      value.natural = e.get_uint64().value_unsafe();
      break;
    case element_type::DOUBLE:
      value.kind = Kind::kDouble;
      value.number = e.get_double().value_unsafe();
      break;
    case element_type::STRING:
      value.kind = Kind::kString;
      value.text = e.get_string().value_unsafe();
      break;
    case element_type::ARRAY: value.kind = Kind::kArray; break;
    case element_type::OBJECT: value.kind = Kind::kObject; break;
  }
  value.container = e;
  return value;
}

// Recurses as deep as the values nest, which their parser has bounded.
bool Equal(const Value& a, const Value& b, select::WorkBudget& work) {
  if (!work.Spend(1)) return false;
  if (IsNumber(a.kind) && IsNumber(b.kind)) return CompareNumbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kBool: return a.boolean == b.boolean;
    case Kind::kString: return a.text == b.text;
    case Kind::kArray: return EqualArrays(a.container, b.container, work);
    case Kind::kObject: return EqualObjects(a.container, b.container, work);
    default: return true;  // Nothing and null.
  }
}

bool Less(const Value& a, const Value& b) noexcept {
  if (IsNumber(a.kind) && IsNumber(b.kind)) return CompareNumbers(a, b) < 0;
  return a.kind == Kind::kString && b.kind == Kind::kString && a.text < b.text;
}

}  // namespace thresh::json
