#pragma once

// What an XPath expression is compiled into: flat arrays that name each other by
// index. XPathParser writes them, XPathEvaluator runs them. XPath 1.0 without
// variables is typed statically, so each expression knows its type.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parser/html/names.h"

namespace re2 {
class RE2;
}

namespace thresh::select::xpath {

using ExprId = std::uint32_t;
inline constexpr ExprId kNoExpr = 0xFFFF'FFFF;

struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

enum class Type : std::uint8_t { kNodes, kNumber, kString, kBoolean };

enum class Axis : std::uint8_t {
  kAncestor,
  kAncestorOrSelf,
  kAttribute,
  kChild,
  kDescendant,
  kDescendantOrSelf,
  kFollowing,
  kFollowingSibling,
  kNamespace,
  kParent,
  kPreceding,
  kPrecedingSibling,
  kSelf,
};

/// Whether the axis runs against document order.
[[nodiscard]] constexpr bool IsReverse(Axis axis) noexcept {
  return axis == Axis::kAncestor || axis == Axis::kAncestorOrSelf || axis == Axis::kPreceding ||
         axis == Axis::kPrecedingSibling || axis == Axis::kParent;
}

struct NodeTest {
  enum class Kind : std::uint8_t {
    kNode,
    kText,
    kComment,
    kInstruction,       ///< Any.
    kNamedInstruction,  ///< Of the target `name`.
    kAny,               ///< `*`
    kName,              ///< `name`: in no namespace.
    kQualified,         ///< `prefix:name`, as written on the page.
    kPrefix,            ///< `prefix:*`
    kLocal,             ///< `*:name`, as XPath 2.0 has it.
  };
  Kind kind = Kind::kNode;
  html::Atom name = html::kNoAtom;  ///< The whole name.
  std::uint32_t text = 0;           ///< Of kPrefix `prefix:`, of kLocal and kName the name.
};

struct Predicate {
  enum class Kind : std::uint8_t {
    kCondition,  ///< boolean(expr)
    kAt,         ///< position() = the constant `number`
    kNumber,     ///< position() = number(expr)
  };
  Kind kind = Kind::kCondition;
  bool positional = false;  ///< Its answer depends on position() or last().
  bool uses_last = false;
  double number = 0;
  ExprId expr = kNoExpr;
};

/// Of one step: the evaluator counts positions for each.
inline constexpr std::uint32_t kMaxPredicates = 32;

struct Step {
  Axis axis = Axis::kChild;
  NodeTest test;
  Range predicates;
  bool positional = false;  ///< One of them is.
  /// From all of descendant-or-self::node() of each context node.
  bool deep = false;
  std::uint32_t streaming = 0;  ///< So many predicates stand before the first to use last().
};

enum class Op : std::uint8_t {
  kString,     ///< A literal.
  kNumber,     ///< A literal.
  kAttribute,  ///< `@name` of the context node: a kPath that is worth its own way.
  kPath,
  kFilter,  ///< A node-set with predicates.
  kUnion,
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,
  kFunction,
};

enum class Function : std::uint8_t {
  kBoolean,
  kCeiling,
  kConcat,
  kContains,
  kCount,
  kFalse,
  kFloor,
  kHasClass,
  kId,
  kLang,
  kLast,
  kLocalName,
  kName,
  kNamespaceUri,
  kNormalizeSpace,
  kNot,
  kNumber,
  kPosition,
  kReTest,
  kRound,
  kStartsWith,
  kString,
  kStringLength,
  kSubstring,
  kSubstringAfter,
  kSubstringBefore,
  kSum,
  kTranslate,
  kTrue,
};

/// Where a path starts.
enum class Start : std::uint8_t { kContext, kRoot, kNodes };

struct Expr {
  Op op = Op::kString;
  Type type = Type::kString;
  Function function = Function::kBoolean;
  Start start = Start::kContext;
  std::uint16_t height = 1;      ///< Of the expressions in it, for the evaluator's stack.
  ExprId first_child = kNoExpr;  ///< Operands, arguments, a path's start.
  ExprId last_child = kNoExpr;
  ExprId next = kNoExpr;  ///< The parent's next child.
  Range steps;            ///< Of a path.
  Range predicates;       ///< Of a filter.
  html::Atom name = html::kNoAtom;
  double number = 0;
  std::uint32_t text = 0;  ///< Of a literal; of re:test the pattern.
};

struct Program {
  std::vector<Expr> exprs;
  std::vector<Step> steps;
  std::vector<Predicate> predicates;
  std::vector<std::string> texts;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  ExprId root = kNoExpr;
};

}  // namespace thresh::select::xpath
