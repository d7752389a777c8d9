// Tables: WHATWG HTML 13.2.6.4.9 to 13.2.6.4.15.

#include "parser/html/ascii.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

constexpr KnownSet kTableContext({"table", "template", "html"});
constexpr KnownSet kTableBodyContext({"tbody", "tfoot", "thead", "template", "html"});
constexpr KnownSet kRowContext({"tr", "template", "html"});
constexpr KnownSet kTextGoesToTable({"table", "tbody", "template", "tfoot", "thead", "tr"});
constexpr KnownSet kBodies({"tbody", "tfoot", "thead"});
constexpr KnownSet kCells({"td", "th"});
// Start tags that end a caption or a cell.
constexpr KnownSet kTableParts({"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead",
                                "tr"});
constexpr ScopeBits kAnyBody = ScopeBit("tbody") | ScopeBit("tfoot") | ScopeBit("thead");
constexpr ScopeBits kAnyCell = ScopeBit("td") | ScopeBit("th");

}  // namespace

// ---- In table -----------------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InTable() {
  switch (token().kind) {
    case TokenKind::kText:
      if (current().ns != Namespace::kHtml || !kTextGoesToTable.Has(current().name)) break;
      table_text_.clear();
      table_view_ = {};
      original_mode_ = mode_;
      mode_ = Mode::kInTableText;
      return Step::kAgain;
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kStartTag: return InTableStartTag();
    case TokenKind::kEndTag: return InTableEndTag();
    case TokenKind::kEnd: return InBody();
  }
  return InTableOther();
}

// By the rules for the body, but what would stand in the table goes in front of it.
TreeBuilder::Step TreeBuilder::InTableOther() {
  foster_parenting_ = true;
  const Step step = InBody();
  foster_parenting_ = false;
  return step;
}

TreeBuilder::Step TreeBuilder::InTableStartTag() {
  switch (token().name) {
    case Known("caption"):
      ClearStackTo(kTableContext);
      formatting_.PushMarker();
      InsertHtml();
      mode_ = Mode::kInCaption;
      return Step::kDone;
    case Known("colgroup"):
      ClearStackTo(kTableContext);
      InsertHtml();
      mode_ = Mode::kInColumnGroup;
      return Step::kDone;
    case Known("col"):
      ClearStackTo(kTableContext);
      InsertHtmlNamed(Known("colgroup"));
      mode_ = Mode::kInColumnGroup;
      return Step::kAgain;
    case Known("tbody"):
    case Known("tfoot"):
    case Known("thead"):
      ClearStackTo(kTableContext);
      InsertHtml();
      mode_ = Mode::kInTableBody;
      return Step::kDone;
    case Known("td"):
    case Known("th"):
    case Known("tr"):
      ClearStackTo(kTableContext);
      InsertHtmlNamed(Known("tbody"));
      mode_ = Mode::kInTableBody;
      return Step::kAgain;
    case Known("table"):
      if (!open_.InScope(ScopeBit("table"))) return Step::kDone;
      PopUntil(Known("table"));
      ResetMode();
      return Step::kAgain;
    case Known("style"):
    case Known("script"):
    case Known("template"): return InHead();
    case Known("input"):
      for (const Attribute& attribute : attributes()) {
        if (attribute.name != Known("type") || !EqualsIgnoreCase(attribute.value, "hidden")) {
          continue;
        }
        InsertVoid();
        return Step::kDone;
      }
      break;
    case Known("form"):
      if (open_.HasTemplate() || form_ != kNoNode) return Step::kDone;
      form_ = InsertHtml();
      Pop();
      return Step::kDone;
    default: break;
  }
  return InTableOther();
}

