#include "parser/recipe/program.h"

#include <string>

#include <doctest/doctest.h>

#include "lib/recipe/recipe.h"
#include "parser/html/names.h"
#include "tests/lib/recipe/recipe_text.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using namespace thresh::test;

namespace {

std::string CompileFaults(const Lines& lines) {
  html::NameTable names;
  const Result<Program> program = CompileRecipe(Parsed(lines), names);
  REQUIRE_FALSE(program.ok());
  CHECK(program.error().code == Errc::kInvalid);
  return program.error().detail;
}

Program Compiled(const Lines& lines) {
  static html::NameTable names;
  Result<Program> program = CompileRecipe(Parsed(lines), names);
  REQUIRE_MESSAGE(program.ok(), program.error().detail);
  return std::move(*program);
}

}  // namespace

TEST_SUITE("CompileRecipe") {
  TEST_CASE("a program has the recipe's items, fields and follow rules, in order") {
    const Program program = Compiled(
        InFields({"b = \"h1\"", "a = { url = true }", "[[follow]]", "css = \"a\"", "[[items]]",
                  "name = \"j\"", "rows = \"li\"", "[items.fields]", "c = \"p\""}));
    CHECK(program.name == "r");
    REQUIRE(program.items.size() == 2);
    CHECK(program.items[0].fields.at(0).name == "b");
    CHECK(program.items[0].fields.at(1).name == "a");
    CHECK(program.items[0].fields.at(1).index == 1);
    CHECK_FALSE(program.items[0].rows);
    CHECK(program.items[1].rows);
    CHECK(program.follows.at(0).sources.size() == 1);
    CHECK(program.selectors.size() == 4);
    REQUIRE(program.field_names.size() == 3);
    CHECK(program.field_names[2].item == "j");
    CHECK(program.field_names[2].field == "c");
  }

  TEST_CASE("a fault in a selector is told at the byte it is about") {
    const std::string at_end = CompileFaults(InFields({"title = \"div[\""}));
    CHECK(at_end.starts_with("r.toml:5:14: "));
    CHECK(at_end.ends_with(" in selector \"div[\""));
    CHECK(CompileFaults(InFields({"a = { css = \"p > > b\" }"})).starts_with("r.toml:5:18: "));
    CHECK(CompileFaults(InItem({"rows = \"div, , p\""})).starts_with("r.toml:4:14: "));
    CHECK(CompileFaults(InFollow({"match = []", "  css = 'a:nope'"})).starts_with("r.toml:4:"));
  }

  TEST_CASE("rows are elements, in every part of the list") {
    CHECK(CompileFaults(InItem({"rows = \"div::text\""})) ==
          "r.toml:4:9: rows: expected elements, found a pseudo-element in \"div::text\"");
    CHECK(CompileFaults(InItem({"rows = \"div, p::attr(x), b::text\""})) ==
          "r.toml:4:9: rows: expected elements, found a pseudo-element in \"div, p::attr(x), "
          "b::text\"");
  }

  TEST_CASE("a broken regular expression is told with RE2's reason") {
    const std::string fault = CompileFaults(InFields({"a = { css = \"b\", re = '(x' }"}));
    CHECK(fault.starts_with(
        "r.toml:5:24: re: expected a regular expression in RE2's syntax, found \"(x\": "));
    CHECK(fault.size() > 88);
    CHECK(CompileFaults(InFields({"a = { css = \"b\", re = '(?=x)' }"}))
              .starts_with("r.toml:5:24: re: "));
  }

  TEST_CASE("every fault has a line of its own") {
    const std::string faults = CompileFaults(
        InFields({"a = \"[\"", "b = { css = \"]\", re = '(' }", "[[follow]]", "css = \"..\""}));
    CHECK(faults.find("r.toml:5:7: ") == 0);
    CHECK(faults.find("\nr.toml:6:14: ") != std::string::npos);
    CHECK(faults.find("\nr.toml:6:24: re: ") != std::string::npos);
    CHECK(faults.find("\nr.toml:8:9: ") != std::string::npos);
  }

  TEST_CASE("a selector in triple quotes is told at its own bytes too") {
    CHECK(CompileFaults(InFields({"a = '''div['''"})).starts_with("r.toml:5:12: "));
  }

  TEST_CASE("XPath and JSONPath are told at their own bytes") {
    CHECK(CompileFaults(InFields({"a = \"//b[\""})).starts_with("r.toml:5:10: "));
    CHECK(CompileFaults(InFields({"a = \"//b[\""})).ends_with(" in XPath \"//b[\""));
    CHECK(CompileFaults(InFields({"a = \"$.b[\""})).starts_with("r.toml:5:10: "));
    CHECK(CompileFaults(InFields({"a = { css = \"b\", json = \"$..\" }"}))
              .ends_with(" in JSONPath \"$..\""));
    CHECK(CompileFaults(InItem({"rows = \"count(//a)\""})).find(":4:") != std::string::npos);
  }

  TEST_CASE("a selector that could find nothing in its rows is told") {
    CHECK(
        CompileFaults({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"$.a[*]\"",
                       "[items.fields]", "b = \"h1\""}) ==
        "r.toml:6:6: expected JSONPath, found \"h1\": the rows are JSON (page = true looks in the "
        "page)");
    CHECK(CompileFaults({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"li\"",
                         "[items.fields]", "b = \"$.a\""}) ==
          "r.toml:6:6: expected css or xpath beside json, found \"$.a\" alone: the rows are "
          "elements");
  }

  TEST_CASE("transforms, formats and charsets are told too") {
    CHECK(
        CompileFaults(InFields({"a = { css = \"b\", pipe = [\"tirm\"] }"}))
            .starts_with("r.toml:5:27: pipe: unknown transform \"tirm\"; did you mean \"trim\"?"));
    CHECK(CompileFaults(InFields({"a = { css = \"b\", type = \"date\", format = [\"%Y-%Q\"] }"}))
              .starts_with("r.toml:5:47: format: expected a letter of strptime behind %"));
    CHECK(CompileFaults({"name = \"r\"", "body.charset = \"utf-9\"", "[[follow]]", "css = \"a\""})
              .starts_with("r.toml:2:17: body.charset: expected a name of an encoding"));
  }

  TEST_CASE("reading and compiling tell all their faults at once, in the order of the file") {
    const TempFolder folder;
    html::NameTable names;
    const auto checked =
        CheckRecipe(folder.Write("r.toml",
                                 "name = \"r\"\n[[items]]\nname = \"i\"\nrows = \"li[\"\n"
                                 "[items.fields]\na = { css = \"b\", typ = 1 }\nb = \"$.x[\"\n"),
                    names);
    REQUIRE_FALSE(checked.ok());
    const std::string& faults = checked.error().detail;
    CHECK(faults.find(":4:12: ") < faults.find(":6:18: unknown key \"typ\""));
    CHECK(faults.find(":6:18: unknown key \"typ\"") < faults.find(":7:"));
    CHECK(faults.find(":7:") != std::string::npos);
  }
}
