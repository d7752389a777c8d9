#pragma once

// A recipe as written in TOML: which URLs it is for, how to fetch them, what to
// extract. Selectors and regular expressions are kept as text with their place in the
// file; the parser compiles them. docs/recipes.md is the reference for people.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "lib/recipe/url_template.h"
#include "lib/toml/fault.h"

namespace thresh {

enum class FieldType {
  kAsFound,  ///< Text stays text; a JSON value stays what it is.
  kText,
  kNumber,
  kInteger,
  kBool,
  kDate,
  kUrl,
  kHtml,
  kJson
};

/// Where a value comes from.
enum class SourceKind {
  kCss,
  kXPath,
  kJson,       ///< JSONPath, of a JSON row or body.
  kJsonLd,     ///< The page's JSON-LD objects of a type.
  kMicrodata,  ///< The page's microdata items of a type.
  kMeta,
  kUrl,
  kStatus,
  kHeader,
  kConst
};

/// As JSON.
void AppendJsonScalar(const Scalar& value, std::string* out);

/// An argument of a transform. `place.text` has it as text if it is a string.
struct Argument {
  Scalar value;
  Located place;

  friend bool operator==(const Argument&, const Argument&) = default;
};

/// One step of a `pipe`.
struct TransformSpec {
  Located name;
  std::vector<Argument> arguments;

  friend bool operator==(const TransformSpec&, const TransformSpec&) = default;
};

struct SourceSpec {
  SourceKind kind = SourceKind::kCss;
  Located text;                 ///< The selector; the type of kJsonLd and kMicrodata; or a name.
  std::optional<Located> json;  ///< JSONPath inside what kCss, kXPath, kJsonLd or kMicrodata found.
  std::optional<Scalar> constant;  ///< Of kConst.
  std::optional<Located> re;       ///< Of a table in `any`, as is `pipe`.
  std::vector<TransformSpec> pipe;

  friend bool operator==(const SourceSpec&, const SourceSpec&) = default;
};

struct FieldSpec {
  std::string name;
  Located place;                    ///< Of its value; the text is empty.
  std::vector<SourceSpec> sources;  ///< The first that finds something; several only with `any`.
  std::optional<Located> re;
  std::vector<TransformSpec> pipe;
  FieldType type = FieldType::kAsFound;
  std::vector<Located> date_formats;
  bool required = false;
  bool many = false;
  bool page = false;                ///< Looked for in the page, not in the row.
  std::optional<std::string> join;  ///< All matches as one string, with this between them.
  std::optional<Scalar> default_value;

  // A nested record has these instead of sources.
  bool nested = false;
  std::optional<SourceSpec> rows;  ///< Without: the row itself.
  std::vector<FieldSpec> fields;
};

struct ItemSpec {
  std::string name;                ///< The output file is `<name>.ndjson`.
  std::vector<std::string> match;  ///< Page URLs it is for; empty: all.
  std::optional<SourceSpec> rows;  ///< One record a match; without: one a page.
  /// JSONPaths, as `rows` is then: of all of them the first that finds something counts.
  std::vector<SourceSpec> other_rows;
  std::int64_t min_rows = 0;      ///< A page with fewer rows fails.
  std::vector<std::string> key;   ///< Fields that tell a repeat from a new record.
  std::vector<FieldSpec> fields;  ///< In the recipe's order. Empty: the whole object of the row.
};

/// What a request is made of beside its URL; its texts may have places for values.
struct RequestSpec {
  std::string method = "GET";                                ///< In upper case.
  std::vector<std::pair<std::string, UrlTemplate>> headers;  ///< Names in lower case.
  std::optional<UrlTemplate> body;  ///< Of a table: its JSON text; values go in as JSON strings do.
  bool json_body = false;           ///< `body` was a table.
};

/// `count`: the pages of a list, from its length.
struct CountSpec {
  SourceSpec source;
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::optional<std::int64_t> below;
};

struct FollowSpec {
  Located place;
  std::vector<SourceSpec>
      sources;  ///< As a field's; empty with `count`, and if `url` needs no value.
  std::optional<Located> re;
  std::vector<TransformSpec> pipe;
  std::vector<std::string> match;
  std::string recipe;  ///< Who is to take the links; empty: routed by `allow`.
  std::vector<std::string>
      strip_params;  ///< Names of query parameters, `*` in them any characters.
  /// Query parameters that the link has, instead of those of the same name.
  std::vector<std::pair<std::string, UrlTemplate>> params;
  std::optional<UrlTemplate> url;  ///< Without it, the links of `count` are the page's own URL.
  std::optional<CountSpec> count;
  RequestSpec request;
  bool root = false;  ///< Each link begins a job of its own.
  std::chrono::milliseconds delay{0};
};

/// `[[start]]`: what a crawl begins with.
struct StartSpec {
  Located place;
  Located from;                   ///< A CSV or NDJSON file, from the recipe's folder; or empty.
  std::vector<std::string> rows;  ///< Of inline tables: each a JSON object's text.
  std::optional<UrlTemplate> url;
  RequestSpec request;
  bool dont_filter = false;  ///< A row is a request of its own also if it was made before.
};

/// One of `retry_when` and `fail_when`: a condition on the answer's status, or on a value in it.
struct AnswerRule {
  Located place;
  std::vector<std::int64_t> status;  ///< One of these; empty: the value decides.
  std::optional<SourceSpec> source;
  std::optional<std::vector<std::string>> in, not_in;  ///< Neither: that the value is there.
  // Of `retry_when`.
  std::chrono::milliseconds delay{1000};  ///< Doubles with each attempt.
  std::int64_t attempts = 0;              ///< 0: the fetcher's own number.
  bool whole_host = false;                ///< All of the host waits.

