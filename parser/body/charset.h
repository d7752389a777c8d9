#pragma once

// Which encoding a body is in, and the body as UTF-8.
//
// Threads: none. The table of an encoding is made when it is first needed, and kept for the life of
// the process.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

/// What in a body may name its encoding.
enum class BodyKind : std::uint8_t {
  kHtml,  ///< `<meta>`, and an XML declaration.
  kXml,   ///< An XML declaration.
  kText,  ///< Nothing: JSON, plain text.
};

struct CharsetHints {
  std::string_view content_type;    ///< The header's value, or empty.
  std::string_view override_label;  ///< The recipe's, or empty. What is no label is passed over.
  BodyKind kind = BodyKind::kHtml;
  std::string_view fallback = "UTF-8";  ///< A label, for a body that nothing is known of.
  std::size_t prescan_bytes = 1024;     ///< Of the body's beginning, looked at first.
};

/// The canonical name of the encoding that `label` names on the web, as "windows-1252" for
/// "latin1" (Encoding standard, 4.2). Empty for what is no label.
[[nodiscard]] std::string_view CharsetOfLabel(std::string_view label);

/// The canonical name of `body`'s encoding: by its byte order mark, override_label, the `charset`
/// of content_type, what the body itself says (HTML 13.2.3.2), else the fallback. An HTML body
/// that is no UTF-8 and says nothing in its first prescan_bytes is looked through as a whole.
/// Errors: none; a fallback that is no label counts as UTF-8.
[[nodiscard]] std::string_view SniffCharset(std::string_view body, const CharsetHints& hints);

/// `body` as UTF-8 without a byte order mark: a view of `body` itself where nothing had to be
/// changed, else of `*buffer`, at most three times as long. Broken sequences become U+FFFD, as
/// the Encoding standard's decoders have it. `charset` is a label of any kind.
/// Errors: kInvalid for what is no label; kInternal if ICU lacks the encoding's converter.
[[nodiscard]] Result<std::string_view> DecodeText(std::string_view body, std::string_view charset,
                                                  std::string* buffer);

/// Has ICU read all that DecodeText() will ever need of it. After it nothing is opened any more, so
/// that it may be forbidden. Errors: kInternal if ICU lacks a converter.
[[nodiscard]] Result<> LoadCharsets();

}  // namespace thresh
