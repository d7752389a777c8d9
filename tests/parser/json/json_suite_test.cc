// JSONTestSuite, read from the corpora at run time: all of its files.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parser/json/document.h"
#include "parser/json/lines.h"
#include "parser/json/write.h"
#include "tests/support/corpora.h"

using thresh::json::Document;
using thresh::json::DocumentLines;

TEST_SUITE("JSONTestSuite") {
  TEST_CASE("every y_ parses, every n_ fails, no i_ does harm") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    Document document;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpora / "conformance/json")) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() != ".json") continue;
      const std::string text = thresh::test::ReadFile(entry.path());
      const auto parsed = document.Parse(text);
      CAPTURE(name);
      if (name.starts_with("y_")) CHECK_MESSAGE(parsed.ok(), parsed.error().detail);
      if (name.starts_with("n_")) CHECK_FALSE(parsed.ok());
      ++files;
      if (!parsed) continue;
      std::string written;
      thresh::json::AppendJson(*parsed, &written);
      Document again;
      const auto reread = again.Parse(written);
      REQUIRE_MESSAGE(reread.ok(), written);
      std::string rewritten;
      thresh::json::AppendJson(*reread, &rewritten);
      CHECK(rewritten == written);
    }
    CHECK(files == 153);
  }

  TEST_CASE("as the text of a page, and as lines, none does harm") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    Document document;
    for (const auto& entry : std::filesystem::directory_iterator(corpora / "conformance/json")) {
      const std::string text = thresh::test::ReadFile(entry.path());
      const std::string name = entry.path().filename().string();
      const bool parses = document.ParseOfPage(text).ok();
      if (name.starts_with("y_")) CHECK_MESSAGE(parses, name);
      DocumentLines lines(document, text);
      std::size_t documents = 0;
      while (const auto next = lines.Next()) ++documents;
      CHECK(documents <= text.size());
    }
  }
}
