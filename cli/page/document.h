#pragma once

// Document: the bytes of one page, read as HTML, XML, JSON, NDJSON or text, for the commands
// that look into it. Used again for the next page.
//
// Lifetime: borrows the NameTable; selectors must be compiled with the same one.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "lib/base/result.h"
#include "lib/url/url.h"
#include "parser/html/html_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/json/document.h"
#include "parser/xml/xml_parser.h"

namespace thresh {

enum class BodyForm { kHtml, kXml, kJson, kNdjson, kText };

/// `HTML`, `XML`, `JSON`, `NDJSON`, `text`: for people.
[[nodiscard]] const char* NameOf(BodyForm form);

/// As `--as` and recipes' `body.as` write it; nullopt for what is none.
[[nodiscard]] std::optional<BodyForm> BodyFormOf(std::string_view word);

/// Whether a text begins with `<?xml` and its root element is not html: a feed, a sitemap.
[[nodiscard]] bool LooksLikeXml(std::string_view text);

/// What a page says of itself, and what is said of it.
struct DocumentHints {
  std::string_view content_type;  ///< The header's value.
  std::string_view charset;       ///< A label that goes over all else; empty: found out.
  std::optional<BodyForm> form;   ///< Without: XML if it looks like that, else HTML.
  std::string_view fragment;      ///< Of HTML: the element whose content it is; empty: a page.
};

class Document {
 public:
  explicit Document(html::NameTable& names) : tree_(names), parser_(names) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Reads a page, unpacked if it is a gzip file; after an error there is none.
  /// Errors: kInvalid for what is no JSON, or no XML, with line and column, and for a broken gzip
  /// file; kTooLarge over a limit of the parser.
  [[nodiscard]] Result<> Load(std::string bytes, const DocumentHints& hints);

  [[nodiscard]] BodyForm form() const noexcept { return form_; }
  [[nodiscard]] bool is_json() const noexcept {
    return form_ == BodyForm::kJson || form_ == BodyForm::kNdjson;
  }
  [[nodiscard]] std::string_view charset() const noexcept { return charset_; }
  /// As UTF-8.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// REQUIRES: !is_json().
  [[nodiscard]] const html::Tree& tree() const noexcept { return tree_; }
  /// What its links resolve against: `<base href>`, itself against `page`. REQUIRES: !is_json().
  [[nodiscard]] Url BaseUrl(const Url& page) const;

  /// The tree as html5lib's tests write it. REQUIRES: !is_json().
  [[nodiscard]] std::string Dump() const;

  /// Calls `take` with the JSON text's root, of NDJSON with that of each document, until it returns
  /// false. A root is gone when `take` returns, unless it is the only one.
  /// Errors: kInvalid for a line that is no JSON. REQUIRES: is_json().
  [[nodiscard]] Result<> ForEachRoot(const std::function<bool(simdjson::dom::element)>& take);

 private:
  [[nodiscard]] Result<> Decode(const DocumentHints& hints);

  std::string bytes_, decoded_;
  std::string_view text_;
  std::string_view charset_;
  BodyForm form_ = BodyForm::kHtml;
  html::Tree tree_;
  html::HtmlParser parser_;
  xml::XmlParser xml_parser_;
  json::Document json_parser_{{.max_bytes = SIZE_MAX}};
  simdjson::dom::element root_;
};

}  // namespace thresh
