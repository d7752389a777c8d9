#pragma once

// A recipe compiled: selectors, expressions, pipes and formats ready to run. All CSS selectors are
// in one set, which one walk over a page matches.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "parser/html/names.h"
#include "parser/json/json_path.h"
#include "parser/json/json_path_set.h"
#include "parser/select/selector_set.h"
#include "parser/select/xpath.h"
#include "parser/transform/date.h"
#include "parser/transform/pipe.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace thresh {

struct SourceProgram {
  static constexpr std::size_t kNoPath = SIZE_MAX;

  SourceKind kind = SourceKind::kCss;
  std::string text;  ///< A type, or a name; a header's in lower case.
  select::SelectorSet::Id css = select::SelectorSet::kPage;  ///< Of Program::selectors.
  select::PseudoElement otherwise;  ///< For branches without a pseudo-element.
  bool whole_page = false;          ///< `css` is looked for in the page, not in the row.
  std::optional<select::XPath> xpath;
  std::optional<json::JsonPath> json;  ///< Of kJson; or inside what another kind finds.
  std::size_t path = kNoPath;          ///< Of kJson: among the paths of its record.
  std::string packed;                  ///< Of kConst: MessagePack.
  std::shared_ptr<const re2::RE2> re;  ///< Null if there is none.
  Pipe pipe;
};

struct FieldProgram {
  std::string name;
  std::string packed_name;  ///< MessagePack.
  std::uint32_t index = 0;  ///< Among all of the program's fields: of Program::field_names.
  std::vector<SourceProgram> sources;
  std::shared_ptr<const re2::RE2> re;
  Pipe pipe;
  FieldType type = FieldType::kAsFound;
  std::vector<DateFormat> formats;
  bool required = false;
  bool many = false;
  bool page = false;
  bool plain_json = false;  ///< In JSON rows it is what its paths find, as it stands.
  bool all = false;         ///< All matches are looked at: many, join, or a pipe that wants them.
  std::optional<std::string> join;
  std::string packed_default;  ///< MessagePack; empty if there is none.

  // A nested record.
  bool nested = false;
  std::optional<SourceProgram> rows;
  std::vector<FieldProgram> fields;
  json::JsonPathSet paths;  ///< Those of `fields` that find one value at most.
};

struct ItemProgram {
  std::string name;
  std::vector<std::string> match;
  std::optional<SourceProgram> rows;
  std::vector<SourceProgram> other_rows;  ///< If that finds nothing; JSON as well.
  std::uint64_t min_rows = 0;
  std::vector<std::uint32_t> key;    ///< Indices of `fields`.
  std::vector<FieldProgram> fields;  ///< None: the row's object is the record.
  json::JsonPathSet paths;           ///< As a nested record's.
};

struct FollowProgram {
  std::vector<std::string> match;
  std::string recipe;
  std::vector<SourceProgram> sources;
  std::shared_ptr<const re2::RE2> re;
  Pipe pipe;
  std::optional<UrlTemplate> url;
  RequestSpec request;
  bool templated = false;  ///< One of `url` and `request` names a secret.
  bool root = false;
  std::uint64_t delay_ms = 0;
  std::vector<std::string> strip_params;
  std::vector<std::pair<std::string, UrlTemplate>> params;
  // Of `count`.
  std::optional<SourceProgram> count;
  std::int64_t first = 0, step = 1;
  std::optional<std::int64_t> below;
};

/// A rule of `retry_when` or `fail_when` that looks at a value.
struct RuleProgram {
  FieldProgram value;  ///< The first that is found, as text.
  std::optional<std::vector<std::string>> in, not_in;
  std::string told;  ///< The source, for people.
  bool retry = false;
  std::uint32_t delay_ms = 0;
  std::uint32_t attempts = 0;
  bool whole_host = false;
};

/// A field as reports name it: `offers.price` of a nested record's.
struct FieldName {
  std::string item, field;
};

struct Program {
  std::string name;
  BodySpec body;
  bool reads_json = false;  ///< A selector looks into a JSON body.
  select::SelectorSet selectors;
  std::vector<ItemProgram> items;
  std::vector<FollowProgram> follows;
  std::vector<RuleProgram> rules;  ///< Those of `retry_when`, then those of `fail_when`.
  std::string robots_agent;        ///< In lower case.
  bool respect_robots_tag = false;
  bool respect_nofollow = false;
  std::vector<FieldName> field_names;
};

/// Compiles a recipe. Errors: kInvalid; the detail has a line for each fault,
/// `file:line:column: what was expected, what was found`.
[[nodiscard]] Result<Program> CompileRecipe(const Recipe& recipe, html::NameTable& names);

/// The same; appends the faults, and gives what could be compiled.
[[nodiscard]] Program CompileRecipe(const Recipe& recipe, html::NameTable& names,
                                    std::vector<RecipeFault>* faults);

/// Reads and compiles the recipe that `name` names, as LoadRecipe(). All faults of both are told
/// at once. Errors: as LoadRecipe().
[[nodiscard]] Result<Recipe> CheckRecipe(const std::string& name, html::NameTable& names);

}  // namespace thresh