TreeBuilder::Step TreeBuilder::InTableEndTag() {
  static constexpr KnownSet kIgnored(
      {"body", "caption", "col", "colgroup", "html", "tbody", "td", "tfoot", "th", "thead", "tr"});
  if (token().name == Known("table")) {
    if (!open_.InScope(ScopeBit("table"))) return Step::kDone;
    PopUntil(Known("table"));
    ResetMode();
    return Step::kDone;
  }
  if (kIgnored.Has(token().name)) return Step::kDone;
  if (token().name == Known("template")) return EndTemplate();
  return InTableOther();
}

// ---- In table text ------------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InTableText() {
  if (token().kind != TokenKind::kText) {
    FlushTableText();
    mode_ = original_mode_;
    return Step::kAgain;
  }
  const bool is_first = table_view_.empty() && table_text_.empty();
  if (is_first && token().in_page && !token().has_nul) {
    table_view_ = token().text;
    return Step::kDone;
  }
  table_text_.append(table_view_);
  table_view_ = {};
  for (char c : token().text) {
    if (c != '\0') table_text_.push_back(c);
  }
  return Step::kDone;
}

void TreeBuilder::FlushTableText() {
  const bool in_page = !table_view_.empty();
  const std::string_view text = in_page ? table_view_ : std::string_view(table_text_);
  bool all_space = true;
  for (char c : text) all_space = all_space && IsSpace(c);
  if (all_space) {
    InsertText(text, in_page);
    return;
  }
  foster_parenting_ = true;
  Reconstruct();
  InsertText(text, in_page);
  frameset_ok_ = false;
  foster_parenting_ = false;
}

// ---- In caption, in column group ----------------------------------------------------

TreeBuilder::Step TreeBuilder::InCaption() {
  static constexpr KnownSet kIgnored(
      {"body", "col", "colgroup", "html", "tbody", "td", "tfoot", "th", "thead", "tr"});
  const Atom name = token().name;
  if (token().kind == TokenKind::kStartTag && kTableParts.Has(name)) {
    return CloseCaption() ? Step::kAgain : Step::kDone;
  }
  if (token().kind == TokenKind::kEndTag) {
    if (name == Known("caption")) {
      CloseCaption();
      return Step::kDone;
    }
    if (name == Known("table")) return CloseCaption() ? Step::kAgain : Step::kDone;
    if (kIgnored.Has(name)) return Step::kDone;
  }
  return InBody();
}

// False if there is none to close.
bool TreeBuilder::CloseCaption() {
  if (!open_.InScope(ScopeBit("caption"))) return false;
  PopUntil(Known("caption"));
  formatting_.ClearToMarker();
  mode_ = Mode::kInTable;
  return true;
}

TreeBuilder::Step TreeBuilder::InColumnGroup() {
  const Atom name = token().name;
  switch (token().kind) {
    case TokenKind::kText:
      // Where there is no colgroup to close, only what is not white space is ignored.
      while (true) {
        InsertText(TakeSpacePrefix(), token().in_page);
        if (token().text.empty()) return Step::kDone;
        if (CurrentIs(Known("colgroup"))) break;
        token().text.remove_prefix(1);
      }
      break;
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kStartTag:
      if (name == Known("html")) return InBodyHtmlTag();
      if (name == Known("template")) return InHead();
      if (name != Known("col")) break;
      InsertVoid();
      return Step::kDone;
    case TokenKind::kEndTag:
      if (name == Known("template")) return EndTemplate();
      if (name == Known("col")) return Step::kDone;
      if (name != Known("colgroup")) break;
      if (!CurrentIs(Known("colgroup"))) return Step::kDone;
      Pop();
      mode_ = Mode::kInTable;
      return Step::kDone;
    case TokenKind::kEnd: return InBody();
  }
  if (!CurrentIs(Known("colgroup"))) return Step::kDone;
  Pop();
  mode_ = Mode::kInTable;
  return Step::kAgain;
}

