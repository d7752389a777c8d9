#pragma once

// Book: what the frontier knows of all tasks without reading: counters, open ids, the recipes
// that are named. It is as the last batch left it, and restored from what each batch writes.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fetcher/frontier/database.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/open_ids.h"
#include "fetcher/frontier/records.h"
#include "lib/base/result.h"

namespace thresh {

/// Roots of jobs whose tasks are in memory: they share them.
class Roots {
 public:
  [[nodiscard]] std::shared_ptr<const Root> Find(TaskId root_id) const;
  void Add(TaskId root_id, const std::shared_ptr<const Root>& root);

 private:
  std::unordered_map<TaskId, std::weak_ptr<const Root>> roots_;
  std::size_t prune_at_ = 1024;
};

struct Book {
  std::uint64_t format = kFormat;  ///< As it was read.
  StateRecord state;
  OpenIds open;
  std::unordered_map<Hash128, std::uint64_t> recipe_numbers;
  std::unordered_set<Hash128> stored_recipes;    ///< With their text.
  std::map<std::string, Hash128> newest_recipe;  ///< By name, of those kept by this process.
  Roots roots;
  Hash128 uuid;
  std::map<std::string, std::string> notes;
  std::vector<KeptRecipe> kept;  ///< When it was opened.
  std::map<std::string, HoldRecord> holds;
  std::uint64_t snapshot_batch = 0;  ///< Open ids were written whole with it.
  std::uint64_t closed_since = 0;    ///< Ids named in batches after it.

  /// Reads it, or makes it if the database is empty; forgets recipes that nothing names.
  /// Errors: kInvalid for a format that this program does not know; kInternal for damage.
  Result<> Restore(Database& database);
  /// Reads it alone. Errors: as above; kNotFound if the database is empty.
  Result<> Read(Database& database);

  /// Adds what this batch, number state.batch, changed in the book itself.
  void Write(WriteSet& changes, std::vector<TaskId> closed);

  [[nodiscard]] bool IsClosed(TaskId id) const {
    return id != 0 && id < state.next_id && !open.Contains(id);
  }
  [[nodiscard]] Facts ToFacts() const;
  /// The number of the recipe, a new one if it has none.
  std::uint64_t RecipeNumber(const Hash128& hash, const std::string& name);

 private:
  Result<> Make(Database& database);
  Result<> Upgrade(Database& database);
  Result<> ReadMeta(Database& database);
  Result<> ReadOpenIds(Database& database);
  Result<> ReadHolds(Database& database);
  Result<> ForgetRecipes(Database& database);
};

/// "frontier: damaged ..." with the remedy.
[[nodiscard]] Error Damaged(std::string_view what);

}  // namespace thresh
