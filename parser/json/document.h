#pragma once

// Document: JSON text in, simdjson's DOM out. Used again for the next text: the memory stays.
//
// Parse() takes RFC 8259 and nothing else: one value, UTF-8, a leading byte order mark passed
// over. Where simdjson is narrower than the RFC the gap is closed: integers beyond 64 bits
// become the nearest double, numbers beyond a double's range the largest of their sign, and a
// lone surrogate escape becomes U+FFFD. Integers within 64 bits stay exact.
//
// Of members named twice both stay in the DOM; FindMember() of elements.h and JsonPath take
// the last.
//
// Lifetime: what Parse() gives lives until the next Parse() or the end of the Document; it
// does not look at the text any more. Threads: none.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "lib/base/result.h"

namespace thresh::json {

struct DocumentLimits {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::uint32_t max_depth = 1000;  ///< Arrays and objects inside one another.
};

class Document {
 public:
  /// Bytes simdjson may read behind a text, without minding them.
  static constexpr std::size_t kPaddingBytes = simdjson::SIMDJSON_PADDING;

  explicit Document(DocumentLimits limits = {}) : limits_(limits) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Parses a whole body. `readable_behind`: bytes behind `text` that may be read; below
  /// kPaddingBytes the text is copied.
  /// Errors: kTooLarge over a limit; kInvalid for all that is not JSON, empty text included.
  [[nodiscard]] Result<simdjson::dom::element> Parse(std::string_view text,
                                                     std::size_t readable_behind = 0);

  /// Parses JSON that stands in a page, as a script's text: as Parse(), and if that fails,
  /// after TidyJsonOfPage() (repair.h says what it mends). Errors: as Parse().
  [[nodiscard]] Result<simdjson::dom::element> ParseOfPage(std::string_view text);

  /// The same; what it gives lives as long as `into` is neither changed nor moved, so that
  /// the values of several texts can be looked at together.
  [[nodiscard]] Result<simdjson::dom::element> ParseOfPage(std::string_view text,
                                                           simdjson::dom::document* into);

 private:
  Result<simdjson::dom::element> Run(std::string_view text, std::size_t readable_behind,
                                     simdjson::dom::document* into);
  simdjson::error_code Reserve(std::size_t size, simdjson::dom::document* into);
  [[nodiscard]] Error ErrorOf(simdjson::error_code code) const;

  const DocumentLimits limits_;
  simdjson::dom::parser parser_;
  std::string padded_;
  std::string repaired_;
  std::string tidied_;
};

}  // namespace thresh::json
