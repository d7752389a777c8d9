#include "fetcher/job/routes.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "lib/recipe/recipe.h"
#include "lib/url/url.h"

using thresh::Errc;
using thresh::Hash128;
using thresh::Recipe;
using thresh::Routes;
using thresh::Url;

namespace {

using Patterns = std::vector<std::string>;

struct RoutesFixture {
  void Add(const std::string& name, Patterns allow, Patterns deny = {}, Patterns start = {}) {
    REQUIRE(routes.Add(Named(name, std::move(allow), std::move(deny), std::move(start))).ok());
  }
  static Recipe Named(const std::string& name, Patterns allow = {}, Patterns deny = {},
                      Patterns start = {}) {
    Recipe recipe;
    recipe.name = name;
    recipe.file = name + ".toml";
    recipe.hash = thresh::HashBytes(name);
    recipe.allow = std::move(allow);
    recipe.deny = std::move(deny);
    recipe.start_urls = std::move(start);
    return recipe;
  }

  std::string Fed(const std::string& url, const std::string& named = "") const {
    const auto recipe = routes.OfFed(*Url::Parse(url), named);
    return recipe ? (*recipe)->name : recipe.error().detail;
  }
  std::string Linked(const std::string& url, const std::string& current, const std::string& root,
                     const std::string& named = "") const {
    const Recipe* recipe = routes.OfLink(*Url::Parse(url), *routes.ByName(current), root, named);
    return recipe != nullptr ? recipe->name : "offsite";
  }

  Routes routes;
};

}  // namespace

