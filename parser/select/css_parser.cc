#include "parser/select/css_parser.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "parser/html/ascii.h"
#include "parser/html/tree.h"

namespace thresh::select::css {
namespace {

constexpr std::size_t kMaxCssBytes = 65'536;
constexpr std::size_t kMaxBranches = 1024;
constexpr std::size_t kMaxCompounds = 64;  // The matcher goes down by recursion.
constexpr std::uint8_t kMaxPseudoGroups = 64;

std::string NameOf(Combinator combinator) {
  switch (combinator) {
    case Combinator::kChild: return " after \">\"";
    case Combinator::kNextSibling: return " after \"+\"";
    case Combinator::kLaterSibling: return " after \"~\"";
    default: return "";
  }
}

}  // namespace

bool CssParser::Parse(Program* program) {
  program_ = program;
  program->names = MarkupNames(names_);
  if (scanner_.size() > kMaxCssBytes) {
    return scanner_.Fail(0, "a selector of more than 65536 bytes");
  }
  do {
    if (program->branches.size() == kMaxBranches) {
      return scanner_.Fail(scanner_.offset(), "more than 1024 selectors in one list");
    }
    if (!ParseBranch()) return false;
    expected_selector_ = "a selector after \",\"";
  } while (scanner_.Take(','));
  return scanner_.done() || scanner_.Expected("\",\" or the end of the selector");
}

bool CssParser::ParseBranch() {
  Branch branch;
  pseudo_ = {};
  scanner_.SkipSpace();
  const std::size_t begin = scanner_.offset();
  if (scanner_.Peek() == ':' && scanner_.Peek(1) == ':') {  // The scope's own text or value.
    if (!ParsePseudoElement()) return false;
  } else if (!ParseComplex(Relative::kYes, &branch.complex)) {
    return false;
  }
  branch.pseudo = pseudo_;
  const bool has_pseudo = pseudo_.kind != PseudoElement::Kind::kNone;
  branch.text = scanner_.Text(begin, has_pseudo ? pseudo_offset_ : scanner_.offset());
  if (has_pseudo && pseudo_alone_) branch.text += '*';
  if (pseudo_.kind == PseudoElement::Kind::kAttr && branch.complex.compounds.count > 0) {
    branch.text += '[' + std::string(names_.name(pseudo_.name)) + ']';  // See ParseSimple().
  }
  if (!has_pseudo) branch.text.erase(branch.text.find_last_not_of(" \t\n\f\r") + 1);
  scanner_.SkipSpace();
  if (scanner_.failed()) return false;
  if (has_pseudo && !scanner_.done() && scanner_.Peek() != ',') {
    return scanner_.Expected("\",\" or the end of the selector after a pseudo-element");
  }
  if (!AssignGroup(&branch)) return false;
  program_->branches.push_back(branch);
  return true;
}

bool CssParser::AssignGroup(Branch* branch) {
  std::uint8_t groups = 0;
  for (const Branch& earlier : program_->branches) {
    if (earlier.pseudo == branch->pseudo) {
      branch->pseudo_group = earlier.pseudo_group;
      return true;
    }
    groups = std::max<std::uint8_t>(groups, static_cast<std::uint8_t>(earlier.pseudo_group + 1));
  }
  branch->pseudo_group = groups;
  return groups < kMaxPseudoGroups ||
         scanner_.Fail(scanner_.offset(), "more than 64 different pseudo-elements in one list");
}

// A relative selector without a combinator begins with an implied descendant one.
bool CssParser::ParseComplex(Relative relative, Complex* complex) {
  scanner_.SkipSpace();
  Combinator lead = Combinator::kNone;
  if (relative == Relative::kYes) {
    const char c = scanner_.Peek();
    if (c == '>' || c == '+' || c == '~') lead = TakeCombinator();
  }
  if (lead != Combinator::kNone) expected_selector_ = "a selector" + NameOf(lead);
  std::vector<Compound> compounds;
  if (lead != Combinator::kNone || (relative == Relative::kYes && function_depth_ > 0)) {
    compounds.push_back({});
    compounds.back().is_anchor = true;
  }
  const bool anchored = !compounds.empty();
  if (!ParseCompounds(&compounds)) return false;
  if (anchored) {
    if (lead == Combinator::kNone) lead = Combinator::kDescendant;
    compounds[1].left = lead;
  }
  *complex = FinishComplex(std::move(compounds), lead);
  return true;
}

bool CssParser::ParseCompounds(std::vector<Compound>* compounds) {
  Combinator left = Combinator::kNone;
  for (;;) {
    const std::size_t begin = scanner_.offset();
    Draft draft;
    draft.compound.left = left;
    if (!ParseCompound(&draft)) return false;
    if (compounds->size() == kMaxCompounds) {
      return scanner_.FailForGood(begin, "more than 64 combinators in one selector");
    }
    compounds->push_back(Finish(std::move(draft)));
    if (pseudo_.kind != PseudoElement::Kind::kNone) return true;
    left = TakeCombinator();
    if (scanner_.failed()) return false;
    if (left == Combinator::kNone) return true;
    expected_selector_ = "a selector" + NameOf(left);
  }
}

// White space is a combinator only if another compound follows it.
Combinator CssParser::TakeCombinator() {
  const bool space = scanner_.SkipSpace();
  Combinator combinator = Combinator::kNone;
  switch (scanner_.Peek()) {
    case '>': combinator = Combinator::kChild; break;
    case '+': combinator = Combinator::kNextSibling; break;
    case '~': combinator = Combinator::kLaterSibling; break;
    case ',':
    case ')': return Combinator::kNone;
    default: return space && !scanner_.done() ? Combinator::kDescendant : Combinator::kNone;
  }
  scanner_.Advance();
  scanner_.SkipSpace();
  return combinator;
}

bool CssParser::ParseCompound(Draft* draft) {
  if (!ParseTag(draft)) return false;
  do {
    scanner_.SkipComments();
  } while (ParseSimple(draft));
  if (scanner_.failed()) return false;
  return !draft->empty || scanner_.Expected(expected_selector_);
}

// Returns false at the compound's end, and on failure.
bool CssParser::ParseSimple(Draft* draft) {
  if (pseudo_.kind != PseudoElement::Kind::kNone) return false;
  switch (scanner_.Peek()) {
    case '.': return ParseClass(draft);
    case '#': return ParseId(draft);
    case '[': return ParseAttribute(draft);
    case ':':
      if (scanner_.Peek(1) != ':') return ParsePseudoClass(draft);
      pseudo_alone_ = std::exchange(draft->empty, false);
      if (!ParsePseudoElement()) return false;
      // Who asks for an attribute asks for elements that have it.
      if (pseudo_.kind == PseudoElement::Kind::kAttr) {
        AddTest(draft, {.kind = TestKind::kAttrExists,
                        .name = pseudo_.name,
                        .name_lower = pseudo_.name_lower});
      }
      return true;
    default: return false;
  }
}

// `a`, `*`, and with a namespace `svg|a`, `*|a`, `|a`.
bool CssParser::ParseTag(Draft* draft) {
  if (scanner_.Peek() == '|' && scanner_.Peek(1) != '|') {
    scanner_.Advance();
    draft->compound.namespaces = 0;  // All elements have one.
    return ParseTagName(draft) && (!draft->empty || scanner_.Expected("a tag after \"|\""));
  }
  const std::size_t begin = scanner_.offset();
  if (!ParseTagName(draft)) return false;
  if (scanner_.Peek() != '|') return true;
  if (scanner_.Peek(1) == '|') {
    return scanner_.Fail(scanner_.offset(), "the column combinator \"||\" is not supported");
  }
  scanner_.GoBackTo(begin);
  if (!ParseNamespace(draft)) return false;
  draft->empty = true;
  return ParseTagName(draft) && (!draft->empty || scanner_.Expected("a tag after \"|\""));
}

bool CssParser::ParseTagName(Draft* draft) {
  draft->compound.tag = draft->compound.tag_lower = html::kNoAtom;
  if (scanner_.Take('*')) {
    draft->empty = false;
  } else if (scanner_.AtName()) {
    const std::string tag = scanner_.Name();
    draft->compound.tag = names_.Intern(tag);
    draft->compound.tag_lower = names_.Intern(html::Lowered(tag));
    draft->empty = false;
  }
  return true;
}

// REQUIRES: a prefix and "|" are next.
bool CssParser::ParseNamespace(Draft* draft) {
  const std::size_t begin = scanner_.offset();
  const auto only = [&](html::Namespace ns) {
    draft->compound.namespaces = static_cast<std::uint8_t>(1U << static_cast<unsigned>(ns));
  };
  if (!scanner_.Take('*')) {
    const std::string prefix = scanner_.Name();
    if (prefix == "html") {
      only(html::Namespace::kHtml);
    } else if (prefix == "svg") {
      only(html::Namespace::kSvg);
    } else if (prefix == "math") {
      only(html::Namespace::kMathMl);
    } else {
      return scanner_.Fail(begin, "unknown namespace \"" + prefix +
                                      "\"; there are html, svg, math, and * for any; "
                                      "a name with a colon is written a\\:b");
    }
  }
  return scanner_.Take('|');
}

// A value of `id` and `class` in an attribute selector tells as much as `#` and `.`.
void CssParser::AddTest(Draft* draft, Test test) {
  std::uint64_t& bits = draft->compound.token_bits;
  const bool equals = test.kind == TestKind::kAttrEquals && !test.text.empty();
  if (test.kind == TestKind::kId || (equals && test.name == html::Known("id"))) {
    bits |= html::IdBits(test.text);
  }
  const bool includes = equals || test.kind == TestKind::kAttrIncludes;
  if (test.kind == TestKind::kClass || (includes && test.name == html::Known("class"))) {
    html::AnyToken(test.text, [&](std::string_view token) {
      bits |= html::ClassBits(token);
      return false;
    });
  }
  draft->tests.push_back(std::move(test));
  draft->empty = false;
}

bool CssParser::ParseClass(Draft* draft) {
  scanner_.Advance();
  if (!scanner_.AtName()) return scanner_.Expected("a class name after \".\"");
  AddTest(draft, {.kind = TestKind::kClass, .text = scanner_.Name()});
  return true;
}

bool CssParser::ParseId(Draft* draft) {
  const std::size_t begin = scanner_.offset();
  scanner_.Advance();
  if (!scanner_.AtName()) {
    const std::string id = scanner_.Name();
    if (id.empty()) return scanner_.Expected("an id after \"#\"");
    return scanner_.Fail(
        begin, "an id selector cannot start like \"#" + id + "\"; write [id=\"" + id + "\"]");
  }
  AddTest(draft, {.kind = TestKind::kId, .text = scanner_.Name()});
  return true;
}

Compound CssParser::Finish(Draft draft) {
  std::stable_sort(draft.tests.begin(), draft.tests.end(),
                   [](const Test& a, const Test& b) { return a.kind < b.kind; });
  draft.compound.tests = {static_cast<std::uint32_t>(program_->tests.size()),
                          static_cast<std::uint32_t>(draft.tests.size())};
  std::move(draft.tests.begin(), draft.tests.end(), std::back_inserter(program_->tests));
  return draft.compound;
}

Complex CssParser::FinishComplex(std::vector<Compound> left_to_right, Combinator lead) {
  // A lone descendant of the anchor needs no look at the anchor: it is among the
  // candidates only because it lies below it.
  if (left_to_right.size() == 2 && lead == Combinator::kDescendant) {
    left_to_right.erase(left_to_right.begin());
    left_to_right.front().left = Combinator::kNone;
  }
  const Complex complex{{static_cast<std::uint32_t>(program_->compounds.size()),
                         static_cast<std::uint32_t>(left_to_right.size())},
                        lead};
  program_->compounds.insert(program_->compounds.end(), left_to_right.rbegin(),
                             left_to_right.rend());
  return complex;
}

}  // namespace thresh::select::css
