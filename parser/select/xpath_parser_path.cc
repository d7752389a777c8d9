// Location paths, filters and predicates.

#include <array>
#include <utility>

#include "parser/select/xpath_parser.h"

namespace thresh::select::xpath {
namespace {

using Kind = NodeTest::Kind;

struct AxisName {
  std::string_view name;
  Axis axis;
};
constexpr auto kAxes = std::to_array<AxisName>({
    {"ancestor", Axis::kAncestor},
    {"ancestor-or-self", Axis::kAncestorOrSelf},
    {"attribute", Axis::kAttribute},
    {"child", Axis::kChild},
    {"descendant", Axis::kDescendant},
    {"descendant-or-self", Axis::kDescendantOrSelf},
    {"following", Axis::kFollowing},
    {"following-sibling", Axis::kFollowingSibling},
    {"namespace", Axis::kNamespace},
    {"parent", Axis::kParent},
    {"preceding", Axis::kPreceding},
    {"preceding-sibling", Axis::kPrecedingSibling},
    {"self", Axis::kSelf},
});

std::string AxisHint(std::string_view name) {
  std::string_view best;
  std::size_t best_distance = 4;
  for (const AxisName& known : kAxes) {
    const std::size_t distance = EditDistance(name.substr(0, 64), known.name);
    if (distance >= best_distance) continue;
    best = known.name;
    best_distance = distance;
  }
  return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
}

Step AnyNode(Axis axis) {
  Step step;
  step.axis = axis;
  return step;
}

bool IsAnyNode(const Step& step, Axis axis) {
  return step.axis == axis && step.test.kind == Kind::kNode && step.predicates.count == 0;
}

// The axis that does what `axis` does from all of descendant-or-self::node(), where
// positions do not matter; `axis` itself if there is none.
Axis FromAnyDepth(Axis axis) {
  switch (axis) {
    case Axis::kChild:
    case Axis::kDescendant: return Axis::kDescendant;
    case Axis::kSelf:
    case Axis::kDescendantOrSelf: return Axis::kDescendantOrSelf;
    default: return axis;
  }
}

// Whether a step from each of many nodes costs no more than what it finds.
bool IsNear(Axis axis) {
  return axis == Axis::kAttribute || axis == Axis::kNamespace || axis == Axis::kParent;
}

}  // namespace

// ---- Paths ----------------------------------------------------------------------

bool XPathParser::ParsePath(ExprId* expr_out) {
  scanner_.SkipSpace();
  if (AtPrimary()) return ParseFilter(expr_out);
  std::vector<Step> steps;
  if (scanner_.Peek() != '/') {
    return ParseRelativeSteps(&steps) &&
           FinishPath(Start::kContext, kNoExpr, std::move(steps), expr_out);
  }
  if (scanner_.Peek(1) != '/') {
    scanner_.Advance();
    if (AtStep() && !ParseRelativeSteps(&steps)) return false;
  } else if (!ParseSteps(&steps)) {
    return false;
  }
  return FinishPath(Start::kRoot, kNoExpr, std::move(steps), expr_out);
}

bool XPathParser::ParseFilter(ExprId* expr_out) {
  const std::size_t begin = scanner_.offset();
  ExprId base = kNoExpr;
  if (!ParsePrimary(&base)) return false;
  scanner_.SkipSpace();
  if (scanner_.Peek() == '[') {
    if (!CheckNodes(base, begin, "predicates choose from")) return false;
    const ExprId filter = Add(Op::kFilter, Type::kNodes);
    if (!AddChild(filter, base)) return false;
    Step choice;
    if (!ParsePredicates(&choice) || !GrowAround(filter, choice.predicates)) return false;
    expr(filter).predicates = choice.predicates;
    base = filter;
  }
  scanner_.SkipSpace();
  *expr_out = base;
  if (scanner_.Peek() != '/') return true;
  if (!CheckNodes(base, begin, "a path starts from")) return false;
  std::vector<Step> steps;
  return ParseSteps(&steps) && FinishPath(Start::kNodes, base, std::move(steps), expr_out);
}

bool XPathParser::FinishPath(Start start, ExprId base, std::vector<Step> steps, ExprId* expr_out) {
  *expr_out = Add(Op::kPath, Type::kNodes);
  if (base != kNoExpr && !AddChild(*expr_out, base)) return false;
  for (const Step& step : steps) {
    if (!GrowAround(*expr_out, step.predicates)) return false;
  }
  FoldSteps(&steps);
  Expr& path = expr(*expr_out);
  path.start = start;
  path.steps = {static_cast<std::uint32_t>(program_->steps.size()),
                static_cast<std::uint32_t>(steps.size())};
  program_->steps.insert(program_->steps.end(), steps.begin(), steps.end());
  if (start != Start::kContext || steps.size() != 1) return true;
  const Step& only = steps.front();
  const bool by_name = only.test.kind == Kind::kName || only.test.kind == Kind::kQualified;
  if (only.axis != Axis::kAttribute || only.deep || !by_name || only.predicates.count > 0) {
    return true;
  }
  if (names_.name(only.test.name).starts_with("xmlns")) return true;  // No attribute in XML.
  path.op = Op::kAttribute;
  path.name = only.test.name;
  return true;
}

// `//x` is /descendant-or-self::node()/child::x: a walk over every node, then over the
// children of each. Where positions do not matter, /descendant::x finds the same in one
// walk; where they do, the step is run from each node without a list of them.
void XPathParser::FoldSteps(std::vector<Step>* steps) {
  std::vector<Step> folded;
  bool deep = false;
  for (Step step : *steps) {
    if (IsAnyNode(step, Axis::kSelf)) continue;
    if (IsAnyNode(step, Axis::kDescendantOrSelf)) {
      deep = true;
      continue;
    }
    const Axis any_depth = FromAnyDepth(step.axis);
    if (!deep) {
      // Nothing to fold.
    } else if (!step.positional && any_depth != step.axis) {
      step.axis = any_depth;
    } else if (step.positional || IsNear(step.axis)) {
      step.deep = true;
    } else if (step.axis != Axis::kDescendant && step.axis != Axis::kDescendantOrSelf) {
      folded.push_back(AnyNode(Axis::kDescendantOrSelf));
    }
    deep = false;
    folded.push_back(step);
  }
  if (deep) folded.push_back(AnyNode(Axis::kDescendantOrSelf));
  *steps = std::move(folded);
}

// ---- Steps ----------------------------------------------------------------------

bool XPathParser::AtStep() {
  scanner_.SkipSpace();
  const char c = scanner_.Peek();
  return c == '.' || c == '@' || c == '*' || scanner_.AtName();
}

// Steps that each begin with `/` or `//`.
bool XPathParser::ParseSteps(std::vector<Step>* steps) {
  while (scanner_.Take("/")) {
    const bool deep = scanner_.Peek() == '/';
    if (deep) {
      scanner_.Advance();
      steps->push_back(AnyNode(Axis::kDescendantOrSelf));
    }
    if (!AtStep()) return scanner_.Expected(deep ? "a step after \"//\"" : "a step after \"/\"");
    if (!ParseStep(&steps->emplace_back())) return false;
  }
  return true;
}

bool XPathParser::ParseRelativeSteps(std::vector<Step>* steps) {
  if (!AtStep()) return scanner_.Expected("an expression");
  return ParseStep(&steps->emplace_back()) && ParseSteps(steps);
}

bool XPathParser::ParseStep(Step* step) {
  scanner_.SkipSpace();
  if (scanner_.Peek() == '.') {
    const bool parent = scanner_.Peek(1) == '.';
    scanner_.Advance(parent ? 2 : 1);
    step->axis = parent ? Axis::kParent : Axis::kSelf;
    scanner_.SkipSpace();
    if (scanner_.Peek() != '[') return true;
    return scanner_.Fail(scanner_.offset(), parent ? "no predicate may follow \"..\"; write "
                                                     "parent::node()[...]"
                                                   : "no predicate may follow \".\"; write "
                                                     "self::node()[...]");
  }
  if (AtFunction()) {
    return scanner_.Expected("a step; a function call is none");
  }
  return ParseAxis(step) && ParseTest(step->axis, &step->test) && ParsePredicates(step);
}

bool XPathParser::ParseAxis(Step* step) {
  if (scanner_.Take("@")) {
    step->axis = Axis::kAttribute;
    return true;
  }
  const std::size_t begin = scanner_.offset();
  const std::string_view name = scanner_.Name();
  if (name.empty() || !scanner_.Take("::")) {
    scanner_.GoBackTo(begin);
    return true;
  }
  for (const AxisName& known : kAxes) {
    if (known.name != name) continue;
    step->axis = known.axis;
    return true;
  }
  return scanner_.Fail(begin, "unknown axis \"" + std::string(name) + "::\"" + AxisHint(name));
}

bool XPathParser::ParseTest(Axis axis, NodeTest* test) {
  scanner_.SkipSpace();
  if (scanner_.Take("*")) {
    test->kind = Kind::kAny;
    if (scanner_.Peek() != ':' || scanner_.Peek(1) == ':') return true;
    scanner_.Advance();
    if (!scanner_.AtName()) return scanner_.Expected("a name after \"*:\"");
    test->kind = Kind::kLocal;
    test->text = Text(scanner_.Name());
    return true;
  }
  const std::size_t begin = scanner_.offset();
  std::string name(scanner_.Name());
  if (name.empty()) {
    return scanner_.Expected(axis == Axis::kAttribute ? "an attribute's name" : "a node test");
  }
  test->kind = Kind::kName;
  if (scanner_.Peek() == ':' && scanner_.Peek(1) != ':') {
    scanner_.Advance();
    name += ':';
    test->kind = scanner_.Peek() == '*' ? Kind::kPrefix : Kind::kQualified;
    if (test->kind == Kind::kPrefix) {
      scanner_.Advance();
    } else if (!scanner_.AtName()) {
      return scanner_.Expected("a name or \"*\" after \"" + name + "\"");
    } else {
      name += scanner_.Name();
    }
  } else if (scanner_.Take("(")) {
    return ParseNodeType(name, begin, test);
  }
  test->text = Text(name);
  if (test->kind != Kind::kPrefix) test->name = names_.Intern(name);
  return true;
}

bool XPathParser::ParseNodeType(std::string_view type, std::size_t begin, NodeTest* test) {
  if (type == "node") {
    test->kind = Kind::kNode;
  } else if (type == "text") {
    test->kind = Kind::kText;
  } else if (type == "comment") {
    test->kind = Kind::kComment;
  } else if (type != "processing-instruction") {
    return scanner_.Fail(begin, "unknown node type \"" + std::string(type) +
                                    "()\"; there are node(), text(), comment() and "
                                    "processing-instruction()");
  } else {
    test->kind = Kind::kInstruction;
    scanner_.SkipSpace();
    if (scanner_.Peek() == '"' || scanner_.Peek() == '\'') {
      std::string_view target;
      if (!scanner_.Literal(&target)) return false;
      test->kind = Kind::kNamedInstruction;
      test->name = names_.Intern(target);
    }
  }
  return scanner_.Take(")") || scanner_.Expected("\")\" to end \"" + std::string(type) + "(\"");
}

// ---- Predicates -----------------------------------------------------------------

bool XPathParser::ParsePredicates(Step* step) {
  std::vector<Predicate> predicates;
  bool streams = true;
  while (scanner_.Take("[")) {
    if (predicates.size() == kMaxPredicates) {
      return scanner_.Fail(scanner_.offset() - 1, "more than " + std::to_string(kMaxPredicates) +
                                                      " predicates in one step");
    }
    Predicate& predicate = predicates.emplace_back();
    if (!ParsePredicate(&predicate)) return false;
    step->positional = step->positional || predicate.positional;
    streams = streams && !predicate.uses_last;
    if (streams) ++step->streaming;
  }
  // Predicates of the predicates came before: these lie side by side.
  step->predicates = {static_cast<std::uint32_t>(program_->predicates.size()),
                      static_cast<std::uint32_t>(predicates.size())};
  program_->predicates.insert(program_->predicates.end(), predicates.begin(), predicates.end());
  return true;
}

bool XPathParser::GrowAround(ExprId parent, const Range& predicates) {
  for (std::uint32_t i = 0; i < predicates.count; ++i) {
    const ExprId condition = program_->predicates[predicates.first + i].expr;
    if (!Grow(parent, expr(condition).height)) return false;
  }
  return true;
}

bool XPathParser::ParsePredicate(Predicate* predicate) {
  Uses uses;
  Uses* const outer = std::exchange(uses_, &uses);
  const bool parsed = ParseExpr(&predicate->expr);
  uses_ = outer;
  if (!parsed) return false;
  if (!scanner_.Take("]")) return scanner_.Expected("an operator or \"]\"");
  const Expr& condition = expr(predicate->expr);
  predicate->uses_last = uses.last;
  predicate->positional = uses.position || uses.last || condition.type == Type::kNumber;
  if (condition.op == Op::kNumber) {
    predicate->kind = Predicate::Kind::kAt;
    predicate->number = condition.number;
  } else if (condition.type == Type::kNumber) {
    predicate->kind = Predicate::Kind::kNumber;
  } else if (condition.op == Op::kEqual) {
    const Expr& left = expr(condition.first_child);  // position() = 3
    const Expr& right = expr(condition.last_child);
    if (left.op != Op::kFunction || left.function != Function::kPosition) return true;
    if (right.op != Op::kNumber) return true;
    predicate->kind = Predicate::Kind::kAt;
    predicate->number = right.number;
  }
  return true;
}

}  // namespace thresh::select::xpath
