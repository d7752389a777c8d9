// Files that are made to break a reader, or to cost it time.

#include <chrono>
#include <cstddef>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "fetcher/politeness/robots.h"

using namespace std::chrono_literals;
using thresh::Robots;

namespace {

std::string Repeat(const std::string& text, std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) all += text;
  return all;
}

constexpr const char* kHead = "User-agent: *\n";

// The CPU time of one reading and one answer.
std::chrono::milliseconds TimeOf(const std::string& text, const std::string& path) {
  const auto begin = std::chrono::steady_clock::now();
  (void)Robots::Parse(text, "thresh").Match(path);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

}  // namespace

TEST_SUITE("hostile robots.txt") {
  TEST_CASE("what stands behind the limit is not read, nor the line that is cut") {
    std::string text = kHead + Repeat("Disallow: /a\n", Robots::kMaxBytes);
    CHECK_FALSE(Robots::Parse(text, "x").Match("/a").allowed);
    text.resize(Robots::kMaxBytes - 11);
    CHECK(Robots::Parse(text + "\nDisallow: /bcdefgh\n", "x").Match("/b").allowed);
    CHECK(Robots::Parse(std::string(2 * Robots::kMaxBytes, 'x'), "x").rules().empty());
  }

  TEST_CASE("no file takes long to read, and no path long to be looked up") {
    const std::string path = "/" + std::string(2'000, 'a');
    const std::size_t all = Robots::kMaxBytes;
    for (const std::string& text : {
             kHead + ("Disallow: /" + Repeat("*a", all)) + "b",
             kHead + Repeat("Disallow: /*a*a*a*a*a*a*a*a*a*b\n", all),
             kHead + Repeat("Disallow: *b\n", all),
             kHead + ("Disallow: /" + Repeat("a", all)),
             Repeat("User-agent: *\n", all),
             Repeat("User-agent: thresh\nDisallow: /x\n", all),
             kHead + Repeat("Sitemap: http://x/\n", all),
             kHead + Repeat("Allow: /index.html\n", all),
             std::string(all, '\n'),
             std::string(all, ':'),
             std::string(all, '\0'),
             kHead + Repeat("disallow                                    ", all),
         }) {
      INFO(text.substr(0, 60));
      CHECK(TimeOf(text, path) < 2s);  // Milliseconds, but for sanitizers and a busy machine.
    }
  }

  TEST_CASE("a long path with a long rule takes no quadratic time") {
    const std::string piece(250'000, 'a');
    const std::string text = kHead + ("Disallow: *" + piece + "b*c\n");
    CHECK(TimeOf(text, "/" + std::string(500'000, 'a')) < 2s);
  }

  TEST_CASE("any bytes are read without harm") {
    std::mt19937 random(7);
    const std::string words[] = {"User-agent",  ":",  "*",    "\n",   "Disallow", "/",   "$",
                                 "Allow",       "%2", "\xEF", "\xFE", "#",        " ",   "\r",
                                 "Crawl-delay", "1e", ".",    "-",    "Sitemap",  "\xFF"};
    for (int i = 0; i < 3'000; ++i) {
      std::string text;
      for (int n = 0; n < 60; ++n) text += words[random() % std::size(words)];
      if (i % 3 == 0) text = "\xFF\xFE" + text;
      const Robots robots = Robots::Parse(text, "*");
      (void)robots.Match(text);
      (void)robots.Match("/");
    }
  }
}
