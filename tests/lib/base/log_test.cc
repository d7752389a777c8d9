#include "lib/base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include <doctest/doctest.h>

#include "lib/base/handles.h"
#include "lib/text/json.h"

using namespace thresh;
using log::Format;
using log::IsJournal;
using log::Level;
using log::Line;

TEST_CASE("a line is an event and its fields") {
  CHECK(Line({}, Level::kInfo, "parser.joined", {{"pid", 4711}, {"name", "a b"}}) ==
        "parser.joined pid=4711 name=\"a b\"");
}

TEST_CASE("for the journal a line begins with its priority") {
  CHECK(Line({.priority = true}, Level::kError, "disk.full", {}) == "<3>disk.full");
  CHECK(Line({.priority = true}, Level::kDebug, "page.parsed", {{"id", 1}}) ==
        "<7>page.parsed id=1");
}

TEST_CASE("as JSON a line has time, level, event and fields, numbers as numbers") {
  const std::string line = Line({.format = Format::kJson}, Level::kWarn, "recipe.slow",
                                {{"n", 3}, {"why", "a \"b\"\n\xff"}});
  CHECK(IsJson(line));
  CHECK(line.starts_with(R"({"time":"2)"));
  CHECK(line.find(R"(Z","level":"warn","event":"recipe.slow","n":3,"why":"a \"b\")") !=
        std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("values are redacted in both formats, and secret fields are not shown") {
  for (const Format format : {Format::kText, Format::kJson}) {
    const std::string line = Line({.format = format}, Level::kInfo, "feed.refused",
                                  {{"url", "http://joe:pw@h/?token=abc"}, {"cookie", "c=d"}});
    for (const char* secret : {"joe", "pw", "abc", "c=d"}) {
      CHECK(line.find(secret) == std::string::npos);
    }
    CHECK(line.find("[redacted]@h") != std::string::npos);
  }
}

TEST_CASE("the journal is the stream whose device and inode are named, and no other") {
  const UniqueFile file(std::tmpfile());
  struct stat s {};
  REQUIRE(::fstat(fileno(file.get()), &s) == 0);
  const std::string name = std::to_string(s.st_dev) + ":" + std::to_string(s.st_ino);
  CHECK(IsJournal(fileno(file.get()), name.c_str()));
  CHECK_FALSE(IsJournal(fileno(file.get()), (name + "1").c_str()));
  CHECK_FALSE(IsJournal(fileno(file.get()), ""));
  CHECK_FALSE(IsJournal(fileno(file.get()), nullptr));
  CHECK_FALSE(IsJournal(-1, name.c_str()));
}
