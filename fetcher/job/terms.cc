#include "fetcher/job/terms.h"

#include <utility>

namespace thresh {

bool FetchTerms::IsDownloadOnly() const {
  return recipe->items.empty() && recipe->follows.empty() && fetch.retry_when.empty() &&
         fetch.fail_when.empty();
}

void TermsBook::Replace(HostTables tables, std::string user_agent) {
  tables_ = std::move(tables);
  user_agent_ = std::move(user_agent);
  known_.clear();
}

const TermsBook::Terms& TermsBook::Of(const Recipe& recipe, std::string_view host,
                                      bool foreign) const {
  Key key{&recipe, tables_.MatchOf(host), foreign};
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  Terms terms = Make(recipe, std::get<1>(key), foreign);
  return known_.emplace(std::move(key), std::move(terms)).first->second;
}

const ParserRecipe* TermsBook::ByParserHash(const Hash128& hash) const {
  const auto found = by_hash_.find(hash);
  return found != by_hash_.end() ? &found->second : nullptr;
}

TermsBook::Terms TermsBook::Make(const Recipe& recipe, const HostTables::Match& match,
                                 bool foreign) const {
  auto terms =
      std::make_shared<FetchTerms>(FetchTerms{.recipe = &recipe,
                                              .fetch = tables_.FetchOf(recipe, match, foreign),
                                              .of_host = !match.empty(),
                                              .parser_hash = recipe.hash,
                                              .parser_sets = tables_.SetsOf(recipe, match)});
  if (terms->fetch.user_agent.empty()) terms->fetch.user_agent = user_agent_;
  if (!terms->parser_sets.empty()) {
    std::string all = recipe.text;
    for (const std::string& set : terms->parser_sets) all.append("\n").append(set);
    terms->parser_hash = HashParts({all, "with sets"});
  }
  by_hash_.emplace(terms->parser_hash, ParserRecipe{&recipe, terms->parser_sets});
  return terms;
}

}  // namespace thresh
