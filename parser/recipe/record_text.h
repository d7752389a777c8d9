#pragma once

// Single values of records: into MessagePack, and from it to text for people. The bytes are our
// own, so a reader that meets the end of them stops.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/recipe/recipe.h"

namespace thresh {

void AppendPacked(std::string_view text, std::string* out);
void AppendPackedScalar(const Scalar& value, std::string* out);

/// Appends the value that begins at `at` as JSON, and returns where the next one begins.
std::size_t AppendPackedAsJson(std::string_view packed, std::size_t at, std::string* out);

/// The same, but a string as it is, without quotes, and a number without an exponent.
std::size_t AppendPackedAsText(std::string_view packed, std::size_t at, std::string* out);

/// The floating-point number that begins at `at`, if one does.
[[nodiscard]] std::optional<double> PackedDouble(std::string_view packed, std::size_t at);

}  // namespace thresh
