#pragma once

// The names of types in structured data: `Recipe`, `schema:Recipe`,
// `http://schema.org/Recipe`, `https://www.schema.org/Recipe/`.

#include <string_view>

namespace thresh::json {

/// Whether `have`, from a page, is the type that a recipe calls `wanted`. The last part must
/// be the same, case included; what stands before it (the vocabulary) must be the same only
/// where both have one. http or https, `www.` and a slash at the end make no difference;
/// `schema:` is schema.org.
[[nodiscard]] bool IsSameType(std::string_view have, std::string_view wanted) noexcept;

/// The last part alone if the vocabulary is schema.org, else all of it.
[[nodiscard]] std::string_view WithoutSchemaOrg(std::string_view type) noexcept;

}  // namespace thresh::json
