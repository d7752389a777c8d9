#pragma once

// XmlNames: what an XML document knows about its names and an HTML page does not:
// namespaces and IDs. An XmlParser fills it beside the nodes of a Tree; trees of
// HTML pages have none. All text lives as long as the tree's.

#include <cstdint>
#include <string_view>
#include <vector>

namespace thresh::html {

inline constexpr std::string_view kXmlNamespaceUri = "http://www.w3.org/XML/1998/namespace";

struct XmlNames {
  static constexpr std::uint32_t kNoBinding = 0xFFFF'FFFF;

  /// A namespace declaration. `uri` is empty where `xmlns=""` takes one back.
  struct Binding {
    std::string_view prefix;  ///< Empty for the default namespace.
    std::string_view uri;
    std::uint32_t outer = kNoBinding;  ///< The next one in scope; nearer ones hide it.
  };
  struct OfNode {
    std::uint32_t scope = 0;         ///< The nearest binding in scope.
    std::uint32_t own = kNoBinding;  ///< That of the element's name; none if not in a namespace.
  };
  struct Id {
    std::string_view value;
    std::uint32_t element = 0;
  };

  std::vector<Binding> bindings;  ///< The first is that of `xml`, in scope everywhere.
  std::vector<OfNode> nodes;      ///< By node id; elements are filled in.
  std::vector<Id> ids;  ///< Attributes that the DTD calls IDs, and xml:id; document order.

  void Clear() {
    bindings.assign(1, {"xml", kXmlNamespaceUri, kNoBinding});
    nodes.clear();
    ids.clear();
  }
};

}  // namespace thresh::html
