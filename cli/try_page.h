#pragma once

// The page that `thresh try` looks at: fetched as the fetcher would for a feed line, or read from a
// file.

#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/page/fetch_page.h"
#include "fetcher/job/request.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"

namespace thresh {

struct TriedPage {
  PageAnswer answer;
  std::shared_ptr<const Request> request;  ///< Null: a plain GET.
  std::string meta;                        ///< A JSON object's text, minified; or empty.
};

/// Without a page it is the recipe's `options.start`th start.
/// Errors: kInvalid for what cannot be asked for as it is, kNotFound for a file or start that is
/// not there; those of FetchPage().
[[nodiscard]] Result<TriedPage> ReadTriedPage(const TryOptions& options, const Recipe& recipe);

}  // namespace thresh
