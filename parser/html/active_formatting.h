#pragma once

// ActiveFormatting: the list of active formatting elements (WHATWG HTML 13.2.4.3).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/html/tree.h"

namespace thresh::html {

class ActiveFormatting {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  struct Entry {
    NodeId node = kNoNode;  ///< kNoNode is a marker.
    Atom name = kNoAtom;
    bool is_open = false;              ///< It is on the stack of open elements.
    std::uint64_t attribute_hash = 0;  ///< 0 until it is asked for.

    [[nodiscard]] bool is_marker() const noexcept { return node == kNoNode; }
  };

  void Clear() noexcept { entries_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const Entry& operator[](std::size_t i) const noexcept { return entries_[i]; }

  /// Whether there is nothing to reconstruct: the usual case.
  [[nodiscard]] bool IsSettled() const noexcept {
    return entries_.empty() || entries_.back().is_marker() || entries_.back().is_open;
  }

  void PushMarker() { entries_.emplace_back(); }
  /// Drops all down to the last marker, and that.
  void ClearToMarker() noexcept;

  /// Adds an open element; of three earlier ones that are like it, the first leaves.
  void Push(const Tree& tree, NodeId node, Atom name);
  void InsertAt(std::size_t i, NodeId node, Atom name);
  void RemoveAt(std::size_t i);
  void RemoveLast() noexcept { entries_.pop_back(); }
  /// Another open element, with the same name and attributes, takes the place of entry `i`.
  void Replace(std::size_t i, NodeId node) noexcept {
    entries_[i].node = node;
    entries_[i].is_open = true;
  }

  /// REQUIRES: `node` is one.
  [[nodiscard]] bool IsLast(NodeId node) const noexcept {
    return !entries_.empty() && entries_.back().node == node;
  }
  [[nodiscard]] std::size_t Find(NodeId node) const noexcept;
  /// The last element of that name behind the last marker.
  [[nodiscard]] std::size_t FindLast(Atom name) const noexcept;

  /// `node` left the stack of open elements.
  void NoteClosed(NodeId node) noexcept;

 private:
  std::vector<Entry> entries_;
};

}  // namespace thresh::html
