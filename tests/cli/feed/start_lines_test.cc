// `[[start]]`: rows of files and of the recipe, as feed lines.

#include "cli/feed/start_lines.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/feed/feed_source.h"
#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;
using Strings = std::vector<std::string>;

namespace {

struct StartFixture {
  StartFixture() {
    std::string name = "/tmp/thresh_starts.XXXXXX";
    folder = mkdtemp(name.data());
  }
  ~StartFixture() { std::filesystem::remove_all(folder); }
  StartFixture(const StartFixture&) = delete;
  StartFixture& operator=(const StartFixture&) = delete;

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  /// The feed lines of a start, and what went wrong.
  Strings Start(const Lines& lines) {
    const Result<Recipe> recipe =
        ParseRecipe(Join(Top(Lines{"[[start]]"} + lines)), folder + "/r.toml");
    REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
    Result<StartLines> start = StartLines::Open(*recipe, recipe->starts.at(0));
    if (!start) return {"error: " + start.error().detail};
    Strings found;
    while (auto line = start->Next()) found.push_back(*line);
    if (!start->failure().empty()) found.push_back("failure: " + start->failure());
    return found;
  }
  /// The metas of a file's rows.
  Strings Rows(const std::string& name, const std::string& text) {
    Write(name, text);
    Strings rows = Start({"from = \"" + name + "\"", "url = \"http://x/\""});
    for (std::string& row : rows) {
      const std::size_t meta = row.find(",\"meta\":");
      if (meta != std::string::npos) row = row.substr(meta + 8, row.size() - meta - 9);
    }
    return rows;
  }

  std::string folder;
};

}  // namespace

