#pragma once

// DocumentLines: a body of several JSON documents, one after another.
//
// A record separator (U+001E) before a document is passed over (RFC 7464: JSON text sequences).
// If the first line that is not blank is a document, each line is one (NDJSON), and a broken
// line is one error among good ones. Else the documents follow one another with or without
// white space between them, over as many lines as they like; an array or object then ends
// with its bracket, anything else with its line. Linear in the body either way.
//
// Lifetime: `document` and `body` must outlive it; what Next() gives lives until the next
// call.

#include <cstddef>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "lib/base/result.h"
#include "parser/json/document.h"

namespace thresh::json {

class DocumentLines {
 public:
  DocumentLines(Document& document, std::string_view body);

  /// The next document, or why there is none in its place; nullopt at the end.
  /// Errors: as Document::Parse, with the line.
  [[nodiscard]] std::optional<Result<simdjson::dom::element>> Next();

  /// Where the document that Next() gave begins, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  void SkipBlanks();
  Result<simdjson::dom::element> Take(std::size_t size);
  [[nodiscard]] std::size_t LineSize() const;
  [[nodiscard]] std::size_t BracketedSize() const;

  enum class Mode { kUnknown, kLines, kConcatenated };

  Document& document_;
  std::string_view rest_;
  Mode mode_ = Mode::kUnknown;
  std::size_t next_line_ = 1;
  std::size_t line_ = 1;
};

}  // namespace thresh::json
