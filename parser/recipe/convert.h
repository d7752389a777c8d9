#pragma once

// A field's text to a value of its type. Text that does not say such a value gives
// nullopt: the field found nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thresh {

/// Decimal digits with an optional sign, fraction and exponent, `,` between thousands:
/// `-1,234.5e3`. White space around it is allowed.
[[nodiscard]] std::optional<double> ToNumber(std::string_view text);

/// Digits with an optional sign and `,` between thousands; exact over all 64 bits.
[[nodiscard]] std::optional<std::int64_t> ToInteger(std::string_view text);

/// true, yes, on, 1 and false, no, off, 0, in any case.
[[nodiscard]] std::optional<bool> ToBool(std::string_view text);

/// The first format that reads the whole text wins; none given means `iso8601`. Formats
/// are those of strptime(3) with English names. The result is ISO 8601: `2016-07-04`, or
/// with a time of day `2016-07-04T18:30:00`, with the zone's offset behind it if the text
/// had one (`Z` for UTC).
[[nodiscard]] std::optional<std::string> ToDate(std::string_view text,
                                                const std::vector<std::string>& formats);

}  // namespace thresh
