#include "cli/try_report.h"

#include <string>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

constexpr const char* kUrl = "https://h/list";

struct ReportFixture {
  // Extracts with a recipe of these items, and reports.
  std::string Report(const std::string& items, const std::string& body) {
    Result<Recipe> recipe =
        ParseRecipe("name = \"r\"\nallow = [\"https://h/*\"]\n" + items, "r.toml");
    REQUIRE_MESSAGE(recipe.ok(), (recipe ? "" : recipe.error().detail));
    Result<Program> program = CompileRecipe(*recipe, extractor.names());
    REQUIRE_MESSAGE(program.ok(), (program ? "" : program.error().detail));
    std::vector<FieldReport> fields;
    const auto found = extractor.Extract(
        *program, {.url = kUrl, .final_url = kUrl, .status = 200, .body = body}, &fields);
    REQUIRE(found.ok());
    return TryReport(*recipe, kUrl, **found, fields);
  }

  Extractor extractor;
};

}  // namespace

TEST_SUITE("TryReport") {
  TEST_CASE_FIXTURE(ReportFixture, "a line a field: in how many rows, and the first value") {
    CHECK(Report("[[items]]\nname = \"q\"\nrows = \"p\"\n[items.fields]\nlong_name = \"b\"\n"
                 "x = \"i\"\nnone = \"u\"\n[[follow]]\ncss = \"a\"\n",
                 "<p><b>1</b><p><b>2</b><i>\"3\"</i><a href=x>l</a>") ==
          "q: 2 rows, 2 records\n"
          "  long_name  2/2  \"1\"\n"
          "  x          1/2  \"\\\"3\\\"\"\n"
          "  none       0/2  found nothing\n"
          "links: 1\n"
          "  https://h/x\n");
  }

  TEST_CASE_FIXTURE(ReportFixture, "nested records have rows of their own") {
    const std::string report = Report(
        "[[items]]\nname = \"q\"\nrows = \"div\"\n[items.fields.offers]\nrows = \"p\"\nmany = "
        "true\n"
        "[items.fields.offers.fields]\nprice = { css = \"b\", type = \"number\" }\n",
        "<div><p><b>1</b><p>x</div><div><p><b>2</b></div>");
    CHECK(report.find("  offers        2/2  ") != std::string::npos);
    CHECK(report.find("  offers.price  2/3  1\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ReportFixture, "rejected rows are told with the field, the first ten of them") {
    std::string body;
    for (int i = 0; i < 12; ++i) body += "<p>";
    const std::string report = Report(
        "[[items]]\nname = \"q\"\nrows = \"p\"\n[items.fields]\na = { css = \"b\", required = true "
        "}\n",
        body);
    CHECK(report.find("q: 12 rows, 0 records\n") != std::string::npos);
    CHECK(report.find("q: row 9 rejected: required field \"a\" found nothing\n") !=
          std::string::npos);
    CHECK(report.find("q: row 10 ") == std::string::npos);
    CHECK(report.find("q: 2 more rows rejected\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ReportFixture, "of what became no value the first is told, and why") {
    CHECK(Report("[[items]]\nname = \"q\"\nrows = \"p\"\n[items.fields]\n"
                 "n = { css = \"b\", type = \"number\" }\n"
                 "r = { css = \"b\", re = \"[0-9]+x\" }\n"
                 "p = { css = \"b\", pipe = [[\"re\", \"y+\"]] }\n"
                 "d = { css = \"i\", type = \"date\" }\n",
                 "<p><b>t</b><i>no</i><p><b>7</b>") ==
          "q: 2 rows, 2 records\n"
          "  n  1/2  7; else found \"t\", which is no number\n"
          "  r  0/2  found \"t\", which `re` does not match\n"
          "  p  0/2  found \"t\", of which `re` and `pipe` leave nothing\n"
          "  d  0/2  found \"no\", which is no date of its formats\n"
          "links: 0\n");
  }

  TEST_CASE_FIXTURE(ReportFixture, "fields behind a required one that is missing are looked at") {
    CHECK(Report("[[items]]\nname = \"q\"\nrows = \"p\"\n[items.fields]\n"
                 "a = { css = \"i\", required = true }\nb = \"b\"\n"
                 "c = { css = \"u\", required = true }\n",
                 "<p><b>t</b>") ==
          "q: 1 row, 0 records\n"
          "  a  0/1  found nothing\n"
          "  b  1/1  \"t\"\n"
          "  c  0/1  found nothing\n"
          "q: row 0 rejected: required field \"a\" found nothing\n"
          "links: 0\n");
  }

  TEST_CASE_FIXTURE(ReportFixture, "every item is told, also those that are not for this page") {
    const std::string report = Report(
        "[[items]]\nname = \"a\"\nmatch = [\"*/other\"]\n[items.fields]\nx = \"b\"\n"
        "[[items]]\nname = \"b\"\nrows = \"p\"\nkey = [\"x\"]\n[items.fields]\nx = \"b\"\n",
        "<p><b>1</b><p><b>1</b>");
    CHECK(report.starts_with("a: not for this URL, by its match\n"));
    CHECK(report.find("b: 2 rows, 1 record, 1 repeat by key\n") != std::string::npos);
  }
}
