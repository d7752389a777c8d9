// Google's own cases, real files with the answers of Google's engine, and files that are broken.

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "fetcher/politeness/robots.h"
#include "tests/support/corpora.h"

using thresh::Robots;
using thresh::RobotsPathOf;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// The words of a text-format protocol buffer: names, punctuation and strings, those that follow
// each other joined.
class TextProto {
 public:
  explicit TextProto(std::string text) : text_(std::move(text)) {}

  // The value of the next `name: value`; "name" is kept in name(). False at the end.
  bool Next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"') {
        ReadStrings();
        return true;
      } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        const std::size_t begin = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
          ++at_;
        }
        word_ = text_.substr(begin, at_ - begin);
        if (at_ < text_.size() && text_[at_] == ':') {
          name_ = word_;
        } else {
          value_ = word_;
          return true;
        }
      } else {
        ++at_;
      }
    }
    return false;
  }
  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }

 private:
  void ReadStrings() {
    value_.clear();
    while (at_ < text_.size() && text_[at_] == '"') {
      for (++at_; text_[at_] != '"'; ++at_) {
        if (text_[at_] != '\\') {
          value_ += text_[at_];
        } else {
          ReadEscape();
        }
      }
      ++at_;
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    }
  }
  void ReadEscape() {
    const char c = text_[++at_];
    if (c == 'x' || c == 'X') {
      value_ += static_cast<char>(std::stoi(text_.substr(at_ + 1, 2), nullptr, 16));
      at_ += 2;
    } else {
      value_ += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
  }

  std::string text_, word_, name_, value_;
  std::size_t at_ = 0;
};

}  // namespace

TEST_SUITE("robots.txt corpora") {
  TEST_CASE("every case of Google's specification test") {
    const fs::path corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    int count = 0;
    for (const fs::path& file : FilesIn(corpora / "conformance" / "robots-google")) {
      TextProto words(thresh::test::ReadFile(file));
      std::string text, url, agent;
      while (words.Next()) {
        if (words.name() == "robotstxt") text = words.value();
        if (words.name() == "testurl") url = words.value();
        if (words.name() == "useragent") agent = words.value();
        if (words.name() != "expected_outcome") continue;
        ++count;
        INFO(file.filename().string(), " ", agent, " ", url, "\n", text);
        const bool allowed = Robots::Parse(text, agent).Match(RobotsPathOf(url)).allowed;
        CHECK(allowed == (words.value() == "ALLOWED"));
      }
    }
    CHECK(count == 132);
  }

  TEST_CASE("real files: the answers of Google's engine, delays and sitemaps") {
    const fs::path corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    const fs::path folder = corpora / "conformance" / "robots-real";
    simdjson::dom::parser parser;
    const simdjson::dom::array files = parser.load((folder / "answers.json").string()).get_array();
    int count = 0;
    for (const simdjson::dom::element file : files) {
      const std::string name(file["file"].get_string().value());
      const std::string text = thresh::test::ReadFile(folder / (name + ".txt"));
      INFO(name);
      const Robots ours = Robots::Parse(text, "thresh");
      double delay = 0;
      // The other engine takes a group for `es` as one for all names with these letters in them.
      const bool by_part = name == "www.al-sharq.com";
      if (by_part) {
        CHECK(ours.crawl_delay() == std::chrono::seconds(10));  // Of `*`.
      } else if (file["crawl_delay_thresh"].get(delay) == simdjson::SUCCESS) {
        REQUIRE(ours.crawl_delay());
        CHECK(static_cast<double>(ours.crawl_delay()->count()) == delay * 1000);
      } else {
        CHECK_FALSE(ours.crawl_delay());
      }
      std::set<std::string> sitemaps;  // Up to the 20 that the answers have.
      for (const simdjson::dom::element url : file["sitemaps"]) {
        sitemaps.emplace(url.get_string().value());
      }
      std::set<std::string> first;
      for (const std::string& url : ours.sitemaps()) {
        if (first.size() < 20) first.insert(url);
      }
      CHECK(first == sitemaps);
      for (const simdjson::dom::element one : file["cases"]) {
        ++count;
        const std::string agent(one["agent"].get_string().value());
        const std::string path(one["path"].get_string().value());
        INFO(agent, " ", path);
        CHECK(Robots::Parse(text, agent).Match(path).allowed == one["allowed"].get_bool().value());
      }
    }
    CHECK(count == 4566);
  }

  TEST_CASE("broken files are read as far as they go") {
    const fs::path corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    int count = 0;
    for (const fs::path& file : FilesIn(corpora / "conformance" / "robots-crawler-commons")) {
      const std::string text = thresh::test::ReadFile(file);
      for (const char* agent : {"thresh", "mybot", "*", ""}) {
        const Robots robots = Robots::Parse(text, agent);
        for (const char* path : {"/", "/private/x", "/a?b=%", "", "/%2"}) (void)robots.Match(path);
      }
      ++count;
    }
    CHECK(count == 14);
  }
}
