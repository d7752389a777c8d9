#pragma once

// What an HTML or XML page says of its own encoding, read from its bytes.

#include <string_view>

#include "parser/body/charset_table.h"

namespace thresh::body {

/// "Prescan a byte stream to determine its encoding" (HTML 13.2.3.2) over all of `head`, whose
/// end is the end condition: the first `<meta>` that names an encoding, else an XML declaration.
/// Null if there is neither.
[[nodiscard]] const Charset* PrescanHtml(std::string_view head);

/// "Get an XML encoding" (HTML 13.2.3.2), which fits XML too: what `<?xml … encoding="…"?>`
/// names, and UTF-16 without a byte order mark. Null if there is no declaration.
[[nodiscard]] const Charset* PrescanXml(std::string_view head);

/// "Extracting a character encoding from a meta element" (HTML 2.5.3): the `charset=…` within a
/// `content` attribute. Null if it names none.
[[nodiscard]] const Charset* CharsetInMetaContent(std::string_view content);

}  // namespace thresh::body
