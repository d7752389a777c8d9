#pragma once

#include "parser/html/tree.h"

namespace thresh::test {

/// What Tree promises: ids ascend in document order, and the links agree.
inline bool IsInDocumentOrder(const html::Tree& tree) {
  using html::kNoNode;
  html::NodeId expected = 0;
  for (html::NodeId id = 0; id != kNoNode;) {
    const html::Node& node = tree.node(id);
    if (id != expected++) return false;
    if (node.prev_sibling != kNoNode && tree.node(node.prev_sibling).next_sibling != id) {
      return false;
    }
    html::NodeId next = node.first_child;
    while (next == kNoNode && id != kNoNode) {
      next = tree.node(id).next_sibling;
      const html::NodeId parent = tree.node(id).parent;
      if (next == kNoNode && parent != kNoNode && tree.node(parent).last_child != id) return false;
      id = parent;
    }
    id = next;
  }
  return expected == tree.size();
}

}  // namespace thresh::test