TEST_SUITE("StartLines") {
  TEST_CASE_FIXTURE(StartFixture, "each row becomes meta and goes through the template") {
    Write("terms.csv", "term,city\npizza,New York\n\"a, \"\"b\"\"\",Ü&\n");
    CHECK(
        Start({"from = \"terms.csv\"", "url = \"https://x/?q={meta.term}&k={secret.k}\""}) ==
        Strings{
            R"({"url":"https://x/?q=pizza&k={secret.k}","recipe":"r","template":true,"meta":{"term":"pizza","city":"New York"}})",
            R"({"url":"https://x/?q=a%2C%20%22b%22&k={secret.k}","recipe":"r","template":true,"meta":{"term":"a, \"b\"","city":"Ü&"}})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "a URL alone is one start, without meta") {
    CHECK(Start({"url = \"http://x/\""}) == Strings{R"({"url":"http://x/","recipe":"r"})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "rows may be requests of their own whatever was asked before") {
    CHECK(Start({"url = \"http://x/\"", "dont_filter = true"}) ==
          Strings{R"({"url":"http://x/","recipe":"r","dont_filter":true})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "without a template the row's own URL is asked for") {
    CHECK(Start({"from = [{ url = \"http://x/a?b=c\" }]"}) ==
          Strings{R"({"url":"http://x/a?b=c","recipe":"r","meta":{"url":"http://x/a?b=c"}})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "method, headers and body, values of their types") {
    CHECK(
        Start({"from = [{ n = 5, q = \"a\\\"b\" }]", "url = \"http://x/{meta.n}\"",
               "headers = { X-N = \"n{meta.n}\" }", "method = \"PUT\"",
               "body = { n = \"{meta.n}\", q = \"{meta.q}\" }"}) ==
        Strings{
            R"({"url":"http://x/5","recipe":"r","method":"PUT","headers":{"x-n":"n5","content-type":"application/json"},"body":"{\"n\":5,\"q\":\"a\\\"b\"}","meta":{"n":5,"q":"a\"b"}})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "a row cannot name a secret") {
    CHECK(Start({"from = [{ a = \"{secret.k}\" }]",
                 "url = \"http://x/?a={+meta.a}&k={secret.k}\""})[0]
              .starts_with(R"({"url":"http://x/?a=%7Bsecret.k}&k={secret.k}")"));
  }

  TEST_CASE_FIXTURE(StartFixture, "CSV: marks, line ends, quotes over lines, empty lines") {
    CHECK(Rows("a.csv", "\xEF\xBB\xBF a , b\r\n1,2\r\n\r\n\n\"x\ny\",\"\"\r\n3,4") ==
          Strings{R"({"a":"1","b":"2"})", R"({"a":"x\ny","b":""})", R"({"a":"3","b":"4"})"});
    CHECK(Rows("b.tsv", "a\tb,c\n1\t2,3\n") == Strings{R"({"a":"1","b,c":"2,3"})"});
    CHECK(Rows("c.csv", "a\n") == Strings{});
    CHECK(Rows("d.csv", "a,b\n,\n") == Strings{R"({"a":"","b":""})"});
  }

  TEST_CASE_FIXTURE(StartFixture, "objects a line are told by their brace") {
    CHECK(Rows("a.ndjson", "{\"a\":1}\n\n# no\n  {\"a\":[2]} \r\n{\"a\":3}") ==
          Strings{"{\"a\":1}", "{\"a\":[2]}", "{\"a\":3}"});
  }

  TEST_CASE_FIXTURE(StartFixture, "a broken row ends it, and is told with its line") {
    CHECK(Rows("a.csv", "a,b\n1,2\n3\n4,5\n") ==
          Strings{R"({"a":"1","b":"2"})", "failure: " + folder +
                                              "/a.csv:3: expected 2 fields as in the first row, "
                                              "found 1"});
    CHECK(
        Rows("b.csv", "a\n\"x\n").at(0).ends_with("b.csv:2: expected \" at the end of the field"));
    CHECK(Rows("c.ndjson", "{\"a\":1}\n{\"a\":\n")
              .at(1)
              .ends_with(
                  "c.ndjson:2: expected a JSON object, its numbers within 64 bits (longer ones "
                  "as strings)"));
    CHECK(Rows("d.csv", "a,a\n").at(0).ends_with("found \"a\" twice"));
    CHECK(Rows("e.csv", "").at(0).ends_with("expected a row of names, found nothing"));
    CHECK(Rows("f.csv", "a\n\"" + std::string(2 << 20, 'x')).at(0).find("is a \" missing?") !=
          std::string::npos);
  }

  TEST_CASE_FIXTURE(StartFixture, "a row that lacks a value is told, not passed over") {
    Write("terms.csv", "term\npizza\n");
    CHECK(Start({"from = \"terms.csv\"", "url = \"http://x/{meta.trem}\""}) ==
          Strings{"failure: " + folder +
                  "/terms.csv:2: expected a value for {meta.trem}, found none"});
  }

  TEST_CASE_FIXTURE(StartFixture, "a file that is not there is told at once") {
    CHECK(Start({"from = \"none.csv\""}).at(0).starts_with("error: cannot read " + folder));
  }
}

TEST_SUITE("FeedSource: recipes") {
  TEST_CASE_FIXTURE(StartFixture, "start URLs, starts and sitemaps, one after another") {
    const Recipe recipe = Parsed(
        Lines{"name = \"r\"", "allow = [\"https://y.example/a/*\", \"https://*.z/*\"]",
              "start_urls = [\"http://x/[1-2]\"]", "sitemaps = [\"http://x/map.xml\", \"robots\"]",
              "[[start]]", "from = [{ a = 1 }, { a = 2 }]", "url = \"http://x/s{meta.a}\"",
              "[[follow]]", "css = \"a\""});
    FeedSource source;
    REQUIRE(source.AddStarts(recipe).ok());
    Strings urls;
    for (std::string line; source.Next(&line) == FeedSource::Status::kLine;) {
      urls.push_back(line.substr(8, line.find("\",") - 8));
      if (urls.size() > 4) CHECK(line.find("\"recipe\":\"sitemap\"") != std::string::npos);
    }
    CHECK(urls == Strings{"http://x/1", "http://x/2", "http://x/s1", "http://x/s2",
                          "http://x/map.xml", "http://x/robots.txt",
                          "https://y.example/robots.txt"});
    CHECK(source.failure().empty());
  }

  TEST_CASE("of robots.txt the host has to be known") {
    FeedSource source;
    const auto added = source.AddStarts(
        Parsed(Top({"allow = [\"https://x.*\", \"*\"]", "sitemaps = [\"robots\"]"})));
    REQUIRE_FALSE(added.ok());
    CHECK(added.error().detail.find("whose robots.txt to ask for") != std::string::npos);
  }

  TEST_CASE("a recipe may have none") {
    FeedSource source;
    const auto added = source.AddStarts(Parsed(Top({})));
    REQUIRE(added.ok());
    CHECK_FALSE(*added);
  }
}