  friend bool operator==(const AnswerRule&, const AnswerRule&) = default;
};

/// How a body is read.
enum class BodyAs { kAuto, kHtml, kJson, kNdjson, kXml, kText };

struct BodySpec {
  BodyAs as = BodyAs::kAuto;
  Located charset;  ///< Goes over what the page says; an empty text: what the page says.
};

/// One of the recipe's own tests.
struct TestSpec {
  Located page;    ///< A file, from the recipe's folder.
  Located expect;  ///< NDJSON, from the recipe's folder; the path is empty if there is none.
  std::string url;
  std::uint32_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string meta;                                          ///< JSON text, or empty.
  std::optional<std::vector<std::string>> links;
  std::optional<std::int64_t> rejected;  ///< How many rows lack a required field.
  std::string dead;                      ///< The reason for which the page fails, or empty.
  bool retry = false;                    ///< The page is to be asked for again.
};

/// Whose requests are counted together by `per_host` and `delay_ms`.
enum class LimitBy { kHost, kDomain, kIp };
enum class IpVersion { kAny, k4, k6 };
enum class HttpVersion { kAny, k1, k2 };
enum class CookieScope { kNone, kHost, kJob };
enum class SaveFormat { kNone, kFile, kWarc };

/// `fetch.auth`. Its texts may name secrets.
struct AuthSpec {
  enum class Kind { kNone, kBasic, kDigest, kBearer } kind = Kind::kNone;
  std::optional<UrlTemplate> user, password;  ///< Of kBasic and kDigest.
  std::optional<UrlTemplate> token;           ///< Of kBearer.

