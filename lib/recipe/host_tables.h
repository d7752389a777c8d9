#pragma once

// HostTables: what an operator says of hosts, over what recipes say: `[[host]]` tables with the
// keys of [fetch].
//
//   [[host]]
//   match = ["example.com", "*.example.com"]
//   per_host = 1
//
// Of limits the stricter one holds, the recipe's or the table's: no recipe loosens what an operator
// has said, and none is pushed beyond what its author dared. All else the table has goes over the
// recipe. What `--set` has given goes over both: it is the operator's word of this very start.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/recipe/recipe.h"

namespace thresh {

class HostTables {
 public:
  /// Tables that are for a host, by their numbers, the closest match last.
  using Match = std::vector<std::uint32_t>;

  HostTables();

  /// Reads the `[[host]]` tables of a file; it is passed over if it is no TOML. `file` is used in
  /// messages only. All faults are noted, and what has one is left out.
  [[nodiscard]] static HostTables Read(std::string_view text, std::string_view file,
                                       std::vector<TextFault>* faults);

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

  /// Those for `host`: a name, or name:port, as Url::host() has it. A match without port is for
  /// all ports. The closest one is the one with the host's own name, then the longest; with its
  /// port before without.
  [[nodiscard]] Match MatchOf(std::string_view host) const;

  /// The recipe's [fetch] as it holds where these tables do. `foreign`: for who was redirected
  /// there from elsewhere: what the recipe has of credentials (auth, cookies, headers with secrets)
  /// is left out; those of the tables stand.
  [[nodiscard]] FetchSpec FetchOf(const Recipe& recipe, const Match& match,
                                  bool foreign = false) const;

  /// What parsers have to be told of it beside the recipe's text, each as `--set` has it; empty:
  /// the text says it all.
  [[nodiscard]] std::vector<std::string> SetsOf(const Recipe& recipe, const Match& match) const;

  /// Each table by itself, as the [fetch] of a recipe without anything else; for who has more to
  /// check. `file` and `text` are those of the whole file.
  [[nodiscard]] const std::vector<Recipe>& AsRecipes() const noexcept;

 private:
  struct Tables;
  std::shared_ptr<const Tables> tables_;
};

}  // namespace thresh
