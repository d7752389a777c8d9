// "In body", all but end tags: WHATWG HTML 13.2.6.4.7.

#include <algorithm>

#include "parser/html/ascii.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

// What a start tag asks for.
enum class Start : std::uint8_t {
  kOther,
  kHtml,
  kInHead,
  kBody,
  kFrameset,
  kBlock,
  kHeading,
  kPre,
  kForm,
  kListItem,
  kPlaintext,
  kButton,
  kA,
  kFormatting,
  kNobr,
  kApplet,
  kTable,
  kVoid,
  kInput,
  kParam,
  kHr,
  kImage,
  kTextarea,
  kXmp,
  kIframe,
  kNoembed,
  kSelect,
  kOption,
  kOptgroup,
  kRubyBase,
  kRubyText,
  kMath,
  kSvg,
  kSelectedContent,
  kIgnored
};
using StartTable = std::array<Start, kKnownNames.size()>;

template <std::size_t n>
constexpr void Put(StartTable& table, Start start, const std::string_view (&names)[n]) {
  for (std::string_view name : names) {
    for (std::size_t atom = 1; atom < kKnownNames.size(); ++atom) {
      if (kKnownNames[atom] == name) table[atom] = start;
    }
  }
}

consteval StartTable MakeStartTable() {
  StartTable table{};
  Put(table, Start::kInHead,
      {"base", "basefont", "bgsound", "link", "meta", "noframes", "script", "style", "template",
       "title"});
  Put(table, Start::kBlock,
      {"address", "article", "aside",   "blockquote", "center",     "details", "dialog",
       "dir",     "div",     "dl",      "fieldset",   "figcaption", "figure",  "footer",
       "header",  "hgroup",  "main",    "menu",       "nav",        "ol",      "p",
       "search",  "section", "summary", "ul"});
  Put(table, Start::kHeading, {"h1", "h2", "h3", "h4", "h5", "h6"});
  Put(table, Start::kPre, {"pre", "listing"});
  Put(table, Start::kListItem, {"li", "dd", "dt"});
  Put(table, Start::kFormatting,
      {"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"});
  Put(table, Start::kApplet, {"applet", "marquee", "object"});
  Put(table, Start::kVoid, {"area", "br", "embed", "img", "keygen", "wbr"});
  Put(table, Start::kParam, {"param", "source", "track"});
  Put(table, Start::kRubyBase, {"rb", "rtc"});
  Put(table, Start::kRubyText, {"rp", "rt"});
  Put(table, Start::kIgnored,
      {"caption", "col", "colgroup", "frame", "head", "tbody", "td", "tfoot", "th", "thead", "tr"});
  table[Known("html")] = Start::kHtml;
  table[Known("body")] = Start::kBody;
  table[Known("frameset")] = Start::kFrameset;
  table[Known("form")] = Start::kForm;
  table[Known("plaintext")] = Start::kPlaintext;
  table[Known("button")] = Start::kButton;
  table[Known("a")] = Start::kA;
  table[Known("nobr")] = Start::kNobr;
  table[Known("table")] = Start::kTable;
  table[Known("input")] = Start::kInput;
  table[Known("hr")] = Start::kHr;
  table[Known("image")] = Start::kImage;
  table[Known("textarea")] = Start::kTextarea;
  table[Known("xmp")] = Start::kXmp;
  table[Known("iframe")] = Start::kIframe;
  table[Known("noembed")] = Start::kNoembed;
  table[Known("select")] = Start::kSelect;
  table[Known("option")] = Start::kOption;
  table[Known("optgroup")] = Start::kOptgroup;
  table[Known("math")] = Start::kMath;
  table[Known("svg")] = Start::kSvg;
  table[Known("selectedcontent")] = Start::kSelectedContent;
  return table;
}

constexpr StartTable kStarts = MakeStartTable();
constexpr KnownSet kHeadings({"h1", "h2", "h3", "h4", "h5", "h6"});

Start StartOf(Atom name) {
  return name < kStarts.size() ? kStarts[name] : Start::kOther;
}

}  // namespace

TreeBuilder::Step TreeBuilder::InBody() {
  switch (token().kind) {
    case TokenKind::kText: return InBodyText();
    case TokenKind::kStartTag: return InBodyStartTag();
    case TokenKind::kEndTag: return InBodyEndTag();
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kEnd: break;
  }
  return template_modes_.empty() ? Stop() : InTemplate();
}