  friend bool operator==(const AuthSpec&, const AuthSpec&) = default;
};

/// The `[fetch]` table.
struct FetchSpec {
  // Politeness.
  std::int64_t per_host = 8;
  std::chrono::milliseconds delay{0};
  LimitBy limit_by = LimitBy::kHost;
  bool adaptive = true;  ///< Slower where answers get slow or fail.
  bool respect_robots_txt = true;
  std::string robots_agent = "thresh";                ///< The name that robots.txt is asked for.
  std::chrono::milliseconds max_crawl_delay{60'000};  ///< A longer Crawl-delay counts as this.
  bool respect_robots_tag = false;  ///< `X-Robots-Tag` and `<meta name=robots>`: nofollow, noindex.
  bool respect_nofollow = false;    ///< `rel=nofollow` of links.
  std::string user_agent;           ///< Empty: thresh's own.
  // Limits.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds first_byte_timeout{60'000};
  std::chrono::milliseconds timeout{120'000};
  std::int64_t low_speed_bytes =
      0;  ///< A second; slower than this for `low_speed_time`: broken off.
  std::chrono::milliseconds low_speed_time{30'000};
  std::int64_t max_body_bytes = 64 << 20;
  std::int64_t max_redirects = 10;
  std::int64_t max_depth = 50;      ///< Links from the fed URL.
  std::int64_t max_host_pages = 0;  ///< Of a host, in all; 0: no limit.
  std::int64_t attempts = 0;        ///< Requests before a URL is dead; 0: the fetcher's own number.
  // Guards against sites that never end; for links.
  std::int64_t max_url_bytes = 2083;
  std::int64_t max_path_segments = 20;
  std::int64_t max_segment_repeats = 3;  ///< Of one segment, in a path.
  std::int64_t max_query_parameters = 50;
  std::int64_t max_body_repeats = 3;  ///< Of one body, by pages of a host.
  // The connection.
  std::vector<std::string> allow_private;  ///< CIDRs.
  IpVersion ip = IpVersion::kAny;
  HttpVersion http = HttpVersion::kAny;
  bool verify = true;   ///< The server's certificate.
  std::string ca_file;  ///< PEM; empty: the system's.
  std::string proxy;    ///< `http://`, `https://`, `socks5://` or `socks5h://`; empty: none.
  // The request.
  std::vector<std::pair<std::string, UrlTemplate>> headers;  ///< Names in lower case.
  AuthSpec auth;
  CookieScope cookie_scope = CookieScope::kHost;  ///< Who shares what servers set.
  std::vector<std::pair<std::string, UrlTemplate>> cookies;
  bool body = true;  ///< False: HEAD is enough, only status and headers count.
  // What its answers mean.
  std::vector<AnswerRule> retry_when, fail_when;

  friend bool operator==(const FetchSpec&, const FetchSpec&) = default;
};

/// `save`: the raw answers, kept.
struct SaveSpec {
  SaveFormat format = SaveFormat::kNone;
  std::optional<UrlTemplate> path;  ///< Of kFile, below the folder of pages.
};

/// A `--set KEY=VALUE` of the command line, over what the recipe says. Keys: those of
/// `[fetch]` (as `fetch.per_host`), `allow` and `deny`. The value is TOML; what is no TOML
/// is taken as a string.
struct Override {
  std::string key, value;

  friend bool operator==(const Override&, const Override&) = default;
};

struct Recipe {
  std::string name;
  std::string file;  ///< As it was named, for messages.
  std::string text;  ///< The whole file: what parsers are sent.
  Hash128 hash;      ///< Of `text`.
  std::vector<std::string> allow, deny;
  std::vector<std::string> start_urls;
  std::vector<StartSpec> starts;
  std::vector<std::string> sitemaps;  ///< URLs of sitemaps, or `robots`: those robots.txt names.
  bool keep_links = true;  ///< False: its links go to other recipes, unless a rule names one.
  std::chrono::milliseconds refresh{0};  ///< A done URL is asked for again after it; 0: never.
  FetchSpec fetch;
  BodySpec body;
  SaveSpec save;
  std::vector<ItemSpec> items;
  std::vector<FollowSpec> follows;
  std::vector<TestSpec> tests;
  std::vector<Override> overrides;  ///< That it was read with.
};

/// Errors: kInvalid unless `text` has the form KEY=VALUE.
[[nodiscard]] Result<Override> ParseOverride(std::string_view text);

/// A mistake in a recipe.
using RecipeFault = TextFault;

/// Reads a recipe. `file` is used in messages only.
/// Errors: kInvalid; the detail has a line for each fault found,
/// `file:line:column: what was expected, what was found`.
[[nodiscard]] Result<Recipe> ParseRecipe(std::string_view text, std::string_view file,
                                         const std::vector<Override>& overrides = {});

/// The same for who looks for more faults: what could be read, and the faults found.
[[nodiscard]] Recipe ReadRecipe(std::string_view text, std::string_view file,
                                const std::vector<Override>& overrides,
                                std::vector<RecipeFault>* faults);

/// A recipe's file as LoadRecipe() finds it.
struct RecipeFile {
  std::string path;  ///< As it is named in messages.
  std::string text;
};

/// `folders`: to look in before all others. Errors: kNotFound with the places looked at.
[[nodiscard]] Result<RecipeFile> FindRecipe(const std::string& name,
                                            const std::vector<std::string>& folders = {});

/// Reads the recipe that `name` names: a path, or a name looked up as `<name>.toml` in the
/// folders of $THRESH_RECIPES (colon-separated), /etc/thresh/recipes, and `recipes` beside
/// or above this program's folder. `page` and `sitemap` are built in.
/// Errors: kNotFound with the places looked at; kInvalid as ParseRecipe().
[[nodiscard]] Result<Recipe> LoadRecipe(const std::string& name,
                                        const std::vector<Override>& overrides = {});

/// The fault at the byte `offset` of the string `where`, which may be written in the recipe with
/// escapes and over several lines.
[[nodiscard]] RecipeFault FaultAt(const Recipe& recipe, const Located& where, std::size_t offset,
                                  std::string_view detail);

}  // namespace thresh
