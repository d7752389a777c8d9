#pragma once

// RecipeRequests: a recipe's [fetch] and a task's own request -> the job that asks for it, with
// secrets filled in. Shared by the fetcher and `thresh try`.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fetcher/job/request.h"
#include "fetcher/transfer/fetch_job.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/secrets.h"

namespace thresh {

class RecipeRequests {
 public:
  /// `allowed`: networks and hosts that may be private beside the recipe's.
  /// Errors: those of Secrets, reason `secret`; kInvalid for a network that is none.
  [[nodiscard]] static Result<RecipeRequests> Of(const Recipe& recipe,
                                                 const std::vector<std::string>& allowed,
                                                 const Secrets& secrets) {
    return Of(recipe, recipe.fetch, allowed, secrets);
  }
  /// With another [fetch] than the recipe's own.
  [[nodiscard]] static Result<RecipeRequests> Of(const Recipe& recipe, const FetchSpec& fetch,
                                                 const std::vector<std::string>& allowed,
                                                 const Secrets& secrets);

  /// The job without an id. `request` is null for a plain GET.
  /// Errors: kInvalid or kNotFound, reason `secret`.
  [[nodiscard]] Result<FetchJob> JobOf(const std::string& url, const Request* request,
                                       const Secrets& secrets) const;

  /// Makes `job`, which a redirect from another origin led here (see Follow()), one of ours: with
  /// our route, limits, headers and authentication. Headers of `request`, which it began as, stay.
  void Adopt(const Request* request, FetchJob* job) const;

  /// `url` as messages and records may have it: `{secret.NAME}` for what servers sent back of them.
  [[nodiscard]] std::string WithoutSecrets(std::string url, const Secrets& secrets) const;

  /// Cookies that the recipe sends with each request.
  [[nodiscard]] const HeaderList& cookies() const noexcept { return cookies_; }

 private:
  explicit RecipeRequests(SecretRules rules) : rules_(std::move(rules)) {}
  Result<> ReadHeaders(const FetchSpec& spec, const Secrets& secrets);
  Result<> ReadAuth(const AuthSpec& spec, const Secrets& secrets);

  SecretRules rules_;
  FetchJob pattern_;  // What all jobs have in common.
  HeaderList cookies_;
};

/// As transfers have it.
[[nodiscard]] FetchRoute::Ip IpOf(IpVersion version);

/// The limits that a recipe sets.
[[nodiscard]] FetchLimits LimitsOf(const FetchSpec& spec);

}  // namespace thresh
