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
#include <variant>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"

namespace thresh {

/// A string of the recipe, and where its opening quote stands in the file. Lines and columns
/// count from 1; columns are characters.
struct Located {
  std::string text;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

enum class FieldType { kText, kNumber, kInteger, kBool, kDate, kUrl, kHtml };

/// Where a field's value comes from.
enum class FieldSource { kCss, kMeta, kUrl, kStatus, kHeader, kConst };

using Scalar = std::variant<std::string, std::int64_t, double, bool>;

struct FieldSpec {
  std::string name;
  FieldSource source = FieldSource::kCss;
  Located selector;  ///< Of kCss; the name of kMeta and kHeader.
  std::optional<Located> re;
  FieldType type = FieldType::kText;
  std::vector<std::string> date_formats;  ///< strptime(3) formats, or "iso8601".
  bool required = false;
  bool many = false;
  bool page = false;                ///< Looked for in the page, not in the row.
  std::optional<std::string> join;  ///< All matches as one string, with this between them.
  std::optional<Scalar> constant;   ///< Of kConst.
  std::optional<Scalar> default_value;
};

struct ItemSpec {
  std::string name;                ///< The output file is `<name>.ndjson`.
  std::vector<std::string> match;  ///< Page URLs it is for; empty: all.
  std::optional<Located> rows;     ///< One record a match; without: one a page.
  std::vector<FieldSpec> fields;   ///< In the recipe's order.
};

struct FollowSpec {
  Located css;
  std::vector<std::string> match;
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
  std::vector<ItemSpec> items;
  std::vector<FollowSpec> follows;
};

/// A `--set KEY=VALUE` of the command line, over what the recipe says. Keys: those of
/// `[fetch]` (as `fetch.per_host`), `allow` and `deny`. The value is TOML; what is no TOML
/// is taken as a string.
struct Override {
  std::string key, value;
};

/// Errors: kInvalid unless `text` has the form KEY=VALUE.
[[nodiscard]] Result<Override> ParseOverride(std::string_view text);

/// Reads a recipe. `file` is used in messages only.
/// Errors: kInvalid; the detail has a line for each fault found,
/// `file:line:column: what was expected, what was found`.
[[nodiscard]] Result<Recipe> ParseRecipe(std::string_view text, std::string_view file,
                                         const std::vector<Override>& overrides = {});

/// Reads the recipe that `name` names: a path, or a name looked up as `<name>.toml` in the
/// folders of $THRESH_RECIPES (colon-separated), /etc/thresh/recipes, and `recipes` beside
/// or above this program's folder. `page` is built in.
/// Errors: kNotFound with the places looked at; kInvalid as ParseRecipe().
[[nodiscard]] Result<Recipe> LoadRecipe(const std::string& name,
                                        const std::vector<Override>& overrides = {});

/// `file:line:column: detail`: the fault at the byte `offset` of the string `where`, which may
/// be written in the recipe with escapes and over several lines.
[[nodiscard]] std::string FaultAt(const Recipe& recipe, const Located& where, std::size_t offset,
                                  std::string_view detail);

}  // namespace thresh
