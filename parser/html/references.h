#pragma once

// Character references: `&amp;`, `&#38;`, `&#x26;` -> UTF-8. WHATWG HTML 13.2.5.72 and on.

#include <string>

namespace thresh::html {

/// Reads the reference that begins at `at`, which points at `&`, and appends what it stands for;
/// appends the `&` alone if there is none. Returns the first byte not used.
/// `in_attribute`: a name without `;` before `=` or a letter or digit is no reference.
/// REQUIRES: at < end.
const char* AppendReference(const char* at, const char* end, bool in_attribute, std::string* out);

}  // namespace thresh::html
