#pragma once

// Microdata: the items of a page (WHATWG HTML, 5.2 and 5.3) as JSON text:
//
//   {"@type":"Product","@id":"https://…","name":"Anvil","offers":{"@type":"Offer",…}}
//
// - A property is a string or an object; an array of them, in document order, if it has
//   several values. Properties stand in the order of their first values.
// - `@type` is the itemtype, an array if there are several, without `http://schema.org/`;
//   `@id` the itemid. Both are absent where the page has none.
// - The value of an element is that of the standard (5.2.4): URLs resolved against the base,
//   empty if they are none. Two things differ: elements without a value of their own kind take
//   an attribute `content`, as pages use it, before their text; and the text is that of
//   recipes, white space collapsed and trimmed, without what is in <script> and <style>.
// - An item that contains itself, by itemref, is left out where it would begin again.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/url/url.h"
#include "lib/url/url_place.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/select/work_budget.h"

namespace thresh::json {

class Microdata {
 public:
  /// Items inside one another; deeper ones are left out.
  static constexpr std::size_t kMaxDepth = 200;
  /// Of all that one call appends. A page can make it exponential, by itemref.
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  /// `names` must outlive it, and be that of the trees.
  explicit Microdata(html::NameTable& names);

  /// Appends an array of the page's items of `type` (type_name.h), in document order, each
  /// once, also those inside others; of all items that are no property, if `type` is empty.
  /// Over kMaxBytes `work` is exhausted.
  void AppendItems(const html::Tree& tree, const Url& base, std::string_view type,
                   select::WorkBudget& work, std::string* out);

 private:
  struct Property {
    std::string_view name;
    html::NodeId node;
    std::uint32_t group;  ///< Where the first of this name stands.
  };

  [[nodiscard]] std::optional<std::string_view> Find(html::NodeId node, html::Atom name) const {
    return tree_->Find(tree_->node(node), name);
  }
  [[nodiscard]] bool IsHtml(html::NodeId node) const;
  [[nodiscard]] bool HasType(html::NodeId item, std::string_view type) const;
  void IndexIds();
  void Crawl(html::NodeId item);
  void CrawlRange(html::NodeId begin, html::NodeId end);
  void AddProperties(html::NodeId node, std::vector<Property>* properties) const;
  void FindProperties(html::NodeId item, std::vector<Property>* found);
  void AppendItem(html::NodeId item);
  void AppendTypes(html::NodeId item);
  void AppendProperties(const std::vector<Property>& properties);
  [[nodiscard]] bool IsOpen(html::NodeId item) const;
  void AppendValue(html::NodeId node);
  void AppendUrl(std::string_view text);
  void AppendText(html::NodeId node);
  void BeginMember(std::string_view name);

  struct Names {
    html::Atom audio, content, data, datetime, embed, itemid, itemprop, itemref, itemscope,
        itemtype, meter, object, src, time, value, video;
  };
  const Names names_;

  // While AppendItems runs.
  const html::Tree* tree_ = nullptr;
  const Url* base_ = nullptr;
  select::WorkBudget* work_ = nullptr;
  std::string* out_ = nullptr;
  std::vector<html::NodeId> open_;                          ///< Items being written.
  std::deque<std::vector<Property>> properties_;            ///< Of each of them; stays where it is.
  std::unordered_map<std::string_view, html::NodeId> ids_;  ///< Once an itemref asks.
  bool has_ids_ = false;
  std::vector<std::uint32_t> seen_;  ///< By node: the last crawl that came there.
  std::uint32_t crawl_ = 0;
  std::vector<html::NodeId> crawled_;
  std::string text_;
  UrlPlace url_;
};

}  // namespace thresh::json
