#pragma once

// White space as CSS and HTML have it (space, tab, LF, FF, CR), found by SIMD.

#include <cstddef>
#include <string_view>

namespace thresh::select {

/// The first place from `at` on where `text` differs from its collapsed form: white
/// space other than a single U+0020 before something else. `text.size()` if none.
[[nodiscard]] std::size_t FindUncollapsed(std::string_view text, std::size_t at) noexcept;

/// Without the white space at both ends.
[[nodiscard]] std::string_view Trimmed(std::string_view text) noexcept;

}  // namespace thresh::select
