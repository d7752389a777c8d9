#pragma once

// What a JSONPath query is compiled to: flat tables that refer to one another by
// index. Private to the room but for JsonPath, which holds one.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}  // namespace re2

namespace thresh::json::path {

struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  [[nodiscard]] std::uint32_t end() const noexcept { return first + count; }
};

enum class SelectorKind : std::uint8_t { kName, kWildcard, kIndex, kSlice, kFilter };

struct Selector {
  SelectorKind kind = SelectorKind::kWildcard;
  bool has_start = false;
  bool has_end = false;
  std::string name{};      ///< Of kName, unescaped.
  std::int64_t start = 0;  ///< Of a slice; the index of kIndex.
  std::int64_t end = 0;
  std::int64_t step = 1;
  std::uint32_t filter = 0;  ///< Of kFilter, among Program::exprs.
};

struct Segment {
  bool descendant = false;
  Range selectors;
};

struct Query {
  bool from_root = true;  ///< `$`; else `@`.
  bool singular = true;   ///< Each segment finds at most one node (RFC 9535, 2.3.5.1).
  Range segments;
};

enum class ExprKind : std::uint8_t { kOr, kAnd, kNot, kExists, kCompare, kFunction };
enum class CompareOp : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};

struct Expr {
  ExprKind kind = ExprKind::kExists;
  CompareOp op = CompareOp::kEqual;
  std::uint32_t left =
      0;  ///< kNot: an expr; kExists: a query; kFunction: itself; kCompare: an operand.
  std::uint32_t right = 0;  ///< kCompare: an operand.
  Range children{};         ///< kOr, kAnd: of Program::children.
};

enum class OperandKind : std::uint8_t {
  kNull,
  kBool,
  kInteger,
  kDouble,
  kString,
  kQuery,
  kFunction
};

/// What is compared, or an argument of a function.
struct Operand {
  OperandKind kind = OperandKind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text{};
  std::uint32_t index = 0;  ///< Of the query or function.
};

enum class FunctionKind : std::uint8_t { kLength, kCount, kMatch, kSearch, kValue };

struct Function {
  FunctionKind kind = FunctionKind::kLength;
  std::uint32_t first = 0;       ///< The arguments, among Program::operands.
  std::uint32_t second = 0;      ///< Of kMatch and kSearch.
  bool literal_pattern = false;  ///< `pattern` is all there is to say about the second.
  std::shared_ptr<const re2::RE2> pattern{};  ///< Null if it is no I-Regexp: never matches.
};

struct Program {
  Query main;
  std::vector<Query> queries;  ///< Those of filters.
  std::vector<Segment> segments;
  std::vector<Selector> selectors;
  std::vector<Expr> exprs;
  std::vector<std::uint32_t> children;  ///< Indices of exprs.
  std::vector<Operand> operands;
  std::vector<Function> functions;
};

}  // namespace thresh::json::path
