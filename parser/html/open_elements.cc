#include "parser/html/open_elements.h"

namespace thresh::html {
namespace {

// What an open element hides from, and adds to, the scopes of what is inside it.
ScopeBits ScopeInside(const OpenElement& element, ScopeBits outside) {
  if (element.ns == Namespace::kHtml) {
    const kinds::Kind& kind = KindOf(element.name);
    return (outside & ~kind.hides) | kind.own;
  }
  return element.Has(kSpecial) ? outside & ~kinds::kHiddenByDefault : outside;
}

}  // namespace

void OpenElements::PushForeign(NodeId node, Atom name, Namespace ns, std::uint16_t flags) {
  const ScopeBits below = entries_.empty() ? 0 : entries_.back().in_scope;
  OpenElement& element = entries_.emplace_back();
  element.node = node;
  element.name = name;
  element.ns = ns;
  element.flags = flags;
  element.in_scope = ScopeInside(element, below);
}

std::size_t OpenElements::Find(NodeId node) const noexcept {
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (entries_[i].node == node) return i;
  }
  return kNone;
}

std::size_t OpenElements::FindHtml(Atom name) const noexcept {
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (entries_[i].IsHtml(name)) return i;
  }
  return kNone;
}

bool OpenElements::IsInDefaultScope(std::size_t i) const noexcept {
  for (std::size_t above = entries_.size(); --above > i;) {
    const OpenElement& element = entries_[above];
    const bool hides = element.ns == Namespace::kHtml
                           ? (KindOf(element.name).hides & ScopeBit("form")) != 0
                           : element.Has(kSpecial);
    if (hides) return false;
  }
  return true;
}

void OpenElements::RemoveAt(std::size_t i) {
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  UpdateScopes(i);
}

void OpenElements::InsertHtmlAt(std::size_t i, NodeId node, Atom name) {
  OpenElement element;
  element.node = node;
  element.name = name;
  element.flags = KindOf(name).flags;
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(i), element);
  UpdateScopes(i);
}

void OpenElements::UpdateScopes(std::size_t from) noexcept {
  for (std::size_t i = from; i < entries_.size(); ++i) {
    entries_[i].in_scope = ScopeInside(entries_[i], i == 0 ? 0 : entries_[i - 1].in_scope);
  }
}

}  // namespace thresh::html
