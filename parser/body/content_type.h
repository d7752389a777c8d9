#pragma once

#include <string_view>

#include "parser/body/charset_table.h"

namespace thresh::body {

/// What the `charset` parameter of a Content-Type names ("extract a MIME type" of Fetch 2.2.6
/// over "parse a MIME type" of MIME Sniffing 4.4): of a list of types, the last valid one counts,
/// and keeps the charset of the one before if it is the same type. Null for no valid type, no
/// parameter, and a label that is none.
[[nodiscard]] const Charset* CharsetOfContentType(std::string_view value);

}  // namespace thresh::body
