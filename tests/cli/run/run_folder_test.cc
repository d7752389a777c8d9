#include "cli/run/run_folder.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;
namespace fs = std::filesystem;

namespace {

// A folder in which runs come and go.
struct RunFolderFixture {
  Result<RunFolder> Take(bool fresh = false) { return RunFolder::Take(out, fresh, recipes, items); }
  void Run(bool fresh = false) {
    REQUIRE(Take(fresh).ok());
    Write("quote.ndjson");
    Write("dead.ndjson");
    fs::create_directories(out + "/.thresh/frontier");
    Write(".thresh/frontier/CURRENT");
  }
  std::string Refusal(bool fresh = false) {
    Result<RunFolder> taken = Take(fresh);
    return taken ? "" : taken.error().detail;
  }
  void Write(const std::string& name) const { (void)folder.Write("out/" + name, "{}\n"); }
  [[nodiscard]] bool IsThere(const std::string& name) const { return fs::exists(out + "/" + name); }

  TempFolder folder;
  const std::string out = folder.File("out");
  std::vector<std::string> recipes{"quotes"}, items{"quote"};
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("RunFolder") {
  TEST_CASE_FIXTURE(RunFolderFixture, "a second run goes on with what the first has left") {
    CHECK_FALSE(Take()->resumed());
    Run();
    Result<RunFolder> second = Take();
    REQUIRE(second.ok());
    CHECK(second->resumed());
    CHECK(IsThere("quote.ndjson"));
    CHECK(IsThere(".thresh/frontier/CURRENT"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "fresh deletes what runs have made, and nothing else") {
    Run();
    Write("mine.txt");
    Write("other.ndjson");
    Result<RunFolder> fresh = Take(true);
    REQUIRE(fresh.ok());
    CHECK_FALSE(fresh->resumed());
    CHECK_FALSE(IsThere("quote.ndjson"));
    CHECK_FALSE(IsThere("dead.ndjson"));
    CHECK_FALSE(IsThere(".thresh/frontier"));
    CHECK(IsThere("mine.txt"));
    CHECK(IsThere("other.ndjson"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "fresh also deletes what a run before the last one made") {
    Run();
    items = {"author"};
    Run();
    Write("author.ndjson");
    REQUIRE(Take(true).ok());
    CHECK_FALSE(IsThere("quote.ndjson"));
    CHECK_FALSE(IsThere("author.ndjson"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture,
                    "a fresh start that was cut short is finished by the next run") {
    Run();
    const RunRecord half{
        .recipes = recipes, .files = {"dead.ndjson", "quote.ndjson"}, .clearing = true};
    REQUIRE(WriteRunRecord(out + "/.thresh", half).ok());
    Result<RunFolder> next = Take();
    REQUIRE(next.ok());
    CHECK_FALSE(next->resumed());
    CHECK_FALSE(IsThere("quote.ndjson"));
    CHECK_FALSE(IsThere(".thresh/frontier"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "one run at a time") {
    const Result<RunFolder> first = Take();
    CHECK(Has(Refusal(), "a run is at work in this folder already, pid "));
    CHECK(Has(Refusal(true), "a run is at work in this folder already, pid "));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "a file that no run made is in the way") {
    fs::create_directories(out);
    Write("quote.ndjson");
    CHECK(Has(Refusal(), "quote.ndjson is there already, and no run of thresh made it"));
    CHECK(Has(Refusal(true), "quote.ndjson is there already, and no run of thresh made it"));
    CHECK(IsThere("quote.ndjson"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "so it is when a later run would be the first to write it") {
    Run();
    Write("author.ndjson");
    items = {"quote", "author"};
    CHECK(Has(Refusal(), "author.ndjson is there already"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "a crawl goes on with the recipes it was begun with") {
    Run();
    recipes = {"reviews"};
    CHECK(Has(Refusal(), "holds a crawl by the recipe quotes, found reviews"));
    CHECK(Refusal(true).empty());
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "a state that no run made is left alone") {
    fs::create_directories(out + "/.thresh/frontier");
    CHECK(Has(Refusal(), "holds a state that is not a run's (frontier, and no run.json)"));
    CHECK(Has(Refusal(true), "holds a state that is not a run's"));
    CHECK(IsThere(".thresh/frontier"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "the state of a newer thresh is refused, and not deleted") {
    Run();
    (void)folder.Write("out/.thresh/run.json", R"({"version":2})");
    CHECK(Has(Refusal(), "version 2 is a newer thresh's, this one reads version 1"));
    CHECK(Has(Refusal(true), "version 2 is a newer thresh's"));
    CHECK(IsThere("quote.ndjson"));
  }

  TEST_CASE_FIXTURE(RunFolderFixture, "what a first version left can only be deleted") {
    fs::create_directories(out + "/.thresh");
    Write("quote.ndjson");
    (void)folder.Write("out/.thresh/files", "dead.ndjson\nquote.ndjson\n");
    CHECK(Has(Refusal(), "--fresh deletes its records"));
    REQUIRE(Take(true).ok());
    CHECK_FALSE(IsThere("quote.ndjson"));
  }
}
