// TermsBook: a recipe's [fetch] at a host, and what parsers are told of it.

#include "fetcher/job/terms.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using thresh::FetchTerms;
using thresh::HostTables;
using thresh::Recipe;
using thresh::TermsBook;

namespace {

struct TermsFixture {
  TermsFixture() {
    auto read = thresh::ParseRecipe(
        "name = \"r\"\n[fetch]\nper_host = 9\n[[items]]\nname = \"i\"\n[items.fields]\na = \"b\"\n",
        "r.toml");
    REQUIRE(read.ok());
    recipe = std::move(*read);
  }

  void Use(const std::string& text, const std::string& agent = "") {
    std::vector<thresh::TextFault> faults;
    book.Replace(HostTables::Read(text, "t.toml", &faults), agent);
    REQUIRE(faults.empty());
  }

  Recipe recipe;
  TermsBook book;
};

}  // namespace

TEST_SUITE("TermsBook") {
  TEST_CASE_FIXTURE(TermsFixture, "without tables they are the recipe's own, made once") {
    const auto terms = book.Of(recipe, "x.test");
    CHECK(terms->fetch == recipe.fetch);
    CHECK_FALSE(terms->of_host);
    CHECK(terms->parser_hash == recipe.hash);
    CHECK(book.Of(recipe, "y.test") == terms);
  }

  TEST_CASE_FIXTURE(TermsFixture, "hosts of the same tables share them") {
    Use("[[host]]\nmatch = \"*.x.test\"\nper_host = 1\n");
    const auto terms = book.Of(recipe, "a.x.test");
    CHECK(terms->of_host);
    CHECK(terms->fetch.per_host == 1);
    CHECK(terms->parser_hash == recipe.hash);  // Nothing of it is for parsers.
    CHECK(book.Of(recipe, "b.x.test:81") == terms);
    CHECK(book.Of(recipe, "y.test")->fetch.per_host == 9);
  }

  TEST_CASE_FIXTURE(TermsFixture, "parsers know a recipe on other terms by another hash") {
    Use("[[host]]\nmatch = \"x.test\"\nrespect_nofollow = true\n");
    const auto terms = book.Of(recipe, "x.test");
    CHECK(terms->parser_hash != recipe.hash);
    const thresh::ParserRecipe* told = book.ByParserHash(terms->parser_hash);
    REQUIRE(told != nullptr);
    CHECK(told->recipe == &recipe);
    CHECK(told->sets == std::vector<std::string>{"fetch.respect_nofollow=true"});
    CHECK(book.ByParserHash(recipe.hash) == nullptr);  // Nobody was given it so far.
  }

  TEST_CASE_FIXTURE(TermsFixture, "terms that were given out outlive new tables, for parsers too") {
    Use("[[host]]\nmatch = \"x.test\"\nper_host = 1\nfail_when = [{ status = [500] }]\n");
    const auto before = book.Of(recipe, "x.test");
    Use("[[host]]\nmatch = \"x.test\"\nper_host = 2\n");
    CHECK(before->fetch.per_host == 1);
    CHECK(book.Of(recipe, "x.test")->fetch.per_host == 2);
    REQUIRE(book.ByParserHash(before->parser_hash) != nullptr);
    CHECK(book.ByParserHash(before->parser_hash)->sets.size() == 1);
  }

  TEST_CASE_FIXTURE(TermsFixture,
                    "who runs it is said unless the recipe or the operator says more") {
    Use("[[host]]\nmatch = \"x.test\"\nuser_agent = \"theirs\"\n", "ours (+mail)");
    CHECK(book.Of(recipe, "y.test")->fetch.user_agent == "ours (+mail)");
    CHECK(book.Of(recipe, "x.test")->fetch.user_agent == "theirs");
  }
}
