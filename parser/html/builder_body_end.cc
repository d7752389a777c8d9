// End tags "in body": WHATWG HTML 13.2.6.4.7.

#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

constexpr KnownSet kBlocks({"address",    "article", "aside",   "blockquote", "button", "center",
                            "details",    "dialog",  "dir",     "div",        "dl",     "fieldset",
                            "figcaption", "figure",  "footer",  "header",     "hgroup", "listing",
                            "main",       "menu",    "nav",     "ol",         "pre",    "search",
                            "section",    "select",  "summary", "ul"});

}  // namespace

TreeBuilder::Step TreeBuilder::InBodyEndTag() {
  const Atom name = token().name;
  const kinds::Kind& kind = KindOf(name);
  if (kBlocks.Has(name)) {
    EndInScope(kind.own);
    return Step::kDone;
  }
  if ((kind.flags & kFormatting) != 0) {
    if (!RunAdoptionAgency(name)) EndOther(name);
    return Step::kDone;
  }
  switch (name) {
    case Known("p"):
      if (!open_.InScope(ScopeBit("p"))) InsertHtmlNamed(Known("p"));
      PopUntil(Known("p"));
      break;
    case Known("li"):
    case Known("dd"):
    case Known("dt"): EndInScope(kind.own); break;
    case Known("h1"):
    case Known("h2"):
    case Known("h3"):
    case Known("h4"):
    case Known("h5"):
    case Known("h6"):
      if (open_.InScope(ScopeBit("h1"))) PopUntilHeading();
      break;
    case Known("body"): return EndBody(/*is_html=*/false);
    case Known("html"): return EndBody(/*is_html=*/true);
    case Known("form"): EndForm(); break;
    case Known("applet"):
    case Known("marquee"):
    case Known("object"): EndApplet(kind.own); break;
    case Known("template"): return EndTemplate();
    case Known("br"):
      token().attributes.clear();
      Reconstruct();
      InsertVoid();
      frameset_ok_ = false;
      break;
    default: EndOther(name); break;
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::EndBody(bool is_html) {
  if (!open_.InScope(ScopeBit("body"))) return Step::kDone;
  mode_ = Mode::kAfterBody;
  return is_html ? Step::kAgain : Step::kDone;
}

// The standard generates implied end tags first, which only tells whether to report an error.
void TreeBuilder::EndInScope(ScopeBits bit) {
  if (open_.InScope(bit)) PopUntil(token().name);
}

void TreeBuilder::EndForm() {
  if (open_.HasTemplate()) {
    EndInScope(ScopeBit("form"));
    return;
  }
  const NodeId form = form_;
  form_ = kNoNode;
  if (form == kNoNode) return;
  const std::size_t i = open_.Find(form);
  if (i == OpenElements::kNone || !open_.IsInDefaultScope(i)) return;
  GenerateImpliedEndTags();
  RemoveFromOpen(open_.Find(form));
}

void TreeBuilder::EndApplet(ScopeBits bit) {
  if (!open_.InScope(bit)) return;
  PopUntil(token().name);
  formatting_.ClearToMarker();
}

void TreeBuilder::EndOther(Atom name) {
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (open_[i].IsHtml(name)) {
      PopTo(i);
      return;
    }
    if (open_[i].Has(kSpecial)) return;
  }
}

}  // namespace thresh::html
