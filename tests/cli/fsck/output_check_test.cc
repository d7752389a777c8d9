#include "cli/fsck/output_check.h"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct OutputFixture {
  std::uint64_t Check(const std::string& text, std::optional<std::uint64_t> journal = {}) {
    found.clear();
    const Result<std::uint64_t> lines = CheckOutput(
        folder.Write("a.ndjson", text), journal, [this](const Finding& f) { found.push_back(f); });
    REQUIRE(lines.ok());
    return *lines;
  }

  TempFolder folder;
  std::vector<Finding> found;
};

}  // namespace

TEST_SUITE("CheckOutput") {
  TEST_CASE_FIXTURE(OutputFixture, "whole lines of JSON are clean, and counted") {
    CHECK(Check("{\"a\":1}\n{\"b\":2}\n", 16) == 2);
    CHECK(found.empty());
    CHECK(Check("", 0) == 0);
    CHECK(found.empty());
  }

  TEST_CASE_FIXTURE(OutputFixture, "a line that is none is found, with where it begins") {
    Check("{\"a\":1}\n{\"b\":\n[]\n{\"c\":3}\n");
    REQUIRE(found.size() == 2);
    CHECK(found[0].text.starts_with(folder.File("a.ndjson") + ":8: line 2 is no JSON object"));
    CHECK(found[1].text.starts_with(folder.File("a.ndjson") + ":14: line 3 is no JSON object"));
  }

  TEST_CASE_FIXTURE(OutputFixture, "however many lines are wrong, some are enough") {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "x\n";
    CHECK(Check(text) == 1000);
    CHECK(found.size() == 20);
  }

  TEST_CASE_FIXTURE(OutputFixture, "a torn line is clean if the journal has its rest") {
    Check("{\"a\":1}\n{\"b\"", 16);
    CHECK(found.empty());
    Check("{\"a\":1}\n{\"b\"", 12);
    REQUIRE(found.size() == 1);
    CHECK(found[0].is_damage);
    CHECK(found[0].text.starts_with(folder.File("a.ndjson") + ":8: the last line has no end"));
  }
}
