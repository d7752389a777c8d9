#include "parser/json/lines.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/json/write.h"
#include "tests/support/corpora.h"

using thresh::json::Document;
using thresh::json::DocumentLines;

namespace {

// Each document as `line:JSON`, parted by spaces; `line!` for an error.
std::string Read(std::string_view body) {
  Document document;
  DocumentLines lines(document, body);
  std::string out;
  while (const auto next = lines.Next()) {
    if (!out.empty()) out += ' ';
    out += std::to_string(lines.line());
    if (!next->ok()) {
      CHECK(next->error().detail.starts_with("line " + std::to_string(lines.line()) + ": "));
      out += '!';
      continue;
    }
    out += ':';
    thresh::json::AppendJson(**next, &out);
  }
  return out;
}

}  // namespace

TEST_SUITE("several JSON documents") {
  TEST_CASE("one a line") {
    CHECK(Read("{\"a\":1}\n{\"a\":2}\r\n\n[3]\n4") == R"(1:{"a":1} 2:{"a":2} 4:[3] 5:4)");
    CHECK(Read("\xEF\xBB\xBF{}\n{}\n") == "1:{} 2:{}");
    CHECK(Read("") == "");
    CHECK(Read(" \n\n") == "");
  }

  TEST_CASE("a broken line is one error among good ones") {
    CHECK(Read("[1]\n{\"a\":\"\n[2]\n[3] [4]\n[5]") == "1:[1] 2! 3:[2] 4! 5:[5]");
    CHECK(Read("{\"broken\n[2]\n[3]") == "1! 2:[2] 3:[3]");
  }

  TEST_CASE("one after another") {
    CHECK(Read("{\"a\":1}{\"a\":\"}{\"}[2] \n {\n\"b\":3\n}\n true\n5 ") ==
          R"(1:{"a":1} 1:{"a":"}{"} 1:[2] 2:{"b":3} 5:true 6:5)");
    CHECK(Read("{\n}{\n}") == "1:{} 2:{}");
    CHECK(Read("{\n}\n[1,]\n[2") == "1:{} 3! 4!");
  }

  TEST_CASE("hostile bodies end") {
    std::string open;
    for (int i = 0; i < 200'000; ++i) open += "{\n";
    CHECK(Read(open).ends_with("200000!"));
    CHECK(Read("]]]]}") == "1!");
    CHECK(Read("{}" + open) == "1:{} 1!");
  }

  TEST_CASE("tweets, one a line") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    std::size_t files = 0;
    std::size_t documents = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpora / "api/gnip")) {
      if (!entry.is_regular_file()) continue;
      const std::string body = thresh::test::ReadFile(entry.path());
      Document document;
      DocumentLines lines(document, body);
      ++files;
      while (const auto next = lines.Next()) {
        CHECK_MESSAGE(next->ok(), entry.path().string());
        ++documents;
      }
    }
    CHECK(files > 0);
    CHECK(documents >= files);
  }
}
