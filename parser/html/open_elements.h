#pragma once

// OpenElements: the stack of open elements (WHATWG HTML 13.2.4.2), with the answers to "is X in
// scope" at hand at any time. See element_kinds.h.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/html/element_kinds.h"
#include "parser/html/tree.h"

namespace thresh::html {

struct OpenElement {
  NodeId node = kNoNode;
  Atom name = kNoAtom;      ///< As the page's tags write it: lower case, for SVG too.
  ScopeBits in_scope = 0;   ///< Seen from here upwards in the tree.
  std::uint16_t flags = 0;  ///< ElementFlags.
  Namespace ns = Namespace::kHtml;

  [[nodiscard]] bool IsHtml(Atom of_name) const noexcept {
    return name == of_name && ns == Namespace::kHtml;
  }
  [[nodiscard]] bool Has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

class OpenElements {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  void Clear() noexcept { entries_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// Counted from the root, which is 0.
  [[nodiscard]] const OpenElement& operator[](std::size_t i) const noexcept { return entries_[i]; }
  /// The current node. REQUIRES: not empty.
  [[nodiscard]] const OpenElement& top() const noexcept { return entries_.back(); }

  [[nodiscard]] bool InScope(ScopeBits bits) const noexcept {
    return !entries_.empty() && (entries_.back().in_scope & bits) != 0;
  }
  [[nodiscard]] bool HasTemplate() const noexcept {
    return InScope(kinds::Bit(kinds::kTemplateBit));
  }

  [[gnu::always_inline]] void PushHtml(NodeId node, Atom name) {
    const kinds::Kind& kind = KindOf(name);
    const ScopeBits below = entries_.empty() ? 0 : entries_.back().in_scope;
    entries_.push_back(
        {node, name, (below & ~kind.hides) | kind.own, kind.flags, Namespace::kHtml});
  }
  /// `flags`: kForeign and what else holds.
  void PushForeign(NodeId node, Atom name, Namespace ns, std::uint16_t flags);
  void SetRootFlag(std::uint16_t flag) noexcept { entries_.front().flags |= flag; }

  /// REQUIRES: not empty.
  void Pop() noexcept { entries_.pop_back(); }

  /// Where `node` is, or kNone.
  [[nodiscard]] std::size_t Find(NodeId node) const noexcept;
  /// The topmost HTML element of that name, or kNone.
  [[nodiscard]] std::size_t FindHtml(Atom name) const noexcept;
  /// Whether the element at `i` is in the default scope.
  [[nodiscard]] bool IsInDefaultScope(std::size_t i) const noexcept;

  void RemoveAt(std::size_t i);
  /// Puts an HTML element at `i`; what was there and above moves up.
  void InsertHtmlAt(std::size_t i, NodeId node, Atom name);
  /// Another element of the same name takes the place of the one at `i`.
  void ReplaceNode(std::size_t i, NodeId node) noexcept { entries_[i].node = node; }

 private:
  void UpdateScopes(std::size_t from) noexcept;

  std::vector<OpenElement> entries_;
};

}  // namespace thresh::html
