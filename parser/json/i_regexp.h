#pragma once

// I-Regexp (RFC 9485), what match() and search() of JSONPath take, by way of RE2.
//
// One thing differs from the RFC's grammar, where `^` and `$` stand for themselves: outside
// of classes they are anchors here, as in its own mappings to other engines (section 5) and
// in the JSONPath compliance suite.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace thresh::json {

/// The same expression in RE2's syntax; nullopt if `pattern` is no I-Regexp. It is not
/// anchored. REQUIRES: `pattern` is UTF-8.
[[nodiscard]] std::optional<std::string> IRegexpToRe2(std::string_view pattern);

/// Compiles; `whole` anchors at both ends, as match() does. Null if `pattern` is no I-Regexp
/// or beyond RE2's bounds: a repetition above 1000, or a program above `max_bytes`.
/// REQUIRES: `pattern` is UTF-8.
[[nodiscard]] std::shared_ptr<const re2::RE2> CompileIRegexp(std::string_view pattern, bool whole,
                                                             std::int64_t max_bytes = 8 << 20);

}  // namespace thresh::json
