// SVG and MathML: WHATWG HTML 13.2.6.5.

#include "parser/html/ascii.h"
#include "parser/html/foreign_names.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

// HTML tags that end foreign content.
constexpr KnownSet kBreakOut(
    {"b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
     "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
     "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
     "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strong",
     "strike", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"});
constexpr KnownSet kFontAttributes({"color", "face", "size"});

bool IsHtmlEncoding(std::string_view encoding) {
  return EqualsIgnoreCase(encoding, "text/html") ||
         EqualsIgnoreCase(encoding, "application/xhtml+xml");
}

}  // namespace

TreeBuilder::Step TreeBuilder::Foreign() {
  switch (token().kind) {
    case TokenKind::kText: return ForeignText();
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kStartTag: return BreaksOut() ? BreakOut() : ForeignStartTag();
    case TokenKind::kEndTag: return ForeignEndTag();
    case TokenKind::kDoctype:
    case TokenKind::kEnd: break;
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::ForeignText() {
  bool all_space = true;
  for (char c : token().text) all_space = all_space && (IsSpace(c) || c == '\0');
  if (!all_space) frameset_ok_ = false;
  if (!token().has_nul) {
    InsertText(token().text, token().in_page);
    return Step::kDone;
  }
  filtered_.clear();
  for (char c : token().text) {
    if (c == '\0') {
      filtered_.append("\xEF\xBF\xBD");
    } else {
      filtered_.push_back(c);
    }
  }
  InsertText(filtered_, /*in_page=*/false);
  return Step::kDone;
}

bool TreeBuilder::BreaksOut() {
  if (token().name != Known("font")) return kBreakOut.Has(token().name);
  for (const Attribute& attribute : attributes()) {
    if (kFontAttributes.Has(attribute.name)) return true;
  }
  return false;
}

TreeBuilder::Step TreeBuilder::BreakOut() {
  while (current().Has(kForeign) && !current().Has(kMathTextPoint | kHtmlPoint)) Pop();
  // By the rules of the mode, even if a fragment's context is foreign.
  return ProcessByMode();
}

TreeBuilder::Step TreeBuilder::ForeignStartTag() {
  InsertForeign(current().Has(kIsFragmentRoot) ? context_.ns : current().ns);
  if (token().self_closing) Pop();
  return Step::kDone;
}

// Inserts and pushes a foreign element for the token.
void TreeBuilder::InsertForeign(Namespace ns) {
  const Atom tag = token().name;
  std::uint16_t flags = ForeignFlags(tag, ns);
  if (!IsRepeatedIn(ns) || ns == Namespace::kMathMl) AdjustAttributes(ns, &flags);
  const Atom name = ns == Namespace::kSvg ? foreign_names_.SvgTag(tag, tree_) : tag;
  const NodeId node = InsertElement(name, ns);
  open_.PushForeign(node, tag, ns, flags);
  if (open_.size() > limits_.max_depth) [[unlikely]]
    FailByDepth();
}

void TreeBuilder::AdjustAttributes(Namespace ns, std::uint16_t* flags) {
  for (Attribute& attribute : attributes()) {
    attribute.name = ns == Namespace::kSvg ? foreign_names_.SvgAttribute(attribute.name, tree_)
                                           : foreign_names_.MathMlAttribute(attribute.name, tree_);
    if (ns == Namespace::kMathMl && token().name == Known("annotation-xml") &&
        attribute.name == Known("encoding") && IsHtmlEncoding(attribute.value)) {
      *flags |= kHtmlPoint;
    }
  }
}

TreeBuilder::Step TreeBuilder::ForeignEndTag() {
  const Atom name = token().name;
  if (name == Known("br") || name == Known("p")) return BreakOut();
  for (std::size_t i = open_.size() - 1; i > 0;) {
    if (open_[i].name == name) {
      PopTo(i);
      break;
    }
    if (open_[--i].ns == Namespace::kHtml) return ProcessByMode();
  }
  return Step::kDone;
}

}  // namespace thresh::html
