#pragma once

// TreeBuilder: tokens -> Tree (WHATWG HTML 13.2.6). Behind HtmlParser; one object builds page
// after page.
//
// While a page nests well, each node is made where it stays and ids ascend by themselves. What
// moves or inserts elsewhere (foster parenting, the adoption agency, text after </head> …) says
// so, and the tree is renumbered once at the end.
//
// A method for an insertion mode handles the token that the tokenizer holds. It returns kAgain if
// the token is to be looked at anew, in the mode that is set then.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "parser/html/active_formatting.h"
#include "parser/html/foreign_names.h"
#include "parser/html/html_parser.h"
#include "parser/html/name_cache.h"
#include "parser/html/open_elements.h"
#include "parser/html/tokenizer.h"
#include "parser/html/tree.h"

namespace thresh::html {

class TreeBuilder {
 public:
  TreeBuilder(NameTable& names, ParseLimits limits);
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  /// As HtmlParser's methods.
  Result<> Build(std::string_view page, Tree* tree);
  Result<> BuildFragment(std::string_view page, std::string_view context, Tree* tree);

 private:
  enum class Mode : std::uint8_t {
    kInitial,
    kBeforeHtml,
    kBeforeHead,
    kInHead,
    kInHeadNoscript,
    kAfterHead,
    kInBody,
    kText,
    kInTable,
    kInTableText,
    kInCaption,
    kInColumnGroup,
    kInTableBody,
    kInRow,
    kInCell,
    kInTemplate,
    kAfterBody,
    kInFrameset,
    kAfterFrameset,
    kAfterAfterBody,
    kAfterAfterFrameset
  };
  enum class Step : std::uint8_t { kDone, kAgain };
  struct Place {
    NodeId parent;
    NodeId before;  ///< kNoNode: as the last child.
  };

  // tree_builder.cc
  void Start(std::string_view page, Tree* tree);
  Result<> Run();
  Result<> Finish();
  /// In the body, in an element of HTML: most of a page.
  [[nodiscard]] bool IsUsual() const noexcept {
    return mode_ == Mode::kInBody && !skip_newline_ && !open_.empty() &&
           !current().Has(kForeign | kIsFragmentRoot);
  }
  [[nodiscard]] bool IsInForeign() const;
  bool EndCurrent();
  Step InBodyUsual();
  void Process();
  void ProcessAgain();
  void LookAtSize() {
    if (tree_->size() > limits_.max_nodes) [[unlikely]]
      FailBySize();
  }
  [[nodiscard]] bool UseForeignRules() const;
  Step ProcessByMode();
  void StartFragment(std::string_view context);
  void SetFragmentState(Atom context, Namespace ns);
  void ResetMode();
  [[nodiscard]] Mode ModeFor(Atom name, bool is_last) const;
  Step Stop();

  // builder_insert.cc: how nodes come into the tree, and off the stack
  [[nodiscard]] Token& token() noexcept { return tokenizer_.token(); }
  [[nodiscard]] std::vector<Attribute>& attributes() {
    if (token().repeated != nullptr) tokenizer_.ReadAttributesAgain();
    return token().attributes;
  }
  [[nodiscard]] const OpenElement& current() const noexcept { return open_.top(); }
  [[nodiscard]] bool CurrentIs(Atom name) const noexcept {
    return !open_.empty() && open_.top().IsHtml(name);
  }
  [[nodiscard]] Place PlaceIn(NodeId target, std::uint16_t target_flags) const;
  [[nodiscard]] Place FosterPlace() const;
  void Attach(NodeId node, Place place);
  NodeId InsertElement(Atom name, Namespace ns);
  [[nodiscard]] bool IsRepeatedIn(Namespace ns) const noexcept {
    const RepeatedTag* const repeated = tokenizer_.token().repeated;
    return repeated != nullptr && repeated->ns == static_cast<std::uint8_t>(ns);
  }
  void SetAttributes(Namespace ns);
  NodeId InsertHtml();                ///< For the token; pushes it.
  NodeId InsertHtmlNamed(Atom name);  ///< Without attributes; pushes it.
  void InsertVoid();                  ///< For the token; not left open.
  void PushHtml(NodeId node, Atom name);
  void InsertComment() { InsertCommentAt(open_.top().node); }
  void InsertCommentAt(NodeId parent);
  void InsertText(std::string_view text, bool in_page);
  void InsertTextOutOfPlace(std::string_view text, bool in_page);
  void InsertTokenText();              ///< Drops NULs.
  std::string_view TakeSpacePrefix();  ///< Off the token's text.
  void Pop();
  void PopUntil(Atom name);  ///< That HTML element too.
  void PopUntilHeading();
  void PopTo(std::size_t size);
  void GenerateImpliedEndTags(Atom except = kNoAtom);
  void ClearStackTo(const KnownSet& names);
  void ParseRawText(Tokenizer::State state);

  // builder_formatting.cc
  [[gnu::always_inline]] void Reconstruct() {
    if (!formatting_.IsSettled()) ReconstructNow();
  }
  void ReconstructNow();
  void PushFormatting();
  bool RunAdoptionAgency(Atom subject);
  bool AdoptOnce(Atom subject, bool* handled);
  NodeId WalkToFormatting(std::size_t formatting, std::size_t furthest, std::size_t* bookmark);
  void RemoveFromOpen(std::size_t i);

