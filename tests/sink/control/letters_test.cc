#include "sink/control/letters.h"

#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "lib/text/json.h"
#include "tests/support/temp_folder.h"

namespace thresh {
namespace {

struct LettersFixture {
  void Write(const std::string& text, const std::string& name = "dead.ndjson") {
    std::ofstream(folder.File(name), std::ios::app) << text;
  }
  void WriteLetters(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += "{\"url\":\"http://x/" + std::to_string(i) + "\",\"reason\":\"" +
              (i % 2 == 0 ? "even" : "odd") + "\"}\n";
    }
    Write(text);
  }
  // URLs in the order they come, page by page.
  std::vector<std::string> All(LettersWanted wanted) {
    std::vector<std::string> urls;
    for (int pages = 0; pages < 10'000; ++pages) {
      const auto json = LettersJson(folder.File("dead.ndjson"), wanted);
      REQUIRE(json);
      REQUIRE(IsJson(*json));
      simdjson::dom::parser parser;
      const simdjson::dom::element root = parser.parse(*json).value();
      for (const auto letter : root["letters"].get_array()) {
        urls.emplace_back(letter["url"].get_string().value());
      }
      std::uint64_t before = 0;
      if (root["before"].get(before) != simdjson::SUCCESS) return urls;
      wanted.before = before;
    }
    FAIL("it never ends");
    return urls;
  }

  test::TempFolder folder;
};

TEST_CASE_FIXTURE(LettersFixture, "the newest come first, each once, whatever a page has") {
  WriteLetters(101);
  for (const std::size_t most : {1U, 7U, 50U, 500U}) {
    const auto urls = All({.most = most});
    REQUIRE(urls.size() == 101);
    CHECK(urls.front() == "http://x/100");
    CHECK(urls.back() == "http://x/0");
    CHECK(std::set<std::string>(urls.begin(), urls.end()).size() == 101);
  }
}

TEST_CASE_FIXTURE(LettersFixture, "by reason, and by what they contain") {
  WriteLetters(40);
  CHECK(All({.most = 3, .reason = "odd"}).size() == 20);
  CHECK(All({.most = 3, .text = "x/3"}).size() == 11);
  CHECK(All({.text = "nowhere"}).empty());
}

TEST_CASE_FIXTURE(LettersFixture, "no file, an empty one, a torn line, a damaged one") {
  CHECK(All({}).empty());
  Write("");
  CHECK(All({}).empty());
  Write("{\"url\":\"whole\",\"reason\":\"r\"}\n{\"url\":\"torn");
  CHECK(All({}) == std::vector<std::string>{"whole"});
  Write("\nno json\n\n{\"url\":\"last\",\"reason\":\"r\"}\n");
  CHECK(All({.most = 1}) == std::vector<std::string>{"last", "whole"});
}

TEST_CASE_FIXTURE(LettersFixture, "a large file is read in parts, a huge line passed over") {
  Write("{\"url\":\"first\",\"reason\":\"r\"}\n");
  Write("{\"url\":\"" + std::string(9 << 20, 'x') + "\",\"reason\":\"r\"}\n");
  Write("{\"url\":\"last\",\"reason\":\"r\"}\n");
  CHECK(All({}) == std::vector<std::string>{"last", "first"});
}

TEST_CASE_FIXTURE(LettersFixture, "bodies by their names only") {
  Write(std::string("a\xff\0b", 4), "7.body");
  const auto body = BodyJson(folder.path(), "7.body");
  REQUIRE(body);
  CHECK(*body == R"({"ok":true,"bytes":4,"cut":false,"base64":"Yf8AYg=="})");
  Write("secret", "secret.txt");
  for (const char* name :
       {"secret.txt", "../7.body", "/etc/passwd", "", ".body", "..body", "8.body", "7.BODY"}) {
    INFO(name);
    CHECK(!BodyJson(folder.path(), name));
  }
}

}  // namespace
}  // namespace thresh
