#include "parser/html/tree_builder.h"

#include "parser/html/ascii.h"

namespace thresh::html {
namespace {

constexpr NodeId kContextNode = kNoNode - 1;  // A fragment's context is no node of the tree.

}  // namespace

TreeBuilder::TreeBuilder(NameTable& names, ParseLimits limits)
    : names_(names), limits_(limits), tokenizer_(names_, limits.max_attributes) {}

Result<> TreeBuilder::Build(std::string_view page, Tree* tree) {
  Start(page, tree);
  return Run();
}

Result<> TreeBuilder::BuildFragment(std::string_view page, std::string_view context, Tree* tree) {
  Start(page, tree);
  StartFragment(context);
  return Run();
}

void TreeBuilder::Start(std::string_view page, Tree* tree) {
  tree_ = tree;
  tree->Clear();
  tokenizer_.Start(page, tree);
  mode_ = Mode::kInitial;
  template_modes_.clear();
  open_.Clear();
  formatting_.Clear();
  head_ = form_ = kNoNode;
  is_fragment_ = false;
  frameset_ok_ = true;
  foster_parenting_ = skip_newline_ = out_of_order_ = stopped_ = false;
  selects_.clear();
  failure_.clear();
}

// Its end tag comes next, and that is all there is to it: in the body, and in foreign content,
// whatever the mode.
inline bool TreeBuilder::EndCurrent() {
  const OpenElement& top = open_.top();
  const EndTag& tag = EndTagOf(top.name);
  if (!tokenizer_.IsNext(tag) || skip_newline_ || top.Has(kIsFragmentRoot)) return false;
  if (mode_ != Mode::kInBody && !top.Has(kForeign)) return false;
  if (top.Has(kFormatting)) {
    if (!formatting_.IsLast(top.node)) return false;
    formatting_.RemoveLast();
  }
  tokenizer_.Skip(tag);
  open_.Pop();
  return true;
}

inline TreeBuilder::Step TreeBuilder::InBodyUsual() {
  if (token().kind == TokenKind::kStartTag) return InBodyStartTag();
  return token().kind == TokenKind::kText ? InBodyText() : InBody();
}

Result<> TreeBuilder::Run() {
  while (!stopped_) {
    if (!open_.empty() && EndCurrent()) continue;
    const bool is_usual = IsUsual();
    tokenizer_.Next(/*in_foreign=*/!is_usual && IsInForeign());
    if (!is_usual) {
      Process();
    } else if (InBodyUsual() == Step::kAgain) {
      ProcessAgain();
    }
    LookAtSize();
  }
  return Finish();
}

// Whether the adjusted current node is.
bool TreeBuilder::IsInForeign() const {
  return !open_.empty() &&
         (current().Has(kIsFragmentRoot) ? context_.Has(kForeign) : current().Has(kForeign));
}

Result<> TreeBuilder::Finish() {
  if (tokenizer_.has_too_many_attributes()) {
    Fail("a tag has more than " + std::to_string(limits_.max_attributes) + " attributes");
  }
  if (!failure_.empty()) {
    tree_->Clear();
    return Error{Errc::kTooLarge, failure_};
  }
  if (out_of_order_) tree_->Renumber();
  return Ok{};
}

// The first failure counts.
void TreeBuilder::Fail(std::string detail) {
  if (failure_.empty()) failure_ = std::move(detail);
  stopped_ = true;
}

void TreeBuilder::Process() {
  if (skip_newline_) [[unlikely]] {
    skip_newline_ = false;
    if (token().kind == TokenKind::kText && token().text.starts_with('\n')) {
      token().text.remove_prefix(1);
      if (token().text.empty()) return;
    }
  }
  const bool foreign =
      !open_.empty() && current().Has(kForeign | kIsFragmentRoot) && UseForeignRules();
  if ((foreign ? Foreign() : ProcessByMode()) == Step::kAgain) ProcessAgain();
}

void TreeBuilder::ProcessAgain() {
  for (Step step = Step::kAgain; step == Step::kAgain && !stopped_;) {
    const bool foreign =
        !open_.empty() && current().Has(kForeign | kIsFragmentRoot) && UseForeignRules();
    step = foreign ? Foreign() : ProcessByMode();
  }
}

void TreeBuilder::FailBySize() {
  Fail("the page has more than " + std::to_string(limits_.max_nodes) + " nodes");
}

void TreeBuilder::FailByDepth() {
  Fail("elements nest more than " + std::to_string(limits_.max_depth) + " deep");
}

// The tree construction dispatcher, 13.2.6.
bool TreeBuilder::UseForeignRules() const {
  const OpenElement& adjusted = current().Has(kIsFragmentRoot) ? context_ : current();
  if (!adjusted.Has(kForeign)) return false;
  const Token& token = tokenizer_.token();
  switch (token.kind) {
    case TokenKind::kEnd: return false;
    case TokenKind::kText: return !adjusted.Has(kMathTextPoint | kHtmlPoint);
    case TokenKind::kStartTag:
      if (adjusted.Has(kHtmlPoint)) return false;
      if (adjusted.Has(kMathTextPoint)) {
        return token.name == Known("mglyph") || token.name == Known("malignmark");
      }
      return !(adjusted.ns == Namespace::kMathMl && adjusted.name == Known("annotation-xml") &&
               token.name == Known("svg"));
    default: return true;
  }
}

TreeBuilder::Step TreeBuilder::ProcessByMode() {
  switch (mode_) {
    case Mode::kInBody: return InBody();
    case Mode::kInitial: return Initial();
    case Mode::kBeforeHtml: return BeforeHtml();
    case Mode::kBeforeHead: return BeforeHead();
    case Mode::kInHead: return InHead();
    case Mode::kInHeadNoscript: return InHeadNoscript();
    case Mode::kAfterHead: return AfterHead();
    case Mode::kText: return Text();
    case Mode::kInTable: return InTable();
    case Mode::kInTableText: return InTableText();
    case Mode::kInCaption: return InCaption();
    case Mode::kInColumnGroup: return InColumnGroup();
    case Mode::kInTableBody: return InTableBody();
    case Mode::kInRow: return InRow();
    case Mode::kInCell: return InCell();
    case Mode::kInTemplate: return InTemplate();
    case Mode::kAfterBody: return AfterBody();
    case Mode::kInFrameset: return InFrameset();
    case Mode::kAfterFrameset: return AfterFrameset();
    case Mode::kAfterAfterBody: return AfterAfterBody();
    case Mode::kAfterAfterFrameset: return AfterAfterFrameset();
  }
  return Step::kDone;
}

TreeBuilder::Step TreeBuilder::Stop() {
  if (!selects_.empty()) PopTo(0);  // Options are closed by the end, too.
  stopped_ = true;
  return Step::kDone;
}

// ---- Fragments, 13.4 --------------------------------------------------------------

// The document node itself stands for the root <html>, so that the result is its children.
void TreeBuilder::StartFragment(std::string_view context) {
  is_fragment_ = true;
  Namespace ns = Namespace::kHtml;
  if (context.starts_with("svg ")) ns = Namespace::kSvg;
  if (context.starts_with("math ")) ns = Namespace::kMathMl;
  if (ns != Namespace::kHtml) context.remove_prefix(context.find(' ') + 1);
  const Atom name = tree_->NameFromPage(Lowered(context));
  context_ = {kContextNode, name, 0, KindOf(name).flags, ns};
  if (ns != Namespace::kHtml) context_.flags = ForeignFlags(name, ns);

  open_.PushHtml(kDocumentNode, Known("html"));
  open_.SetRootFlag(kIsFragmentRoot);
  if (context_.IsHtml(Known("template"))) template_modes_.push_back(Mode::kInTemplate);
  if (context_.IsHtml(Known("form"))) form_ = kContextNode;
  SetFragmentState(name, ns);
  ResetMode();
}

// No start tag was read, so no end tag ends the text: 13.2.5, "appropriate end tag token".
void TreeBuilder::SetFragmentState(Atom context, Namespace ns) {
  if (ns != Namespace::kHtml) return;
  static constexpr KnownSet kRcdata({"title", "textarea"});
  static constexpr KnownSet kRawText({"style", "xmp", "iframe", "noembed", "noframes"});
  if (kRcdata.Has(context)) tokenizer_.set_state(Tokenizer::State::kRcdata);
  if (kRawText.Has(context)) tokenizer_.set_state(Tokenizer::State::kRawText);
  if (context == Known("script")) tokenizer_.set_state(Tokenizer::State::kScriptData);
  if (context == Known("plaintext")) tokenizer_.set_state(Tokenizer::State::kPlaintext);
}

// 13.2.4.1, "reset the insertion mode appropriately".
void TreeBuilder::ResetMode() {
  for (std::size_t i = open_.size(); i-- > 0;) {
    const bool is_last = i == 0;
    const OpenElement& element = is_last && is_fragment_ ? context_ : open_[i];
    if (element.ns == Namespace::kHtml) {
      const Mode mode = ModeFor(element.name, is_last);
      if (mode != Mode::kInitial) {
        mode_ = mode;
        return;
      }
    }
  }
  mode_ = Mode::kInBody;
}

// kInitial: this element does not say.
TreeBuilder::Mode TreeBuilder::ModeFor(Atom name, bool is_last) const {
  switch (name) {
    case Known("td"):
    case Known("th"): return is_last ? Mode::kInitial : Mode::kInCell;
    case Known("tr"): return Mode::kInRow;
    case Known("tbody"):
    case Known("thead"):
    case Known("tfoot"): return Mode::kInTableBody;
    case Known("caption"): return Mode::kInCaption;
    case Known("colgroup"): return Mode::kInColumnGroup;
    case Known("table"): return Mode::kInTable;
    case Known("template"): return template_modes_.back();
    case Known("head"): return is_last ? Mode::kInitial : Mode::kInHead;
    case Known("body"): return Mode::kInBody;
    case Known("frameset"): return Mode::kInFrameset;
    case Known("html"): return head_ == kNoNode ? Mode::kBeforeHead : Mode::kAfterHead;
    default: return Mode::kInitial;
  }
}

}  // namespace thresh::html
