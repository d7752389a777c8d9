#include "parser/recipe/recipe_test.h"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;
using Texts = std::vector<std::string>;

namespace {

struct TestsFixture {
  /// The differences of a recipe's only test.
  Texts Run(const Lines& test) {
    Recipe recipe =
        Parsed(Lines{"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"li\"", "[items.fields]",
                     "a = { css = \"b\", type = \"integer\", required = true }",
                     "t = { css = \"i\", many = true }", "[[follow]]", "css = \"a\"", "[[tests]]",
                     "page = \"p.html\"", "url = \"http://x/\""} +
               test);
    recipe.file = "dir/r.toml";
    Extractor extractor;
    Result<Program> program = CompileRecipe(recipe, extractor.names());
    REQUIRE(program.ok());
    const auto results =
        RunRecipeTests(recipe, *program, extractor, [this](const std::string& path) {
          const auto file = files.find(path);
          return file != files.end() ? Result<std::string>(file->second)
                                     : Error{Errc::kNotFound, "no file " + path};
        });
    REQUIRE(results.size() == 1);
    CHECK(results[0].page == "p.html");
    return results[0].differences;
  }

  std::map<std::string, std::string> files{
      {"dir/p.html", "<li><b>1</b><i>x</i><li><b>2</b><a href=/n>"},
      {"dir/e.ndjson", "{\"a\":1,\"t\":[\"x\"]}\n{\"t\":[],\"a\":2.0,\"_id\":\"ignored\"}\n"}};
};

Texts Compare(std::string_view expected, const Texts& found) {
  std::vector<FoundRecord> records;
  for (const std::string& json : found) records.push_back({"i", json});
  return CompareRecords(expected, records, {"i"});
}

}  // namespace

TEST_SUITE("RunRecipeTests") {
  TEST_CASE("rules on answers, and requests that are no plain GET") {
    const auto run = [](const Lines& test, const std::string& body) {
      const Recipe recipe =
          Parsed(Lines{"name = \"r\"", "[[fetch.retry_when]]", "json = \"$.s\"", "in = [\"WAIT\"]",
                       "[[fetch.fail_when]]", "json = \"$.s\"", "in = [\"NO\"]", "[[follow]]",
                       "json = \"$.next\"", "url = \"http://x/\"", "body = { n = \"{value}\" }",
                       "[[tests]]", "page = \"p.json\"", "url = \"http://x/\""} +
                 test);
      Extractor extractor;
      const Result<Program> program = CompileRecipe(recipe, extractor.names());
      REQUIRE(program.ok());
      const auto read = [&](const std::string&) { return Result<std::string>(body); };
      return RunRecipeTests(recipe, *program, extractor, read).at(0).differences;
    };
    CHECK(run({"retry = true"}, R"({"s":"WAIT"})") == Texts{});
    CHECK(run({"retry = true"}, R"({"s":"OK"})").size() == 1);
    CHECK(run({"links = []"}, R"({"s":"WAIT"})").at(0).find("asked for again") !=
          std::string::npos);
    CHECK(run({"dead = \"NO\""}, R"({"s":"NO"})") == Texts{});
    CHECK(run({"dead = \"NO\""}, R"({"s":"OK"})").size() == 1);
    CHECK(run({"links = []"}, R"({"s":"NO"})").at(0).find("it fails with NO") != std::string::npos);
    CHECK(run({R"(links = ['POST http://x/ {"n":5}'])"}, R"({"next":5})") == Texts{});
    CHECK(run({"links = [\"http://x/\"]"}, R"({"next":5})").size() == 2);
  }

  TEST_CASE_FIXTURE(TestsFixture, "a page that gives what is expected has no differences") {
    CHECK(Run({"expect = \"e.ndjson\"", "links = [\"http://x/n\"]"}) == Texts{});
  }

  TEST_CASE_FIXTURE(TestsFixture, "differences in links are told") {
    CHECK(Run({"links = [\"http://x/m\"]"}) ==
          Texts{"expected a link to http://x/m, found none", "expected no link to http://x/n"});
  }

  TEST_CASE_FIXTURE(TestsFixture, "a rejected row has to be expected") {
    files["dir/p.html"] += "<li><b>none</b>";
    CHECK(Run({"expect = \"e.ndjson\""}) ==
          Texts{"row 2 of i is rejected: required field \"a\" found nothing (rejected = N expects "
                "it)"});
    CHECK(Run({"expect = \"e.ndjson\"", "rejected = 1"}) == Texts{});
    CHECK(Run({"rejected = 2"}) == Texts{"expected 2 rejected rows, found 1"});
  }

  TEST_CASE_FIXTURE(TestsFixture, "a page that fails has to be expected, by its reason") {
    CHECK(Run({"dead = \"min_rows\""}) ==
          Texts{"expected the page to fail with min_rows, found records or links"});
  }

  TEST_CASE_FIXTURE(TestsFixture, "files that are not there are told") {
    CHECK(Run({"expect = \"none.ndjson\""}) == Texts{"no file dir/none.ndjson"});
    files.erase("dir/p.html");
    CHECK(Run({"expect = \"e.ndjson\""}) == Texts{"no file dir/p.html"});
  }
}

