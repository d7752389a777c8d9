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

namespace thresh {

/// A string of the recipe, and where its opening quote stands in the file. Lines and columns
/// count from 1; columns are characters.
struct Located {
  std::string text;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

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

using Scalar = std::variant<std::string, std::int64_t, double, bool>;

/// As JSON.
void AppendJsonScalar(const Scalar& value, std::string* out);

/// An argument of a transform. `place.text` has it as text if it is a string.
struct Argument {
  Scalar value;
  Located place;
};

/// One step of a `pipe`.
struct TransformSpec {
  Located name;
  std::vector<Argument> arguments;
};

struct SourceSpec {
  SourceKind kind = SourceKind::kCss;
  Located text;                 ///< The selector; the type of kJsonLd and kMicrodata; or a name.
  std::optional<Located> json;  ///< JSONPath inside what kCss, kXPath, kJsonLd or kMicrodata found.
  std::optional<Scalar> constant;  ///< Of kConst.
  std::optional<Located> re;       ///< Of a table in `any`, as is `pipe`.
  std::vector<TransformSpec> pipe;
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
  std::int64_t min_rows = 0;       ///< A page with fewer rows fails.
  std::vector<std::string> key;    ///< Fields that tell a repeat from a new record.
  std::vector<FieldSpec> fields;   ///< In the recipe's order. Empty: the whole object of the row.
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
  std::optional<UrlTemplate> url;
  std::optional<CountSpec> count;
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
};

/// The `[fetch]` table.
struct FetchSpec {
  std::int64_t per_host = 8;
  std::chrono::milliseconds delay{0};
  bool respect_robots_txt = true;          ///< Checked, but without effect yet.
  std::vector<std::string> allow_private;  ///< CIDRs. Checked, but without effect yet.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{120'000};
  std::int64_t max_body_bytes = 64 << 20;
  std::int64_t max_redirects = 10;
};

struct Recipe {
  std::string name;
  std::string file;  ///< As it was named, for messages.
  std::string text;  ///< The whole file: what parsers are sent.
  Hash128 hash;      ///< Of `text`.
  std::vector<std::string> allow, deny;
  std::vector<std::string> start_urls;
  FetchSpec fetch;
  BodySpec body;
  std::vector<ItemSpec> items;
  std::vector<FollowSpec> follows;
  std::vector<TestSpec> tests;
};

/// A `--set KEY=VALUE` of the command line, over what the recipe says. Keys: those of
/// `[fetch]` (as `fetch.per_host`), `allow` and `deny`. The value is TOML; what is no TOML
/// is taken as a string.
struct Override {
  std::string key, value;
};

/// Errors: kInvalid unless `text` has the form KEY=VALUE.
[[nodiscard]] Result<Override> ParseOverride(std::string_view text);

/// A mistake in a recipe; `line` 0 is the command line's.
struct RecipeFault {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;  ///< `file:line:column: what was expected, what was found`.
};

/// All of them in the order of the file, a line each. Errc::kInvalid.
[[nodiscard]] Error AsError(std::vector<RecipeFault> faults);

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

/// Errors: kNotFound with the places looked at.
[[nodiscard]] Result<RecipeFile> FindRecipe(const std::string& name);

/// Reads the recipe that `name` names: a path, or a name looked up as `<name>.toml` in the
/// folders of $THRESH_RECIPES (colon-separated), /etc/thresh/recipes, and `recipes` beside
/// or above this program's folder. `page` is built in.
/// Errors: kNotFound with the places looked at; kInvalid as ParseRecipe().
[[nodiscard]] Result<Recipe> LoadRecipe(const std::string& name,
                                        const std::vector<Override>& overrides = {});

/// The fault at the byte `offset` of the string `where`, which may be written in the recipe with
/// escapes and over several lines.
[[nodiscard]] RecipeFault FaultAt(const Recipe& recipe, const Located& where, std::size_t offset,
                                  std::string_view detail);

}  // namespace thresh
