// Raw text, templates, framesets and what follows the body: WHATWG HTML 13.2.6.4.8 and
// 13.2.6.4.16 to 13.2.6.4.21.

#include <algorithm>

#include "parser/html/ascii.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {

// Inside <title>, <style>, <script>, <textarea> and their like.
TreeBuilder::Step TreeBuilder::Text() {
  if (token().kind == TokenKind::kText) {
    InsertText(token().text, token().in_page);
    return Step::kDone;
  }
  Pop();
  mode_ = original_mode_;
  return token().kind == TokenKind::kEnd ? Step::kAgain : Step::kDone;
}

// ---- Templates --------------------------------------------------------------------

TreeBuilder::Step TreeBuilder::InTemplate() {
  switch (token().kind) {
    case TokenKind::kText:
    case TokenKind::kComment:
    case TokenKind::kDoctype: return InBody();
    case TokenKind::kStartTag: return InTemplateStartTag();
    case TokenKind::kEndTag: return token().name == Known("template") ? EndTemplate() : Step::kDone;
    case TokenKind::kEnd: break;
  }
  if (!open_.HasTemplate()) return Stop();
  PopUntil(Known("template"));
  formatting_.ClearToMarker();
  template_modes_.pop_back();
  ResetMode();
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::InTemplateStartTag() {
  Mode mode = Mode::kInBody;
  switch (token().name) {
    case Known("base"):
    case Known("basefont"):
    case Known("bgsound"):
    case Known("link"):
    case Known("meta"):
    case Known("noframes"):
    case Known("script"):
    case Known("style"):
    case Known("template"):
    case Known("title"): return InHead();
    case Known("caption"):
    case Known("colgroup"):
    case Known("tbody"):
    case Known("tfoot"):
    case Known("thead"): mode = Mode::kInTable; break;
    case Known("col"): mode = Mode::kInColumnGroup; break;
    case Known("tr"): mode = Mode::kInTableBody; break;
    case Known("td"):
    case Known("th"): mode = Mode::kInRow; break;
    default: break;
  }
  template_modes_.back() = mode;
  mode_ = mode;
  return Step::kAgain;
}

// ---- After the body ---------------------------------------------------------------

TreeBuilder::Step TreeBuilder::AfterBody() {
  switch (token().kind) {
    case TokenKind::kText: {
      const std::string_view text = token().text;
      TakeSpacePrefix();
      const bool all_space = token().text.empty();
      token().text = text;  // All of it goes to the body.
      if (all_space) return InBody();
      break;
    }
    case TokenKind::kComment:
      out_of_order_ = true;  // More may follow in the body.
      InsertCommentAt(open_[0].node);
      return Step::kDone;
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kStartTag:
      if (token().name == Known("html")) return InBodyHtmlTag();
      break;
    case TokenKind::kEndTag:
      if (token().name == Known("html")) {
        if (!is_fragment_) mode_ = Mode::kAfterAfterBody;
        return Step::kDone;
      }
      break;
    case TokenKind::kEnd: return Stop();
  }
  mode_ = Mode::kInBody;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::AfterAfterBody() {
  switch (token().kind) {
    case TokenKind::kComment:
      out_of_order_ = true;
      InsertCommentAt(kDocumentNode);
      return Step::kDone;
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kText: {
      const std::string_view text = token().text;
      TakeSpacePrefix();
      const bool all_space = token().text.empty();
      token().text = text;
      if (all_space) return InBody();
      break;
    }
    case TokenKind::kStartTag:
      if (token().name == Known("html")) return InBodyHtmlTag();
      break;
    case TokenKind::kEndTag: break;
    case TokenKind::kEnd: return Stop();
  }
  mode_ = Mode::kInBody;
  return Step::kAgain;
}

// ---- Framesets --------------------------------------------------------------------

void TreeBuilder::InsertFramesetSpace() {
  filtered_.clear();
  for (char c : token().text) {
    if (IsSpace(c)) filtered_.push_back(c);
  }
  InsertText(filtered_, /*in_page=*/false);
}

TreeBuilder::Step TreeBuilder::InFrameset() {
  const Token& tag = token();
  switch (tag.kind) {
    case TokenKind::kText: InsertFramesetSpace(); break;
    case TokenKind::kComment: InsertComment(); break;
    case TokenKind::kDoctype: break;
    case TokenKind::kStartTag:
      if (tag.name == Known("html")) return InBodyHtmlTag();
      if (tag.name == Known("frameset")) InsertHtml();
      if (tag.name == Known("frame")) InsertVoid();
      if (tag.name == Known("noframes")) return InHead();
      break;
    case TokenKind::kEndTag:
      if (tag.name != Known("frameset") || open_.size() == 1) break;
      Pop();
      if (!is_fragment_ && !CurrentIs(Known("frameset"))) mode_ = Mode::kAfterFrameset;
      break;
    case TokenKind::kEnd: return Stop();
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::AfterFrameset() {
  const Token& tag = token();
  switch (tag.kind) {
    case TokenKind::kText: InsertFramesetSpace(); break;
    case TokenKind::kComment: InsertComment(); break;
    case TokenKind::kDoctype: break;
    case TokenKind::kStartTag:
      if (tag.name == Known("html")) return InBodyHtmlTag();
      if (tag.name == Known("noframes")) return InHead();
      break;
    case TokenKind::kEndTag:
      if (tag.name == Known("html")) mode_ = Mode::kAfterAfterFrameset;
      break;
    case TokenKind::kEnd: return Stop();
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::AfterAfterFrameset() {
  const Token& tag = token();
  switch (tag.kind) {
    case TokenKind::kComment:
      InsertCommentAt(kDocumentNode);
      out_of_order_ = true;
      break;
    case TokenKind::kText:  // As in a body, but for what is no white space.
      if (std::any_of(tag.text.begin(), tag.text.end(), &IsSpace)) Reconstruct();
      InsertFramesetSpace();
      break;
    case TokenKind::kStartTag:
      if (tag.name == Known("html")) return InBodyHtmlTag();
      if (tag.name == Known("noframes")) return InHead();
      break;
    case TokenKind::kEnd: return Stop();
    default: break;
  }
  return Step::kDone;
}

}  // namespace thresh::html
