#pragma once

// One page for the commands that look at one: fetched as the fetcher would, or read from a file.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fetcher/job/request.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/secrets.h"

namespace thresh {

struct PageAnswer {
  std::string url;        ///< As asked for, canonical; a file has what it was given as.
  std::string final_url;  ///< After redirects: what links resolve against.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::uint32_t status = 200;

  /// The first header of this name, in lower case; empty if there is none.
  [[nodiscard]] std::string_view Header(std::string_view name) const;
};

/// Begins with `http://` or `https://`.
[[nodiscard]] bool IsWebUrl(std::string_view text);

/// The page at a URL that somebody typed, so that its host may be a private one. The body comes
/// unpacked.
/// Errors: kInvalid for what is no URL; kTransient, with the reason, for what cannot be had; those
/// of DecodeContent().
[[nodiscard]] Result<PageAnswer> FetchPage(const std::string& url);

/// The same, on the recipe's ways. `request` is null for a plain GET. URLs of the answer have the
/// names of secrets where the request had their values.
/// Errors: kInvalid also for a secret that is not there, or must not be sent there.
[[nodiscard]] Result<PageAnswer> FetchPage(const std::string& url, const Request* request,
                                           const Recipe& recipe, const Secrets& secrets);

/// All bytes of a file; of stdin if `path` is empty or `-`.
/// Errors: kNotFound, kInvalid.
[[nodiscard]] Result<std::string> ReadInput(const std::string& path);

/// What is wrong with a `--charset`; empty for a label that the web knows, and for none.
[[nodiscard]] std::string CharsetFault(std::string_view label);

}  // namespace thresh