TEST_SUITE("Routes") {
  TEST_CASE_FIXTURE(RoutesFixture, "a recipe is found by its name and by its hash") {
    Add("one", {"http://one/*"});
    Add("two", {"http://two/*"});
    CHECK(routes.ByName("two")->name == "two");
    CHECK(routes.ByHash(thresh::HashBytes("one"))->name == "one");
    CHECK(routes.ByName("three") == nullptr);
    CHECK(routes.ByHash(Hash128{}) == nullptr);
  }

  TEST_CASE_FIXTURE(RoutesFixture, "two recipes of one name are refused, both files named") {
    Add("one", {});
    Recipe again = Named("one");
    again.file = "copy.toml";
    const auto added = routes.Add(std::move(again));
    REQUIRE_FALSE(added.ok());
    CHECK(added.error().code == Errc::kInvalid);
    CHECK(added.error().detail ==
          "copy.toml: a recipe named \"one\" was read already, from one.toml");
    CHECK(routes.ByName("one")->file == "one.toml");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "the named recipe takes a URL whatever its allow says") {
    Add("one", {"http://one/*"});
    Add("two", {"http://two/*"});
    CHECK(Fed("http://one/x", "two") == "two");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "an unknown name is answered with those there are") {
    Add("one", {"http://one/*"});
    Add("two", {"http://two/*"});
    CHECK(Fed("http://one/x", "tow") ==
          "no_recipe: no recipe is named \"tow\" (there are: one, two); did you mean \"two\"?");
    CHECK(Fed("http://one/x", "reviews") ==
          "no_recipe: no recipe is named \"reviews\" (there are: one, two)");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "the longest text before the first star wins, in any order") {
    Add("site", {"http://x/*"});
    Add("shop", {"http://x/shop/*"});
    Add("stars", {"*/shop/very/long/pattern/but/no/prefix/*", "http://x/s*"});
    CHECK(Fed("http://x/shop/1") == "shop");
    CHECK(Fed("http://x/sh") == "stars");
    CHECK(Fed("http://x/") == "site");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "of two equal prefixes the recipe read first has the URL") {
    Add("b", {"http://x/*"});
    Add("a", {"http://x/*"});
    CHECK(Fed("http://x/1") == "b");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "deny sends a URL on to the next best recipe") {
    Add("shop", {"http://x/shop/*"}, {"*/cart*"});
    Add("site", {"http://x/*"});
    CHECK(Fed("http://x/shop/cart") == "site");
    CHECK(Linked("http://x/shop/cart", "shop", "http://x/shop/1") == "site");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "a URL that no allow matches has no recipe") {
    Add("one", {"http://one/*"});
    CHECK(Fed("http://two/") == "no_recipe: no recipe's allow matches http://two/; name one");
    CHECK(routes.OfFed(*Url::Parse("http://two/"), "").error().code == Errc::kNotFound);
  }

  TEST_CASE_FIXTURE(RoutesFixture, "the only recipe, without allow, takes what is fed") {
    Add("page", {});
    CHECK(Fed("http://anything/") == "page");
    Add("other", {"http://other/*"});
    CHECK(Fed("http://anything/").starts_with("no_recipe: "));
  }

  TEST_CASE_FIXTURE(RoutesFixture, "deny refuses a fed URL with an allow beside it and without") {
    Add("page", {}, {"*/private/*"});
    CHECK(Fed("http://x/private/1").starts_with("no_recipe: "));
    Add("site", {"http://x/*"}, {"*/private/*"});
    CHECK(Fed("http://x/private/1").starts_with("no_recipe: "));
  }

  TEST_CASE_FIXTURE(RoutesFixture, "a link keeps its page's recipe if that allows it") {
    Add("wide", {"http://x/*"});
    Add("narrow", {"http://x/shop/*"});
    CHECK(Linked("http://x/shop/1", "wide", "http://x/") == "wide");
    CHECK(Linked("http://x/other", "narrow", "http://x/") == "wide");
    CHECK(Linked("http://y/", "wide", "http://x/") == "offsite");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "a link whose rule names a recipe is that one's or nobody's") {
    Add("list", {"http://x/*"});
    Add("detail", {"http://x/item/*"});
    CHECK(Linked("http://x/item/1", "list", "http://x/", "detail") == "detail");
    CHECK(Linked("http://x/other", "list", "http://x/", "detail") == "offsite");
    CHECK(Linked("http://x/item/1", "list", "http://x/", "none") == "offsite");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "without allow links stay on the hosts fed and started from") {
    Add("page", {}, {"*/private/*"}, {"http://start/?p=[1-3]"});
    CHECK(Linked("http://fed/b", "page", "http://fed/a") == "page");
    CHECK(Linked("http://start/b", "page", "http://fed/a") == "page");
    CHECK(Linked("http://fed:8080/b", "page", "http://fed/a") == "offsite");
    CHECK(Linked("http://sub.fed/b", "page", "http://fed/a") == "offsite");
    CHECK(Linked("http://fed/private/b", "page", "http://fed/a") == "offsite");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "http and https of a name are one host to a recipe") {
    Add("page", {});
    CHECK(Linked("https://fed/b", "page", "http://fed/a") == "page");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "links of a list of links go to whom they are for") {
    Recipe list = Named("sitemap", {"http://*", "https://*"});
    list.keep_links = false;
    REQUIRE(routes.Add(list).ok());
    Add("shop", {}, {"http://x/deny*"});
    const Recipe& sitemap = *routes.ByName("sitemap");
    const auto of_link = [&](const std::string& url, const std::string& named = "") {
      const Recipe* taker = routes.OfLink(*Url::Parse(url), sitemap, "http://x/sitemap.xml", named);
      return taker == nullptr ? "none" : taker->name;
    };
    CHECK(of_link("http://x/a") == "shop");
    CHECK(of_link("http://x/deny") == "none");
    CHECK(of_link("http://y/a") == "none");
    CHECK(of_link("http://cdn/other.xml", "sitemap") == "sitemap");
    CHECK(Fed("http://z/") == "shop");
    Add("blog", {"http://x/blog/*"});
    CHECK(of_link("http://x/blog/1") == "blog");
    CHECK(of_link("http://x/a") == "none");
  }

  TEST_CASE_FIXTURE(RoutesFixture, "new recipes replace the old ones, which are kept by hash") {
    Add("one", {"http://one/*"});
    Add("two", {"http://two/*"});
    const Recipe* one = routes.ByName("one");
    Recipe changed = Named("two", {"http://deux/*"});
    changed.hash = thresh::HashBytes("two, changed");
    routes.Replace({Named("one", {"http://one/*"}), std::move(changed)});
    CHECK(routes.ByName("one") == one);  // The very same.
    CHECK(routes.ByHash(thresh::HashBytes("two"))->allow == Patterns{"http://two/*"});
    CHECK(Fed("http://deux/a") == "two");
    CHECK(Fed("http://two/a").starts_with("no_recipe"));
    routes.Replace({});
    CHECK(routes.recipes().empty());
    CHECK(routes.ByName("one") == nullptr);
    CHECK(routes.ByHash(thresh::HashBytes("one")) == one);
  }

  TEST_CASE_FIXTURE(RoutesFixture, "the same text under other overrides is another recipe") {
    Add("one", {});
    const Recipe* one = routes.ByName("one");
    Recipe changed = Named("one");
    changed.overrides = {{"fetch.per_host", "1"}};
    routes.Replace({std::move(changed)});
    CHECK(routes.ByName("one") != one);
    CHECK(routes.ByHash(thresh::HashBytes("one")) == routes.ByName("one"));
  }
}
