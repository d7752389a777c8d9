#include "cli/shell/history.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/io/file.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct HistoryFixture {
  [[nodiscard]] std::string Text() const { return *ReadWholeFile(path); }

  TempFolder folder;
  const std::string path = folder.File("state/thresh/history");
};

}  // namespace

TEST_SUITE("ShellHistory") {
  TEST_CASE_FIXTURE(HistoryFixture, "what was typed is there the next time") {
    {
      ShellHistory history(path);
      CHECK(history.lines().empty());
      history.Add(".a");
      history.Add("//b");
    }
    CHECK(ShellHistory(path).lines() == std::vector<std::string>{".a", "//b"});
    CHECK(Text() == ".a\n//b\n");
    const auto mode = std::filesystem::status(path).permissions();
    CHECK((mode & std::filesystem::perms::group_all) == std::filesystem::perms::none);
  }

  TEST_CASE_FIXTURE(HistoryFixture, "blank lines and repeats are not kept") {
    ShellHistory history(path);
    for (const char* const line : {"", "  ", "a", "a", "b", "a"}) history.Add(line);
    CHECK(Text() == "a\nb\na\n");
  }

  TEST_CASE_FIXTURE(HistoryFixture, "two shells at once lose nothing") {
    ShellHistory one(path), two(path);
    one.Add("a");
    two.Add("b");
    one.Add("c");
    CHECK(Text() == "a\nb\nc\n");
  }

  TEST_CASE_FIXTURE(HistoryFixture, "it does not grow without bound") {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    {
      std::ofstream file(path);
      for (std::size_t i = 0; i < 2 * ShellHistory::kMaxLines; ++i) file << "line " << i << "\n";
    }
    const ShellHistory history(path);
    CHECK(history.lines().size() == ShellHistory::kMaxLines);
    CHECK(history.lines().back() == "line 1999");
    CHECK(ShellHistory(path).lines() == history.lines());
    CHECK(Text().starts_with("line 1000\n"));
  }

  TEST_CASE_FIXTURE(HistoryFixture, "a place that cannot be written is no fault") {
    ShellHistory history(folder.File("a"));
    std::filesystem::create_directory(folder.File("a"));
    history.Add("x");
    CHECK(history.lines().size() == 1);
    ShellHistory nowhere("");
    nowhere.Add("x");
    CHECK(nowhere.lines().size() == 1);
  }

  TEST_CASE("its place is in the state folder") {
    ::setenv("HOME", "/home/u", 1);
    ::unsetenv("XDG_STATE_HOME");
    CHECK(HistoryPath() == "/home/u/.local/state/thresh/history");
    ::setenv("XDG_STATE_HOME", "/state", 1);
    CHECK(HistoryPath() == "/state/thresh/history");
    ::setenv("XDG_STATE_HOME", "state", 1);
    CHECK(HistoryPath() == "/home/u/.local/state/thresh/history");
    ::unsetenv("HOME");
    CHECK(HistoryPath().empty());
  }
}
