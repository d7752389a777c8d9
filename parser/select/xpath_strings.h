#pragma once

// XPath's string functions (XPath 1.0, section 4.2) on UTF-8: positions and lengths
// count characters, white space is XML's.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh::select::xpath {

[[nodiscard]] double StringLength(std::string_view text);

/// The characters at the positions p, from 1, with first <= p < end.
[[nodiscard]] std::string_view Substring(std::string_view text, double first, double end);

/// As std::string_view::find, but never in time that is the product of the sizes.
[[nodiscard]] std::size_t Find(std::string_view text, std::string_view part);

void AppendNormalizedSpace(std::string_view text, std::string* out);

/// Each character of `text` that is in `from` replaced by that at the same place in
/// `to`, or dropped if `to` is shorter.
void AppendTranslated(std::string_view text, std::string_view from, std::string_view to,
                      std::string* out);

/// lang(): `language` is `range` or begins with `range-`, without ASCII case.
[[nodiscard]] bool IsLanguageIn(std::string_view language, std::string_view range);

}  // namespace thresh::select::xpath
