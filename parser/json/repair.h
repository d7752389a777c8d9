#pragma once

// Texts that simdjson refuses, rewritten so that it takes them. Each pass is linear.

#include <string>
#include <string_view>

namespace thresh::json {

/// What RFC 8259 allows and simdjson does not; nothing else is changed:
///   - an integer beyond 64 bits becomes the nearest double,
///   - a number beyond a double's range becomes the largest double of its sign,
///   - `\uD83D` without its other half becomes U+FFFD.
/// Replaces `out`.
void RepairNumbersAndSurrogates(std::string_view text, std::string* out);

/// What pages put around and into the JSON of their scripts, made JSON:
///   - before the value: a byte order mark, `name =`, also with var, let, const, dots and
///     `["name"]`,
///   - outside strings: // and /* */ comments; <![CDATA[ and ]]>, also behind //; <!-- -->
///     comments, but only the two markers if the value has not begun and the comment begins
///     with { or [ or nothing stands behind it,
///   - a comma before } or ],
///   - inside strings: control characters are escaped, a backslash before a line end goes
///     with it,
///   - a `;` outside of all brackets ends the text, whatever stands behind it.
/// All else stays, right or wrong. Replaces `out`.
void TidyJsonOfPage(std::string_view text, std::string* out);

}  // namespace thresh::json
