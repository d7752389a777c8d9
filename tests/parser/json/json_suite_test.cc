// JSONTestSuite, read from the corpora at run time: all of its files.

#include <filesystem>
#include <random>
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
      if (entry.path().extension() != ".json") continue;
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

  TEST_CASE("real answers, cut short and with bytes changed, do no harm") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    std::mt19937 random(20160704);
    Document document;
    std::string written;
    const auto read = [&](std::string_view text) {
      written.clear();
      if (const auto parsed = document.Parse(text); parsed.ok()) {
        thresh::json::AppendMsgpack(*parsed, &written);
      }
      if (const auto parsed = document.ParseOfPage(text); parsed.ok()) {
        thresh::json::AppendJson(*parsed, &written);
      }
      DocumentLines lines(document, text);
      while (const auto next = lines.Next()) written += next->ok() ? '+' : '-';
    };
    std::size_t answers = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpora / "api")) {
      if (!entry.is_regular_file() || entry.file_size() > 100'000) continue;
      const std::string answer = thresh::test::ReadFile(entry.path());
      ++answers;
      for (std::size_t cut = 1; cut <= 50; ++cut) {
        read(std::string_view(answer).substr(0, answer.size() * cut / 51));
      }
      for (int round = 0; round < 10; ++round) {
        std::string changed = answer;
        for (int i = 0; i < 20; ++i) {
          changed[random() % changed.size()] = static_cast<char>(random());
        }
        read(changed);
      }
    }
    CHECK(answers > 10);
  }
}
