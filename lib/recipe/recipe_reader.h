#pragma once

// RecipeReader: the TOML of a recipe, key by key, into thresh::Recipe. docs/recipes.md is its
// specification. Inside lib/recipe only.
//
//   recipe_toml.cc     the top level, [fetch], --set
//   recipe_items.cc    [[items]] and fields
//   recipe_sources.cc  where a value comes from: selectors, `any`, `pipe`
//   recipe_follow.cc   [[follow]], [[tests]]

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/recipe/recipe.h"
#include "lib/recipe/toml_reader.h"

namespace thresh {

class RecipeReader {
 public:
  RecipeReader(const toml::table& root, Recipe* recipe, Faults& faults)
      : root_(root), recipe_(*recipe), faults_(faults) {}

  void Read();

 private:
  // What a table may name a value's source with.
  struct SourceRules {
    std::string_view kinds;   ///< Keys, parted by spaces.
    std::string_view listed;  ///< The same for people.
  };

  // recipe_toml.cc
  void ReadName(TableReader& top);
  void CheckStartUrls(TableReader& top);
  void ReadFetch(const toml::table& table);
  void ReadBody(const toml::table& table);

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
  std::vector<TransformSpec> ReadPipe(TableReader& in);
  void ReadTransform(const toml::node& node, std::vector<TransformSpec>* pipe);

  // recipe_follow.cc
  void ReadFollows(TableReader& top);
  void ReadFollow(const toml::table& table);
  void ReadFollowUrl(TableReader& in, FollowSpec* follow);
  std::optional<CountSpec> ReadCount(const toml::table& table);
  void ReadTest(const toml::table& table);
  void ReadTestHeaders(const toml::table& table, TestSpec* test);

  const toml::table& root_;
  Recipe& recipe_;
  Faults& faults_;
};

/// Item names become file names, so they are kept to what no file system or shell minds.
[[nodiscard]] bool IsItemName(std::string_view name);

}  // namespace thresh