TreeBuilder::Step TreeBuilder::InBodyText() {
  if (token().has_nul || frameset_ok_) [[unlikely]] {
    const auto says = [](char c) { return c != '\0' && !IsSpace(c); };
    const std::string_view text = token().text;
    if (token().has_nul && text.find_first_not_of('\0') == text.npos) return Step::kDone;
    if (std::any_of(text.begin(), text.end(), says)) frameset_ok_ = false;
  }
  Reconstruct();
  InsertTokenText();
  return Step::kDone;
}

// What pages are full of. All of it ends in one place, where the element is made.
TreeBuilder::Step TreeBuilder::InBodyStartTag() {
  const auto start = StartOf(token().name);
  switch (start) {
    case Start::kOther: Reconstruct(); break;
    case Start::kBlock: ClosePIfOpen(); break;
    case Start::kListItem:
      CloseListItem();
      ClosePIfOpen();
      break;
    case Start::kA: CloseA(); [[fallthrough]];
    case Start::kFormatting: Reconstruct(); break;
    case Start::kVoid:
      Reconstruct();
      frameset_ok_ = false;
      break;
    default: return InBodyStartOther();
  }
  const NodeId node = InsertElement(token().name, Namespace::kHtml);
  if (start == Start::kVoid) return Step::kDone;
  PushHtml(node, token().name);
  if (start == Start::kA || start == Start::kFormatting) {
    formatting_.Push(*tree_, node, token().name);
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::InBodyStartOther() {
  switch (StartOf(token().name)) {
    case Start::kHeading:
      ClosePIfOpen();
      if (current().ns == Namespace::kHtml && kHeadings.Has(current().name)) Pop();
      InsertHtml();
      return Step::kDone;
    case Start::kInHead: return InHead();
    case Start::kInput: StartInput(); return Step::kDone;
    case Start::kTable: StartTable(); return Step::kDone;
    case Start::kIgnored: return Step::kDone;
    case Start::kHtml: return InBodyHtmlTag();
    case Start::kBody: return InBodyBodyTag();
    case Start::kFrameset: return InBodyFramesetTag();
    default: return InBodyStartBlock();
  }
}

TreeBuilder::Step TreeBuilder::InBodyStartBlock() {
  switch (StartOf(token().name)) {
    case Start::kPre:
      ClosePIfOpen();
      InsertHtml();
      skip_newline_ = true;
      frameset_ok_ = false;
      break;
    case Start::kForm: return InBodyStartForm();
    case Start::kPlaintext:
      ClosePIfOpen();
      InsertHtml();
      tokenizer_.set_state(Tokenizer::State::kPlaintext);
      break;
    case Start::kButton:
      if (open_.InScope(ScopeBit("button"))) PopUntil(Known("button"));
      Reconstruct();
      InsertHtml();
      frameset_ok_ = false;
      break;
    case Start::kNobr: StartNobr(); break;
    case Start::kApplet:
      Reconstruct();
      InsertHtml();
      formatting_.PushMarker();
      frameset_ok_ = false;
      break;
    case Start::kParam: InsertVoid(); break;
    case Start::kHr:
      ClosePIfOpen();
      if (open_.InScope(ScopeBit("select"))) GenerateImpliedEndTags();
      InsertVoid();
      frameset_ok_ = false;
      break;
    case Start::kImage: token().name = Known("img"); return Step::kAgain;
    default: return InBodyStartRare();
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::InBodyStartRare() {
  switch (StartOf(token().name)) {
    case Start::kTextarea:
      ParseRawText(Tokenizer::State::kRcdata);
      skip_newline_ = true;
      frameset_ok_ = false;
      break;
    case Start::kXmp:
      ClosePIfOpen();
      Reconstruct();
      frameset_ok_ = false;
      ParseRawText(Tokenizer::State::kRawText);
      break;
    case Start::kIframe:
      frameset_ok_ = false;
      ParseRawText(Tokenizer::State::kRawText);
      break;
    case Start::kNoembed: ParseRawText(Tokenizer::State::kRawText); break;
    case Start::kSelect: return InBodyStartSelect();
    case Start::kOption: StartOption(/*is_optgroup=*/false); break;
    case Start::kOptgroup: StartOption(/*is_optgroup=*/true); break;
    case Start::kRubyBase:
      if (open_.InScope(ScopeBit("ruby"))) GenerateImpliedEndTags();
      InsertHtml();
      break;
    case Start::kRubyText:
      if (open_.InScope(ScopeBit("ruby"))) GenerateImpliedEndTags(Known("rtc"));
      InsertHtml();
      break;
    case Start::kMath: StartForeign(Namespace::kMathMl); break;
    case Start::kSvg: StartForeign(Namespace::kSvg); break;
    case Start::kSelectedContent:
      Reconstruct();
      SelectedContentOpened(InsertHtml());
      break;
    default: break;
  }
  return Step::kDone;
}

// ---- The root, the body, framesets --------------------------------------------------

TreeBuilder::Step TreeBuilder::InBodyHtmlTag() {
  if (!open_.HasTemplate() && !is_fragment_) {
    tree_->AddMissingAttributes(open_[0].node, attributes());
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::InBodyBodyTag() {
  if (open_.size() < 2 || !open_[1].IsHtml(Known("body")) || open_.HasTemplate()) {
    return Step::kDone;
  }
  frameset_ok_ = false;
  tree_->AddMissingAttributes(open_[1].node, attributes());
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::InBodyFramesetTag() {
  if (open_.size() < 2 || !open_[1].IsHtml(Known("body")) || !frameset_ok_) return Step::kDone;
  tree_->Unlink(open_[1].node);
  out_of_order_ = true;
  PopTo(1);
  InsertHtml();
  mode_ = Mode::kInFrameset;
  return Step::kDone;
}

// ---- Blocks -------------------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InBodyStartForm() {
  const bool in_template = open_.HasTemplate();
  if (form_ != kNoNode && !in_template) return Step::kDone;
  ClosePIfOpen();
  const NodeId form = InsertHtml();
  if (!in_template) form_ = form;
  return Step::kDone;
}

// For <li>, <dd>, <dt>: the one before.
void TreeBuilder::CloseListItem() {
  static constexpr KnownSet kPassed({"address", "div", "p"});
  static constexpr KnownSet kDdDt({"dd", "dt"});
  frameset_ok_ = false;
  const bool is_li = token().name == Known("li");
  for (std::size_t i = open_.size(); i-- > 0;) {
    const OpenElement& element = open_[i];
    const bool is_html = element.ns == Namespace::kHtml;
    if (is_html && (is_li ? element.name == Known("li") : kDdDt.Has(element.name))) {
      PopTo(i);
      break;
    }
    if (element.Has(kSpecial) && !(is_html && kPassed.Has(element.name))) break;
  }
}

void TreeBuilder::StartTable() {
  if (!tree_->quirks()) ClosePIfOpen();
  InsertHtml();
  frameset_ok_ = false;
  mode_ = Mode::kInTable;
}

// ---- Formatting ---------------------------------------------------------------------

// No link inside another.
void TreeBuilder::CloseA() {
  const std::size_t entry = formatting_.FindLast(Known("a"));
  if (entry != ActiveFormatting::kNone) {
    const NodeId earlier = formatting_[entry].node;
    if (!RunAdoptionAgency(Known("a"))) EndOther(Known("a"));
    if (const std::size_t i = formatting_.Find(earlier); i != ActiveFormatting::kNone) {
      formatting_.RemoveAt(i);
    }
    if (const std::size_t i = open_.Find(earlier); i != OpenElements::kNone) RemoveFromOpen(i);
  }
}

void TreeBuilder::StartNobr() {
  Reconstruct();
  if (open_.InScope(ScopeBit("nobr"))) {
    if (!RunAdoptionAgency(Known("nobr"))) EndOther(Known("nobr"));
    Reconstruct();
  }
  PushFormatting();
}

// ---- Forms --------------------------------------------------------------------------

void TreeBuilder::StartInput() {
  if (is_fragment_ && context_.IsHtml(Known("select"))) return;
  if (open_.InScope(ScopeBit("select"))) PopUntil(Known("select"));
  Reconstruct();
  InsertVoid();
  bool hidden = false;
  for (const Attribute& attribute : attributes()) {
    if (attribute.name == Known("type")) hidden = EqualsIgnoreCase(attribute.value, "hidden");
  }
  if (!hidden) frameset_ok_ = false;
}

TreeBuilder::Step TreeBuilder::InBodyStartSelect() {
  if (is_fragment_ && context_.IsHtml(Known("select"))) return Step::kDone;
  if (open_.InScope(ScopeBit("select"))) {
    PopUntil(Known("select"));
    return Step::kDone;
  }
  Reconstruct();
  InsertHtml();
  frameset_ok_ = false;
  return Step::kDone;
}

void TreeBuilder::StartOption(bool is_optgroup) {
  if (open_.InScope(ScopeBit("select"))) {
    GenerateImpliedEndTags(is_optgroup ? kNoAtom : Known("optgroup"));
  } else if (CurrentIs(Known("option"))) {
    Pop();
  }
  Reconstruct();
  InsertHtml();
}

// <math> and <svg>.
void TreeBuilder::StartForeign(Namespace ns) {
  Reconstruct();
  InsertForeign(ns);
  if (token().self_closing) Pop();
}

}  // namespace thresh::html
