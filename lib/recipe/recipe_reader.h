#pragma once

// RecipeReader: the TOML of a recipe, key by key, into thresh::Recipe. docs/recipes.md is its
// specification. Inside lib/recipe only.
//
//   recipe_toml.cc     the top level, --set
//   recipe_fetch.cc    [fetch], save
//   recipe_requests.cc method, headers, body; retry_when, fail_when
//   recipe_starts.cc   [[start]], sitemaps, refresh
//   recipe_items.cc    [[items]] and fields
//   recipe_sources.cc  where a value comes from: selectors, `any`, `pipe`
//   recipe_follow.cc   [[follow]], [[tests]]

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/recipe/recipe.h"
#include "lib/toml/table_reader.h"

namespace thresh {

/// A body that goes to a parser fits into one message.
inline constexpr std::int64_t kMostPageBytes = 64 << 20;

class RecipeReader {
 public:
  RecipeReader(const toml::table& root, Recipe* recipe, Faults& faults)
      : root_(root), recipe_(*recipe), faults_(faults) {}

  void Read();

  /// The keys of [fetch] that `in` has, over what the recipe has in its `fetch` already.
  void ReadFetchKeys(TableReader& in);

 private:
  // What a table may name a value's source with.
  struct SourceRules {
    std::string_view kinds;   ///< Keys, parted by spaces.
    std::string_view listed;  ///< The same for people.
  };

  // recipe_toml.cc
  void ReadName(TableReader& top);
  void CheckStartUrls(TableReader& top);
  void ReadBody(const toml::table& table);

  // recipe_fetch.cc
  void ReadFetch(const toml::table& table);
  void ReadPoliteness(TableReader& in);
  void ReadLimits(TableReader& in);
  void ReadConnection(TableReader& in);
  void ReadProxy(TableReader& in);
  void ReadAuth(const toml::table& table);
  void ReadCookies(const toml::table& table);
  void ReadSave(const toml::table& table);
  static void ReadMs(TableReader& in, std::string_view key, std::int64_t least,
                     std::chrono::milliseconds* out);

  // recipe_requests.cc
  std::optional<UrlTemplate> ReadTemplate(const Located& text, std::string_view key,
                                          const UrlTemplate::Places& places);
  /// The same, of one line.
  std::optional<UrlTemplate> ReadHeaderTemplate(const Located& text, std::string_view key,
                                                const UrlTemplate::Places& places);
  std::vector<std::pair<std::string, UrlTemplate>> ReadHeaders(const toml::table& table,
                                                               const UrlTemplate::Places& places);
  /// `method`, `headers` and `body` of `in`.
  RequestSpec ReadRequest(TableReader& in, const UrlTemplate::Places& places);
  void ReadRequestBody(const toml::node& node, const UrlTemplate::Places& places,
                       RequestSpec* request);
  /// Appends `node` as JSON; `text` is what follows the last of `parts`.
  void AppendJsonBody(const toml::node& node, const UrlTemplate::Places& places, int depth,
                      std::vector<UrlTemplate::Part>* parts, std::string* text);
  /// A fault if a secret might be sent to a host that `url` does not name.
  void CheckSecrets(const Located& place, const std::optional<UrlTemplate>& url,
                    const RequestSpec& request);
  std::optional<AnswerRule> ReadRule(const toml::table& table, bool retry);
  std::vector<std::int64_t> ReadStatuses(TableReader& in);
  void ReadRuleValue(TableReader& in, const toml::table& table, AnswerRule* rule);
  std::optional<std::vector<std::string>> ReadValues(TableReader& in, std::string_view key);

  // recipe_starts.cc
  void ReadStart(const toml::table& table);
  void ReadStartRows(TableReader& in, StartSpec* start);
  /// Strings, numbers and booleans as a JSON object's text.
  std::string ReadMeta(const toml::table& table, const std::string& what);
  void ReadSitemaps(TableReader& top);
  void ReadRefresh(TableReader& top);

  // recipe_items.cc
  void ReadItem(const toml::table& table);
  void ReadItemName(TableReader& in, ItemSpec* item);
  void ReadItemRows(TableReader& in, ItemSpec* item);
  void ReadKey(TableReader& in, ItemSpec* item);
  std::vector<FieldSpec> ReadFields(const toml::table& table, int depth);
  FieldSpec ReadField(const std::string& name, const toml::node& node, int depth);
  void ReadNested(const toml::table& table, FieldSpec* field, int depth);
  void ReadPlain(const toml::table& table, FieldSpec* field);
  void ReadType(TableReader& in, FieldSpec* field);
  void CheckManyAndDefault(TableReader& in, FieldSpec* field);

  // recipe_sources.cc
  /// A bare string: its first characters say what kind of selector it is.
  static SourceSpec BareSource(Located text);
  /// The source that `in` names; a fault at `place` unless there is exactly one. False if none.
  bool ReadSource(TableReader& in, const toml::node& place, const SourceRules& rules,
                  SourceSpec* source);
  /// The same, or the list of `any`.
  std::vector<SourceSpec> ReadSources(TableReader& in, const toml::node& place,
                                      const SourceRules& rules);
  std::vector<SourceSpec> ReadAny(const toml::node& list);
  /// `rows`: a bare string, or a table with css, xpath or json.
  std::optional<SourceSpec> ReadRows(TableReader& in);
  void ReadRowPaths(const toml::array& paths, ItemSpec* item);
  std::vector<TransformSpec> ReadPipe(TableReader& in);
  void ReadTransform(const toml::node& node, std::vector<TransformSpec>* pipe);

  // recipe_follow.cc
  void ReadFollows(TableReader& top);
  void ReadFollow(const toml::table& table);
  void ReadFollowUrl(TableReader& in, FollowSpec* follow);
  void ReadParams(const toml::table& table, FollowSpec* follow);
  std::optional<CountSpec> ReadCount(const toml::table& table);
  void ReadTest(const toml::table& table);
  void ReadTestHeaders(const toml::table& table, TestSpec* test);

  const toml::table& root_;
  Recipe& recipe_;
  Faults& faults_;
};

/// Puts one `--set` into the recipe's root table, as if it said so. Errors: kInvalid for a key that
/// cannot be set.
Result<> ApplyOverride(const Override& set, toml::table* root);

/// Item names become file names, so they are kept to what no file system or shell minds.
[[nodiscard]] bool IsItemName(std::string_view name);

/// A token of RFC 9110, 5.6.2: what headers and methods are called.
[[nodiscard]] bool IsHeaderName(std::string_view name);
/// One line, without control characters.
[[nodiscard]] bool IsHeaderText(std::string_view text);

}  // namespace thresh
