#include "fetcher/archive/file_saver.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct Fixture {
  TempFolder folder;
  std::unique_ptr<FileSaver> saver;

  Fixture() { Open(); }
  void Open() {
    auto opened = FileSaver::Open(folder.File("pages"), true);
    REQUIRE(opened.ok());
    saver = std::move(*opened);
  }
  std::string Save(const PathNames& names, const std::string& task, const std::string& body) {
    auto path = saver->Save(names, HashBytes(task), {.memory = SharedBytes(body)});
    REQUIRE_MESSAGE(path.ok(), (path.ok() ? "" : path.error().detail));
    REQUIRE(saver->Sync().ok());
    return *path;
  }
  std::string Read(const std::string& path) { return folder.Read("pages/" + path); }
  static std::string Digits(const std::string& task) { return HashBytes(task).Hex().substr(0, 8); }
};

}  // namespace

TEST_SUITE("FileSaver") {
  TEST_CASE_FIXTURE(Fixture, "a body is in its file, byte by byte") {
    const std::string body("a\0b\xff\r\n", 6);
    CHECK(Save({"x", "a.html"}, "one", body) == "x/a.html");
    CHECK(Read("x/a.html") == body);
    CHECK(Save({"x", "empty"}, "two", "") == "x/empty");
    CHECK(Read("x/empty").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "two tasks of one name have two files, in whatever order they come") {
    CHECK(Save({"a.html"}, "one", "1") == "a.html");
    CHECK(Save({"a.html"}, "two", "2") == "a-" + Digits("two") + ".html");
    Open();
    CHECK(Save({"a.html"}, "two", "2 again") == "a-" + Digits("two") + ".html");
    CHECK(Save({"a.html"}, "one", "1 again") == "a.html");
    CHECK(Read("a.html") == "1 again");
    CHECK(Read("a-" + Digits("two") + ".html") == "2 again");
  }

  TEST_CASE_FIXTURE(Fixture, "a file that somebody else made is never replaced") {
    folder.Write("pages/mine", "keep");
    CHECK(Save({"mine"}, "one", "1") == "mine-" + Digits("one"));
    CHECK(Save({"mine"}, "one", "2") == "mine-" + Digits("one"));
    CHECK(Read("mine") == "keep");
    CHECK(Read("mine-" + Digits("one")) == "2");
  }

  TEST_CASE_FIXTURE(Fixture, "a page may have the name of another one's folder, and the reverse") {
    CHECK(Save({"a"}, "one", "1") == "a");
    CHECK(Save({"a", "b"}, "two", "2") == "xa_b-" + Digits("two"));
    CHECK(Save({"c", "d"}, "three", "3") == "c/d");
    CHECK(Save({"c"}, "four", "4") == "c-" + Digits("four"));
    CHECK(Save({"c"}, "four", "5") == "c-" + Digits("four"));
    CHECK(Read("c-" + Digits("four")) == "5");
  }

  TEST_CASE_FIXTURE(Fixture, "a link leads nowhere, and unsafe names are refused") {
    std::filesystem::create_directory(folder.File("outside"));
    std::filesystem::create_directory_symlink(folder.File("outside"), folder.File("pages/link"));
    CHECK(Save({"link", "a"}, "one", "1") == "xlink_a-" + Digits("one"));
    CHECK(std::filesystem::is_empty(folder.File("outside")));
    for (const char* name : {"..", ".", "", "a/b", ".names"}) {
      CHECK_FALSE(saver->Save({name, "a"}, HashBytes("x"), {}).ok());
    }
  }

  TEST_CASE_FIXTURE(Fixture, "what was being written when it died is gone when it is opened") {
    folder.Write("pages/.tmp/half", "h");
    Open();
    CHECK(std::filesystem::is_empty(folder.File("pages/.tmp")));
  }
}