  // builder_head.cc: all before the body
  Step Initial();
  Step BeforeHtml();
  Step BeforeHead();
  Step InHead();
  Step InHeadStartTag();
  Step StartTemplate();
  Step EndTemplate();
  Step InHeadNoscript();
  Step AfterHead();
  Step AfterHeadStartTag();
  void SetDoctype();

  // builder_body.cc
  Step InBody();
  Step InBodyText();
  Step InBodyStartTag();
  Step InBodyStartOther();
  Step InBodyStartBlock();
  Step InBodyStartForm();
  Step InBodyStartSelect();
  Step InBodyStartRare();
  Step InBodyHtmlTag();
  Step InBodyBodyTag();
  Step InBodyFramesetTag();
  void CloseListItem();
  void CloseA();
  void StartNobr();
  void StartTable();
  void StartInput();
  void StartOption(bool is_optgroup);
  void StartForeign(Namespace ns);
  [[gnu::always_inline]] void ClosePIfOpen() {
    if (open_.InScope(ScopeBit("p"))) PopUntil(Known("p"));
  }

  // builder_body_end.cc
  Step InBodyEndTag();
  Step EndBody(bool is_html);
  void EndInScope(ScopeBits bit);
  void EndForm();
  void EndApplet(ScopeBits bit);
  void EndOther(Atom name);

  // builder_table.cc
  Step InTable();
  Step InTableStartTag();
  Step InTableEndTag();
  Step InTableOther();
  Step InTableText();
  void FlushTableText();
  Step InCaption();
  Step InColumnGroup();
  Step InTableBody();
  Step InRow();
  Step InRowEndTag();
  Step InCell();
  void CloseCell();
  bool CloseCaption();

  // builder_after.cc: templates, framesets, and what follows the body
  Step Text();
  Step InTemplate();
  Step InTemplateStartTag();
  Step AfterBody();
  Step InFrameset();
  Step AfterFrameset();
  Step AfterAfterBody();
  Step AfterAfterFrameset();
  void InsertFramesetSpace();

  // builder_foreign.cc
  Step Foreign();
  Step ForeignText();
  Step ForeignStartTag();
  Step ForeignEndTag();
  [[nodiscard]] bool BreaksOut();
  Step BreakOut();
  void InsertForeign(Namespace ns);
  void AdjustAttributes(Namespace ns, std::uint16_t* flags);

  // builder_select.cc: <selectedcontent>
  struct SelectState {
    NodeId select = kNoNode;
    NodeId content = kNoNode;  ///< Its <selectedcontent>; kNoNode if that stays as it is.
    NodeId chosen = kNoNode;   ///< The option that is selected.
    bool chosen_by_attribute = false;
  };
  void SelectedContentOpened(NodeId element);
  void OptionClosed(NodeId option);
  void ConsiderOption(NodeId option, SelectState* state);
  [[nodiscard]] NodeId HtmlAncestor(NodeId of, const KnownSet& names) const;
  void CloneChildren(NodeId from, NodeId to);

  void Fail(std::string detail);
  [[gnu::cold]] void FailBySize();
  [[gnu::cold]] void FailByDepth();

  NameCache names_;
  ForeignNames foreign_names_;
  const ParseLimits limits_;
  Tokenizer tokenizer_;
  Tree* tree_ = nullptr;

  Mode mode_ = Mode::kInitial;
  Mode original_mode_ = Mode::kInitial;  ///< What text and table text go back to.
  std::vector<Mode> template_modes_;
  OpenElements open_;
  ActiveFormatting formatting_;
  NodeId head_ = kNoNode;
  NodeId form_ = kNoNode;
  bool is_fragment_ = false;
  OpenElement context_;  ///< Of a fragment; its node is no node of the tree.
  bool frameset_ok_ = true;
  bool foster_parenting_ = false;
  bool skip_newline_ = false;  ///< The first line end in <pre>, <listing>, <textarea>.
  bool out_of_order_ = false;  ///< Ids do not ascend: renumber.
  bool stopped_ = false;
  std::string failure_;
  std::vector<SelectState> selects_;  ///< Those with a <selectedcontent>.

  std::string table_text_;       ///< Pending characters of "in table text".
  std::string_view table_view_;  ///< The same, as long as they are one view of the page.
  std::string filtered_;
};

// ---- For most tokens, in one piece with what asks for it ----------------------------

[[gnu::always_inline]] inline NodeId TreeBuilder::InsertElement(Atom name, Namespace ns) {
  NodeId node;
  if (!foster_parenting_) [[likely]] {
    node = tree_->AppendElement(current().node, name, ns);
  } else {
    node = tree_->NewElement(name, ns);
    Attach(node, PlaceIn(current().node, current().flags));
  }
  if (IsRepeatedIn(ns)) {
    tree_->ShareAttributes(*token().repeated);
  } else if (token().HasAttributes()) {
    SetAttributes(ns);
  }
  return node;
}

[[gnu::always_inline]] inline void TreeBuilder::InsertText(std::string_view text, bool in_page) {
  if (text.empty()) return;
  const NodeId last = tree_->node(current().node).last_child;
  const bool follows_text = last != kNoNode && tree_->node(last).type == NodeType::kText;
  if (follows_text || foster_parenting_) {
    InsertTextOutOfPlace(text, in_page);
  } else {
    tree_->AppendText(current().node, in_page ? text : tree_->Keep(text));
  }
}

[[gnu::always_inline]] inline void TreeBuilder::PushHtml(NodeId node, Atom name) {
  open_.PushHtml(node, name);
  if (open_.size() > limits_.max_depth) [[unlikely]]
    FailByDepth();
}

}  // namespace thresh::html
