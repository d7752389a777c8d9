#pragma once

// Times as HTTP's headers say them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thresh {

/// Milliseconds since 1970, UTC, of a date in any of the three forms; `now_ms` decides the century
/// of a year with two digits. Nullopt for anything else.
/// Source: RFC 9110, 5.6.7.
[[nodiscard]] std::optional<std::int64_t> ParseHttpDate(std::string_view text, std::int64_t now_ms);

/// How long a `Retry-After` asks to wait from now on, never below zero: seconds, or a date.
/// Source: RFC 9110, 10.2.3.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value,
                                                                       std::int64_t now_ms);

/// How long an answer may be kept, by its `Cache-Control` and `Expires`, which may be empty;
/// nullopt: they do not say. Zero: it may not. Source: RFC 9111, 4.2.1 and 5.2.2.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseLifetime(std::string_view cache_control,
                                                                     std::string_view expires,
                                                                     std::int64_t now_ms);

}  // namespace thresh
