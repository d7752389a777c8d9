#pragma once

// PageBody: the bytes of an answer, read as what they are: a tree (HTML, XML, text) or JSON. Its
// memory is used again for the next page.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "parser/body/content_coding.h"
#include "parser/html/html_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/json/document.h"
#include "parser/xml/xml_parser.h"

namespace thresh {

using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

/// What of the recipe says how to read a body.
struct BodyRules {
  BodyAs as = BodyAs::kAuto;
  std::string_view charset;
  bool reads_json = false;  ///< A selector of the recipe looks into JSON bodies.
  std::size_t max_bytes = 64 << 20;
};

class PageBody {
 public:
  explicit PageBody(html::NameTable& names);
  PageBody(const PageBody&) = delete;
  PageBody& operator=(const PageBody&) = delete;

  /// Unpacks, decodes and parses. Header names in lower case. kAuto goes by Content-Type, then by
  /// how the body begins.
  /// `body` must stay as it is until the next call.
  /// Errors: kTooLarge over a limit; kInvalid for what is not what the recipe or its Content-Type
  /// say that it is.
  Result<> Read(std::string_view body, const HeaderViews& headers, const BodyRules& rules);

  /// Empty, with the document node alone, if the body is JSON.
  [[nodiscard]] const html::Tree& tree() const noexcept { return tree_; }
  [[nodiscard]] bool is_json() const noexcept { return is_json_; }
  /// REQUIRES: is_json().
  [[nodiscard]] simdjson::dom::element json() const noexcept { return json_; }

 private:
  Result<> ReadAs(BodyAs as, std::string_view text);
  Result<> ReadJson(std::string_view text);
  Result<> ReadLines(std::string_view text);
  bool ReadSeveral(std::string_view text);
  void AddLine(simdjson::dom::element line);
  Result<> ReadText(std::string_view text);

  html::Tree tree_;
  html::HtmlParser html_;
  xml::XmlParser xml_;
  json::Document document_, line_;
  ContentDecoder decoder_;
  std::string unpacked_, gunzipped_, decoded_, joined_, codings_, types_;
  bool is_json_ = false;
  simdjson::dom::element json_;
};

/// How a body is read if the recipe does not say: by its Content-Type, else by how it begins.
/// Source: MIME Sniffing standard, 4.6 (JSON, XML and HTML types).
[[nodiscard]] BodyAs KindOfBody(std::string_view content_type, std::string_view body);

/// A header's value, empty if there is none; of several their list (RFC 9110, 5.3), in `*joined`.
[[nodiscard]] std::string_view HeaderValue(const HeaderViews& headers, std::string_view name,
                                           std::string* joined);

}  // namespace thresh
