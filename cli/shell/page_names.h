#pragma once

// PageNames: the names that occur in a document, and which of them could stand where the cursor
// is. Read from the page when first asked for.

#include <set>
#include <string>
#include <string_view>

#include "cli/page/document.h"
#include "cli/select/expression.h"
#include "cli/shell/line_reader.h"

namespace thresh {

class PageNames {
 public:
  /// Completes the expression's last name: after `.` a class, after `#` an id, after `[`, `@` or
  /// `attr(` an attribute, else an element; of JSON a key.
  [[nodiscard]] Completions Complete(ExpressionKind kind, std::string_view before,
                                     Document& document);

  /// For another page.
  void Clear();

 private:
  using Names = std::set<std::string, std::less<>>;

  void Read(Document& document);
  void ReadElement(const html::Tree& tree, const html::Node& element);
  void ReadKeys(simdjson::dom::element value);
  [[nodiscard]] const Names& NamesAfter(ExpressionKind kind, std::string_view before) const;

  bool read_ = false;
  Names elements_, classes_, ids_, attributes_, keys_;
};

}  // namespace thresh
