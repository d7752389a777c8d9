#include "lib/io/file.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

TEST_SUITE("files") {
  TEST_CASE("a file is read whole, whatever is in it") {
    TempFolder folder;
    const std::string bytes = std::string("\0\r\n\xff", 4) + std::string(300'000, 'x');
    CHECK((*ReadWholeFile(folder.Write("a", bytes)) == bytes));
    CHECK(ReadWholeFile(folder.Write("empty", ""))->empty());
  }

  TEST_CASE("no file is kNotFound, what cannot be read kInvalid, both with path and reason") {
    TempFolder folder;
    const auto missing = ReadWholeFile(folder.File("none"));
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == Errc::kNotFound);
    CHECK(missing.error().detail ==
          "cannot read " + folder.File("none") + ": No such file or directory");
    const auto directory = ReadWholeFile(folder.path());
    REQUIRE_FALSE(directory.ok());
    CHECK(directory.error().code == Errc::kInvalid);
    CHECK(directory.error().detail == "cannot read " + folder.path() + ": Is a directory");
  }

  TEST_CASE("a folder is made with those above it, and may be there already") {
    TempFolder folder;
    CHECK(MakeFolder(folder.File("a/b/c")).ok());
    CHECK(MakeFolder(folder.File("a/b/c")).ok());
    CHECK(std::filesystem::is_directory(folder.File("a/b/c")));
    folder.Write("file", "");
    const Result<> made = MakeFolder(folder.File("file/x"));
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Errc::kInvalid);
    CHECK(made.error().detail.starts_with("cannot make folder " + folder.File("file/x") + ": "));
  }

  TEST_CASE("the program's folder holds the running program") {
    CHECK(std::filesystem::is_directory(ProgramFolder()));
    CHECK(std::filesystem::read_symlink("/proc/self/exe").parent_path() == ProgramFolder());
  }
}
