#pragma once

// LinkedData: the structured data of a page, JSON-LD and microdata, as JSON values: what
// `jsonld = "Recipe"` and `microdata = "Product"` find. Both give simdjson elements of objects,
// to be looked into with JsonPath. Used again from page to page.
//
// JSON-LD: the texts of all `<script type="application/ld+json">`, each read by
// Document::ParseOfPage; those that are no JSON are passed over (see faults()). All is as it
// stands there: entities in strings are not decoded, references by @id not followed.
// Microdata: microdata.h says how an item becomes an object.
//
// Lifetime: the NameTable must outlive it; the tree and the base must stay as they are until
// the next Load(), and what it finds lives that long. Threads: none.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "lib/base/result.h"
#include "lib/url/url.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/json/document.h"
#include "parser/json/microdata.h"
#include "parser/select/work_budget.h"

namespace thresh::json {

class LinkedData {
 public:
  explicit LinkedData(html::NameTable& names);
  LinkedData(const LinkedData&) = delete;
  LinkedData& operator=(const LinkedData&) = delete;

  /// Forgets the last page. Reads nothing yet. `base`: what URLs resolve against.
  void Load(const html::Tree& tree, const Url& base);

  /// Appends the JSON-LD objects whose `@type` is, or has among others, `type`
  /// (type_name.h): through arrays, `@graph` and all members, in document order, each once.
  /// With an empty `type`: the objects that stand for themselves or in an array, of each script.
  void FindJsonLd(std::string_view type, select::WorkBudget& work,
                  std::vector<simdjson::dom::element>* found);

  /// Appends the microdata items one of whose itemtypes is `type`, in document order, each
  /// once, also those inside others. With an empty `type`: those that are no property.
  void FindMicrodata(std::string_view type, select::WorkBudget& work,
                     std::vector<simdjson::dom::element>* found);

  /// Why JSON-LD scripts could not be read, in document order. Complete after FindJsonLd().
  [[nodiscard]] const std::vector<Error>& faults() const noexcept { return faults_; }

 private:
  void ReadScripts();
  simdjson::dom::document* NextDocument();

  const html::Atom script_;
  Microdata microdata_;
  Document parser_;
  const html::Tree* tree_ = nullptr;
  const Url* base_ = nullptr;

  // A deque, for elements point at their document.
  std::deque<simdjson::dom::document> documents_;
  std::size_t documents_used_ = 0;
  bool scripts_read_ = false;
  std::vector<simdjson::dom::element> scripts_;
  std::vector<Error> faults_;
  std::string text_;
};

}  // namespace thresh::json
