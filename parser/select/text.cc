#include "parser/select/text.h"

#include <algorithm>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/white_space.h"

namespace thresh::select {
namespace {

using html::kNoNode;
using html::Known;
using html::KnownSet;
using html::Node;
using html::NodeId;
using html::NodeType;

constexpr KnownSet kBlocks({"address", "article",  "aside",    "blockquote", "body",      "caption",
                            "center",  "dd",       "details",  "dialog",     "dir",       "div",
                            "dl",      "dt",       "fieldset", "figcaption", "figure",    "footer",
                            "form",    "h1",       "h2",       "h3",         "h4",        "h5",
                            "h6",      "head",     "header",   "hgroup",     "hr",        "html",
                            "legend",  "li",       "listing",  "main",       "menu",      "nav",
                            "ol",      "optgroup", "option",   "p",          "plaintext", "pre",
                            "search",  "section",  "summary",  "table",      "tbody",     "tfoot",
                            "thead",   "title",    "tr",       "ul",         "xmp"});
constexpr KnownSet kCells({"td", "th"});

// Joins text, with white space and line ends held back until more text follows.
class Collapser {
 public:
  explicit Collapser(std::string* out) : out_(*out), begin_(out->size()) {}

  void Add(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t begin = at;
      if (!html::IsSpace(text[at])) {
        at = FindUncollapsed(text, at);
        AddWords(text.substr(begin, at - begin));
      }
      for (; at < text.size() && html::IsSpace(text[at]); ++at) space_ = true;
    }
  }

  void Space() { space_ = true; }
  void StartLine() { newlines_ = std::max(newlines_, 1); }
  void EndLine() { newlines_ = std::min(newlines_ + 1, 2); }

 private:
  void AddWords(std::string_view words) {
    if (out_.size() == begin_) {
      // Nothing to part it from.
    } else if (newlines_ > 0) {
      out_.append(static_cast<std::size_t>(newlines_), '\n');
    } else if (space_) {
      out_.push_back(' ');
    }
    newlines_ = 0;
    space_ = false;
    out_.append(words);
  }

  std::string& out_;
  const std::size_t begin_;
  bool space_ = false;
  int newlines_ = 0;
};

// What an element's edge does to the lines.
void AddEdge(const Node& node, Collapser* lines) {
  if (node.type != NodeType::kElement || node.ns != html::Namespace::kHtml) return;
  if (kBlocks.Has(node.name)) {
    lines->StartLine();
  } else if (kCells.Has(node.name)) {
    lines->Space();
  }
}

}  // namespace

void AppendText(const html::Tree& tree, NodeId node, std::string* out) {
  Collapser text(out);
  const NodeId end = tree.End(node);
  for (NodeId id = node; id < end; ++id) {
    if (tree.node(id).type == NodeType::kText) text.Add(tree.node(id).text);
  }
}

std::string_view TextView(const html::Tree& tree, NodeId node, std::string* scratch) {
  std::string_view only;
  const NodeId end = tree.End(node);
  for (NodeId id = node; id < end; ++id) {
    if (tree.node(id).type != NodeType::kText) continue;
    const std::string_view text = Trimmed(tree.node(id).text);
    if (text.empty()) continue;
    if (!only.empty() || FindUncollapsed(text, 0) != text.size()) {
      scratch->clear();
      AppendText(tree, node, scratch);
      return *scratch;
    }
    only = text;
  }
  return only;
}

void AppendOwnText(const html::Tree& tree, NodeId node, std::string* out) {
  Collapser text(out);
  for (NodeId id = tree.node(node).first_child; id != kNoNode; id = tree.node(id).next_sibling) {
    if (tree.node(id).type == NodeType::kText) text.Add(tree.node(id).text);
  }
}

void AppendLines(const html::Tree& tree, NodeId node, std::string* out) {
  Collapser lines(out);
  const NodeId end = tree.End(node);
  NodeId open = node;  // The innermost element not closed yet.
  for (NodeId id = node; id < end; ++id) {
    const Node& here = tree.node(id);
    for (; id != node && open != here.parent; open = tree.node(open).parent) {
      AddEdge(tree.node(open), &lines);
    }
    open = id;
    if (here.type == NodeType::kText) {
      lines.Add(here.text);
    } else if (here.name == Known("br") && here.ns == html::Namespace::kHtml) {
      lines.EndLine();
    } else {
      AddEdge(here, &lines);
    }
  }
}

void AppendRawText(const html::Tree& tree, NodeId node, std::string* out) {
  const NodeId end = tree.End(node);
  for (NodeId id = node; id < end; ++id) {
    if (tree.node(id).type == NodeType::kText) out->append(tree.node(id).text);
  }
}

}  // namespace thresh::select
