#pragma once

// Comparison of JSON values as JSONPath defines it (RFC 9535, 2.3.5.2.2). Numbers are
// compared by their exact values, whatever form they have; strings by Unicode scalar values,
// which is the order of their UTF-8 bytes; arrays and objects can only be equal.

#include <cstdint>
#include <string_view>

#include "parser/json/elements.h"
#include "parser/select/work_budget.h"

namespace thresh::json {

/// A value, or Nothing. Containers stay in their document.
struct Value {
  enum class Kind : std::uint8_t {
    kNothing,
    kNull,
    kBool,
    kInteger,
    kUnsigned,  ///< Above the range of kInteger.
    kDouble,
    kString,
    kArray,
    kObject
  };
  Kind kind = Kind::kNothing;
  bool boolean = false;
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  double number = 0;
  std::string_view text{};
  element container{};
};

[[nodiscard]] Value ValueOf(element e) noexcept;

/// False once `work` is exhausted.
[[nodiscard]] bool Equal(const Value& a, const Value& b, select::WorkBudget& work);

/// Both numbers or both strings, and `a` comes first.
[[nodiscard]] bool Less(const Value& a, const Value& b) noexcept;

}  // namespace thresh::json
