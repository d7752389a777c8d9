// What comes before the body: WHATWG HTML 13.2.6.4.1 to 13.2.6.4.6.

#include "parser/html/quirks.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

// End tags that open what is missing; others are ignored there.
constexpr KnownSet kOpeningEnds({"head", "body", "html", "br"});
constexpr KnownSet kBodyEnds({"body", "html", "br"});
// Start tags whose elements belong into the head, also behind it.
constexpr KnownSet kHeadTags({"base", "basefont", "bgsound", "link", "meta", "noframes", "script",
                              "style", "template", "title"});
constexpr KnownSet kNoscriptTags({"basefont", "bgsound", "link", "meta", "noframes", "style"});

}  // namespace

void TreeBuilder::SetDoctype() {
  tree_->AppendDoctype(token().doctype_name.value_or(""), token().public_id.value_or(""),
                       token().system_id.value_or(""));
  tree_->set_quirks(IsQuirksDoctype(token()));
}

TreeBuilder::Step TreeBuilder::Initial() {
  switch (token().kind) {
    case TokenKind::kText:
      TakeSpacePrefix();
      if (token().text.empty()) return Step::kDone;
      break;
    case TokenKind::kComment: InsertCommentAt(kDocumentNode); return Step::kDone;
    case TokenKind::kDoctype:
      SetDoctype();
      mode_ = Mode::kBeforeHtml;
      return Step::kDone;
    default: break;
  }
  tree_->set_quirks(true);
  mode_ = Mode::kBeforeHtml;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::BeforeHtml() {
  switch (token().kind) {
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kComment: InsertCommentAt(kDocumentNode); return Step::kDone;
    case TokenKind::kText:
      TakeSpacePrefix();
      if (token().text.empty()) return Step::kDone;
      break;
    case TokenKind::kEndTag:
      if (!kOpeningEnds.Has(token().name)) return Step::kDone;
      break;
    default: break;
  }
  const bool is_html = token().kind == TokenKind::kStartTag && token().name == Known("html");
  const NodeId html = tree_->AppendElement(kDocumentNode, Known("html"), Namespace::kHtml);
  if (is_html && !attributes().empty()) tree_->SetAttributes(attributes());
  PushHtml(html, Known("html"));
  mode_ = Mode::kBeforeHead;
  return is_html ? Step::kDone : Step::kAgain;
}

TreeBuilder::Step TreeBuilder::BeforeHead() {
  switch (token().kind) {
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kText:
      TakeSpacePrefix();
      if (token().text.empty()) return Step::kDone;
      break;
    case TokenKind::kStartTag:
      if (token().name == Known("html")) return InBodyHtmlTag();
      if (token().name == Known("head")) {
        head_ = InsertHtml();
        mode_ = Mode::kInHead;
        return Step::kDone;
      }
      break;
    case TokenKind::kEndTag:
      if (!kOpeningEnds.Has(token().name)) return Step::kDone;
      break;
    case TokenKind::kEnd: break;
  }
  head_ = InsertHtmlNamed(Known("head"));
  mode_ = Mode::kInHead;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::InHead() {
  switch (token().kind) {
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kText: {
      const std::string_view space = TakeSpacePrefix();
      InsertText(space, token().in_page);
      if (token().text.empty()) return Step::kDone;
      break;
    }
    case TokenKind::kStartTag:
      if (kHeadTags.Has(token().name) || token().name == Known("noscript")) {
        return InHeadStartTag();
      }
      if (token().name == Known("html")) return InBodyHtmlTag();
      if (token().name == Known("head")) return Step::kDone;
      break;
    case TokenKind::kEndTag:
      if (token().name == Known("template")) return EndTemplate();
      if (token().name == Known("head")) {
        Pop();
        mode_ = Mode::kAfterHead;
        return Step::kDone;
      }
      if (!kBodyEnds.Has(token().name)) return Step::kDone;
      break;
    case TokenKind::kEnd: break;
  }
  Pop();
  mode_ = Mode::kAfterHead;
  return Step::kAgain;
}

// REQUIRES: a start tag of kHeadTags, or <noscript> in the head.
TreeBuilder::Step TreeBuilder::InHeadStartTag() {
  switch (token().name) {
    case Known("title"): ParseRawText(Tokenizer::State::kRcdata); break;
    case Known("noframes"):
    case Known("style"): ParseRawText(Tokenizer::State::kRawText); break;
    case Known("script"): ParseRawText(Tokenizer::State::kScriptData); break;
    case Known("template"): return StartTemplate();
    case Known("noscript"):
      InsertHtml();
      mode_ = Mode::kInHeadNoscript;
      break;
    default: InsertVoid(); break;
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::StartTemplate() {
  InsertHtml();
  formatting_.PushMarker();
  frameset_ok_ = false;
  mode_ = Mode::kInTemplate;
  template_modes_.push_back(Mode::kInTemplate);
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::EndTemplate() {
  if (!open_.HasTemplate()) return Step::kDone;
  PopUntil(Known("template"));
  formatting_.ClearToMarker();
  template_modes_.pop_back();
  ResetMode();
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::InHeadNoscript() {
  const Token& tag = token();
  switch (tag.kind) {
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kComment: return InHead();
    case TokenKind::kText: {
      const std::string_view space = TakeSpacePrefix();
      InsertText(space, tag.in_page);
      if (tag.text.empty()) return Step::kDone;
      break;
    }
    case TokenKind::kStartTag:
      if (tag.name == Known("html")) return InBodyHtmlTag();
      if (kNoscriptTags.Has(tag.name)) return InHead();
      if (tag.name == Known("head") || tag.name == Known("noscript")) return Step::kDone;
      break;
    case TokenKind::kEndTag:
      if (tag.name == Known("noscript")) {
        Pop();
        mode_ = Mode::kInHead;
        return Step::kDone;
      }
      if (tag.name != Known("br")) return Step::kDone;
      break;
    case TokenKind::kEnd: break;
  }
  Pop();
  mode_ = Mode::kInHead;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::AfterHead() {
  switch (token().kind) {
    case TokenKind::kDoctype: return Step::kDone;
    case TokenKind::kComment: InsertComment(); return Step::kDone;
    case TokenKind::kText: {
      const std::string_view space = TakeSpacePrefix();
      InsertText(space, token().in_page);
      if (token().text.empty()) return Step::kDone;
      break;
    }
    case TokenKind::kStartTag:
      if (token().name == Known("html")) return InBodyHtmlTag();
      if (token().name == Known("head")) return Step::kDone;
      if (kHeadTags.Has(token().name) || token().name == Known("body") ||
          token().name == Known("frameset")) {
        return AfterHeadStartTag();
      }
      break;
    case TokenKind::kEndTag:
      if (token().name == Known("template")) return EndTemplate();
      if (!kBodyEnds.Has(token().name)) return Step::kDone;
      break;
    case TokenKind::kEnd: break;
  }
  InsertHtmlNamed(Known("body"));
  mode_ = Mode::kInBody;
  return Step::kAgain;
}

TreeBuilder::Step TreeBuilder::AfterHeadStartTag() {
  if (token().name == Known("body")) {
    InsertHtml();
    frameset_ok_ = false;
    mode_ = Mode::kInBody;
    return Step::kDone;
  }
  if (token().name == Known("frameset")) {
    InsertHtml();
    mode_ = Mode::kInFrameset;
    return Step::kDone;
  }
  // Into the head that was closed already: what came behind it stays behind.
  if (tree_->node(head_).next_sibling != kNoNode) out_of_order_ = true;
  PushHtml(head_, Known("head"));
  const Step step = InHeadStartTag();
  if (const std::size_t head = open_.Find(head_); head != OpenElements::kNone) {
    open_.RemoveAt(head);
  }
  return step;
}

}  // namespace thresh::html
