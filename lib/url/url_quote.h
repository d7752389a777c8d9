#pragma once

// How error messages quote a URL that could not be read. Inside lib/url only.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh {

inline constexpr std::size_t kMaxQuotedBytes = 200;

/// `url` in quotation marks on one line: cut after about kMaxQuotedBytes, control characters
/// as `\x0A`, and `***@` for all that may be a user name and password. Rather hides too much:
/// what it is given is broken, so where a password ends is a guess.
[[nodiscard]] std::string QuoteUrl(std::string_view url);

}  // namespace thresh