// ---- In table body ------------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InTableBody() {
  static constexpr KnownSet kEnding({"caption", "col", "colgroup", "tbody", "tfoot", "thead"});
  static constexpr KnownSet kIgnored(
      {"body", "caption", "col", "colgroup", "html", "td", "th", "tr"});
  const Atom name = token().name;
  const bool is_start = token().kind == TokenKind::kStartTag;
  const bool is_end = token().kind == TokenKind::kEndTag;
  if (is_start && (name == Known("tr") || kCells.Has(name))) {
    ClearStackTo(kTableBodyContext);
    mode_ = Mode::kInRow;
    if (name == Known("tr")) {
      InsertHtml();
      return Step::kDone;
    }
    InsertHtmlNamed(Known("tr"));
    return Step::kAgain;
  }
  if (is_end && kBodies.Has(name)) {
    if (!open_.InScope(KindOf(name).own)) return Step::kDone;
    ClearStackTo(kTableBodyContext);
    Pop();
    mode_ = Mode::kInTable;
    return Step::kDone;
  }
  if ((is_start && kEnding.Has(name)) || (is_end && name == Known("table"))) {
    if (!open_.InScope(kAnyBody)) return Step::kDone;
    ClearStackTo(kTableBodyContext);
    Pop();
    mode_ = Mode::kInTable;
    return Step::kAgain;
  }
  if (is_end && kIgnored.Has(name)) return Step::kDone;
  return InTable();
}

// ---- In row, in cell ----------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InRow() {
  const Atom name = token().name;
  if (token().kind == TokenKind::kEndTag) return InRowEndTag();
  if (token().kind != TokenKind::kStartTag || !kTableParts.Has(name)) return InTable();
  if (kCells.Has(name)) {
    ClearStackTo(kRowContext);
    InsertHtml();
    mode_ = Mode::kInCell;
    formatting_.PushMarker();
    return Step::kDone;
  }
  if (!open_.InScope(ScopeBit("tr"))) return Step::kDone;
  ClearStackTo(kRowContext);
  Pop();
  mode_ = Mode::kInTableBody;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::InRowEndTag() {
  static constexpr KnownSet kIgnored({"body", "caption", "col", "colgroup", "html", "td", "th"});
  const Atom name = token().name;
  if (kIgnored.Has(name)) return Step::kDone;
  const bool is_tr = name == Known("tr");
  if (!is_tr && name != Known("table") && !kBodies.Has(name)) return InTable();
  if (kBodies.Has(name) && !open_.InScope(KindOf(name).own)) return Step::kDone;
  if (!open_.InScope(ScopeBit("tr"))) return Step::kDone;
  ClearStackTo(kRowContext);
  Pop();
  mode_ = Mode::kInTableBody;
  return is_tr ? Step::kDone : Step::kAgain;
}

TreeBuilder::Step TreeBuilder::InCell() {
  static constexpr KnownSet kIgnored({"body", "caption", "col", "colgroup", "html"});
  static constexpr KnownSet kOuter({"table", "tbody", "tfoot", "thead", "tr"});
  const Atom name = token().name;
  if (token().kind == TokenKind::kEndTag) {
    if (kCells.Has(name)) {
      if (!open_.InScope(KindOf(name).own)) return Step::kDone;
      PopUntil(name);
      formatting_.ClearToMarker();
      mode_ = Mode::kInRow;
      return Step::kDone;
    }
    if (kIgnored.Has(name)) return Step::kDone;
    if (kOuter.Has(name)) {
      if (!open_.InScope(KindOf(name).own)) return Step::kDone;
      CloseCell();
      return Step::kAgain;
    }
  }
  if (token().kind == TokenKind::kStartTag && kTableParts.Has(name)) {
    if (!open_.InScope(kAnyCell)) return Step::kDone;
    CloseCell();
    return Step::kAgain;
  }
  return InBody();
}

void TreeBuilder::CloseCell() {
  for (bool found = false; !found && !open_.empty();) {
    found = current().ns == Namespace::kHtml && kCells.Has(current().name);
    Pop();
  }
  formatting_.ClearToMarker();
  mode_ = Mode::kInRow;
}

}  // namespace thresh::html
