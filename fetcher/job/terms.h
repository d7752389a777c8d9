#pragma once

// TermsBook: on which terms a recipe's pages are asked for at a host: the recipe's [fetch], and
// what the operator says of that host (lib/recipe/host_tables.h).
//
// Lifetime: recipes have to outlive it. Terms that were given out stay as they are when new tables
// come: a page under way ends as it began.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lib/base/hash.h"
#include "lib/recipe/host_tables.h"
#include "lib/recipe/recipe.h"

namespace thresh {

struct FetchTerms {
  const Recipe* recipe = nullptr;
  FetchSpec fetch;
  bool of_host = false;                  ///< A table of the operator's is in it.
  Hash128 parser_hash;                   ///< By which parsers know the recipe on these terms.
  std::vector<std::string> parser_sets;  ///< What they are told beside its text, as `--set` has it.

  /// Nothing of a page is for a parser: it ends when it is saved.
  [[nodiscard]] bool IsDownloadOnly() const;
};

/// A recipe as parsers get it.
struct ParserRecipe {
  const Recipe* recipe = nullptr;
  std::vector<std::string> sets;  ///< As FetchTerms::parser_sets.
};

class TermsBook {
 public:
  using Terms = std::shared_ptr<const FetchTerms>;

  /// From now on these tables hold. `user_agent`: of recipes that say none; may be empty.
  void Replace(HostTables tables, std::string user_agent);

  /// `host`: name and port as Url::host(). `foreign`: see HostTables::FetchOf().
  [[nodiscard]] const Terms& Of(const Recipe& recipe, std::string_view host,
                                bool foreign = false) const;

  /// What parsers are told when they ask for this hash; null: it was never given out.
  [[nodiscard]] const ParserRecipe* ByParserHash(const Hash128& hash) const;

  [[nodiscard]] const HostTables& tables() const noexcept { return tables_; }

 private:
  using Key = std::tuple<const Recipe*, HostTables::Match, bool>;

  [[nodiscard]] Terms Make(const Recipe& recipe, const HostTables::Match& match,
                           bool foreign) const;

  HostTables tables_;
  std::string user_agent_;
  // Made when they are asked for. There are few: a recipe's, and one for each set of tables that
  // are for a host together.
  mutable std::map<Key, Terms> known_;
  mutable std::unordered_map<Hash128, ParserRecipe> by_hash_;
};

}  // namespace thresh
