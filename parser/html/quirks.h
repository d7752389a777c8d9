#pragma once

// Which doctypes put a page into quirks mode: WHATWG HTML 13.2.6.4.1.

#include "parser/html/token.h"

namespace thresh::html {

/// Limited quirks count as none. REQUIRES: `doctype` is a doctype.
[[nodiscard]] bool IsQuirksDoctype(const Token& doctype);

}  // namespace thresh::html