TEST_SUITE("CompareRecords") {
  TEST_CASE("what is the same but for key order and number form is the same") {
    CHECK(Compare("{\"a\":1,\"b\":[1.0,{\"c\":null}]}\n\n", {R"({"b":[1,{"c":null}],"a":1.0})"}) ==
          Texts{});
    CHECK(Compare("{\"_id\":5,\"a\":1}", {R"({"a":1})"}) == Texts{});
  }

  TEST_CASE("each field that differs has a line with its path") {
    CHECK(Compare(R"({"a":1,"b":{"c":[1,2]},"d":null})", {R"({"a":"1","b":{"c":[1,3]},"e":0})"}) ==
          Texts{R"(i 1: a: expected 1, found "1")", "i 1: b.c[1]: expected 2, found 3",
                "i 1: d: expected null, found no such field",
                "i 1: e: expected no such field, found 0"});
    CHECK(Compare(R"({"a":[1]})", {R"({"a":[1,2]})"}) ==
          Texts{"i 1: a: expected 1 values, found 2"});
    CHECK(Compare(R"({"a":9007199254740993})", {R"({"a":9007199254740992})"}).size() == 1);
  }

  TEST_CASE("of a long text the place that differs is shown") {
    const std::string before(200, 'x');
    const auto lines = Compare("{\"a\":\"" + before + "1\"}", {"{\"a\":\"" + before + "2\"}"});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("x1\"") != std::string::npos);
    CHECK(lines[0].find("x2\"") != std::string::npos);
    CHECK(lines[0].size() < 250);
  }

  TEST_CASE("a record too much or too few does not shift the others") {
    CHECK(Compare("{\"a\":1}\n{\"a\":2}\n{\"a\":3}", {R"({"a":1})", R"({"a":3})"}) ==
          Texts{"i: expected 3 records, found 2", R"(i 2: expected, not found: {"a":2})"});
    CHECK(Compare("{\"a\":1}\n{\"a\":3}", {R"({"a":1})", R"({"a":2})", R"({"a":3})"}) ==
          Texts{"i: expected 2 records, found 3",
                R"(i 2: found one that is not expected before it: {"a":2})"});
    CHECK(Compare("", {R"({"a":1})"}) ==
          Texts{"i: expected 0 records, found 1", R"(i: found, not expected: {"a":1})"});
  }

  TEST_CASE("with several items each line names its own") {
    CHECK(CompareRecords("{\"a\":1,\"_item\":\"j\"}\n{\"a\":2}\n[]", {{"j", R"({"a":1})"}},
                         {"i", "j"}) ==
          Texts{"line 2 of what is expected: expected \"_item\" with the name of an item",
                "line 3 of what is expected: expected a JSON object"});
  }
}
