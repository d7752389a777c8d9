#pragma once

// Secrets: what recipes name as `{secret.NAME}`. The name stands in the frontier, in records and in
// logs; the value enters a request when it is sent, and is in no message of ours.
//
// A value goes only where the recipe says: into a URL, a header or a body if the URL begins as a
// template of the recipe does that names the secret, or where [fetch] names it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/url_template.h"

namespace thresh {

inline constexpr std::string_view kSecretsFolder = "/etc/thresh/secrets";

/// The reader of values: from the file NAME in $CREDENTIALS_DIRECTORY (systemd), then in a folder,
/// then from the variable $THRESH_SECRET_NAME (in upper case, `_` for `-`). One line end at the end
/// of a file is no part of it. What was read once stays as it is.
class Secrets {
 public:
  explicit Secrets(std::string folder = std::string(kSecretsFolder)) : folder_(std::move(folder)) {}

  /// The value. The view lives as long as this.
  /// Errors: kNotFound with the places looked at; kInvalid for a file that all may read, or that
  /// is empty or over 64 KiB. The reason is `secret`.
  [[nodiscard]] Result<std::string_view> Find(const std::string& name) const;

 private:
  [[nodiscard]] Result<std::string> Read(const std::string& name) const;

  std::string folder_;
  mutable std::map<std::string, std::string> read_;
};

/// Which secrets a recipe names, and to which URLs each may go.
class SecretRules {
 public:
  explicit SecretRules(const Recipe& recipe) : SecretRules(recipe, recipe.fetch) {}
  /// With another [fetch] than its own.
  SecretRules(const Recipe& recipe, const FetchSpec& fetch);

  /// All of them, those of [fetch] too.
  [[nodiscard]] const std::set<std::string>& names() const noexcept { return names_; }
  /// Whether a request to `url`, canonical, may have it.
  [[nodiscard]] bool Allows(const std::string& name, std::string_view url) const;

 private:
  void Add(const std::optional<UrlTemplate>& url, const RequestSpec& request);
  void Add(const UrlTemplate& text);

  std::set<std::string> names_;
  std::map<std::string, std::vector<std::string>> beginnings_;
};

/// Whether one of these texts names a secret.
[[nodiscard]] bool NamesSecrets(const std::optional<UrlTemplate>& url, const RequestSpec& request);

/// What of `url` stands before its first place, canonical: scheme and host with the `/` behind it
/// at least. Empty if it has not that much.
[[nodiscard]] std::string SecretsBeginning(const UrlTemplate& url);

/// A URL that is a template, canonical but for its secrets' places, which stay as they are. (Url
/// alone would percent-encode the braces of those in a path, and so make them page data.)
/// Errors: as Url::Parse(); kInvalid unless the URL is absolute, http or https, and has places in
/// path or query only.
[[nodiscard]] Result<std::string> CanonicalTemplate(std::string_view url);

/// How a value is written so that it stays one.
enum class SecretQuoting : std::uint8_t {
  kRaw,
  kUrl,  ///< Percent-encoded.
  kJson  ///< As in a JSON string.
};

/// `text` with the value for each `{secret.NAME}`, `{+secret.NAME}` (raw in a URL), and a brace for
/// each `{{`. Errors: as Find().
[[nodiscard]] Result<std::string> FillSecrets(std::string_view text, SecretQuoting quoting,
                                              const Secrets& secrets);

/// A text of [fetch], raw. Errors: as Find(); kInvalid if a value has a line end in it.
[[nodiscard]] Result<std::string> FillSecrets(const UrlTemplate& text, const Secrets& secrets);

/// What of a request may name secrets. Header names in lower case.
struct SecretRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Fills in all of a request whose texts are templates. In a body of a JSON type (`content-type`)
/// values are quoted as JSON.
/// Errors: as Find(); kInvalid, reason `secret`, if the URL may not have one of them, or a header
/// would get a line end.
Result<> FillRequest(const SecretRules& rules, const Secrets& secrets, SecretRequest* request);

}  // namespace thresh
