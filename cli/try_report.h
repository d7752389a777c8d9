#pragma once

// What `thresh try` says of a page: item by item what each field found, the rows that were
// rejected, and the links.

#include <string>
#include <string_view>
#include <vector>

#include "lib/recipe/recipe.h"
#include "parser/recipe/extract.h"

namespace thresh {

/// Lines, each with its end. `url`: the page's, as `match` sees it.
[[nodiscard]] std::string TryReport(const Recipe& recipe, std::string_view url,
                                    const Extraction& found,
                                    const std::vector<FieldReport>& fields);

}  // namespace thresh
