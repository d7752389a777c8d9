#include "fetcher/politeness/robots.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using thresh::Robots;
using thresh::RobotsPathOf;

namespace {

bool Allows(std::string_view text, std::string_view path, std::string_view agent = "thresh") {
  return Robots::Parse(text, agent).Match(path).allowed;
}

bool AllowsBut(std::string_view rule, std::string_view path) {
  return Allows("User-agent: *\nDisallow: " + std::string(rule) + "\n", path);
}

}  // namespace

TEST_SUITE("Robots: groups (RFC 9309, 2.2.1)") {
  TEST_CASE("without a file, a group or a rule all is allowed") {
    CHECK(Allows("", "/"));
    CHECK(Allows("User-agent: *\nDisallow:\n", "/x"));
    CHECK(Allows("Disallow: /\n", "/"));  // Of no group.
    CHECK(Robots().Match("/x").allowed);
  }

  TEST_CASE("the group that names the crawler goes over that for everybody") {
    const char* text = "User-agent: *\nDisallow: /\nUser-agent: thresh\nDisallow: /private\n";
    CHECK(Allows(text, "/x"));
    CHECK_FALSE(Allows(text, "/private/x"));
    CHECK_FALSE(Allows(text, "/x", "other"));
    CHECK(Allows("User-agent: thresh\nUser-agent: *\nDisallow:\n", "/x"));
  }

  TEST_CASE("names are compared without case, and up to what is no name") {
    CHECK_FALSE(Allows("User-Agent: THRESH/2.0 (+x)\nDisallow: /\n", "/"));
    CHECK_FALSE(Allows("User-Agent: thresh\nDisallow: /\n", "/", "Thresh/0.1 (+http://x)"));
    CHECK(Allows("User-Agent: threshold\nDisallow: /\n", "/"));
    CHECK(Allows("User-Agent: thresh\nDisallow: /\n", "/", "thresh-image"));
    CHECK_FALSE(Allows("User-Agent: * all\nDisallow: /\n", "/"));
    CHECK(Allows("User-Agent: *all\nDisallow: /\n", "/"));
    CHECK(Allows("User-Agent: \nDisallow: /\n", "/", ""));
  }

  TEST_CASE("groups for one crawler are merged") {
    const char* text =
        "User-agent: thresh\nDisallow: /a\nUser-agent: other\nDisallow: /b\n"
        "User-agent: x\nUser-agent: thresh\nDisallow: /c\n";
    CHECK_FALSE(Allows(text, "/a"));
    CHECK(Allows(text, "/b"));
    CHECK_FALSE(Allows(text, "/c"));
  }

  TEST_CASE("only a rule ends the list of names, not another line") {
    const char* text =
        "User-agent: thresh\n\nSitemap: http://x/s.xml\nHost: x\nCrawl-delay: 3\n\n"
        "User-agent: *\nDisallow: /\n";
    CHECK_FALSE(Allows(text, "/"));
    CHECK_FALSE(Allows(text, "/", "other"));
    CHECK(Allows("User-agent: thresh\nDisallow:\nUser-agent: *\nDisallow: /\n", "/"));
  }
}

TEST_SUITE("Robots: matching (RFC 9309, 2.2.2 and 2.2.3)") {
  TEST_CASE("a rule is the beginning of paths, with case and query") {
    CHECK_FALSE(AllowsBut("/fish", "/fish.html?x"));
    CHECK(AllowsBut("/fish", "/Fish"));
    CHECK(AllowsBut("/fish", "/catfish"));
    CHECK_FALSE(AllowsBut("/x?id=", "/x?id=3"));
    CHECK(AllowsBut("/x?id=", "/x"));
  }

  TEST_CASE("the longest rule decides; of two as long, the one that allows") {
    CHECK(Allows("User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b"));
    CHECK_FALSE(Allows("User-agent: *\nAllow: /a\nDisallow: /a/b\n", "/a/b"));
    CHECK(Allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a"));
    CHECK_FALSE(Allows("User-agent: *\nAllow: /page\nDisallow: /*.php\n", "/page.php5"));
    CHECK_FALSE(Allows("User-agent: *\nAllow: /$\nDisallow: /\n", "/page"));
  }

  TEST_CASE("an asterisk is any run of characters, a dollar at the end is the end") {
    CHECK_FALSE(AllowsBut("/*.php", "/x/index.php?a"));
    CHECK_FALSE(AllowsBut("/*.php$", "/x.php/y.php"));
    CHECK(AllowsBut("/*.php$", "/x.php?a"));
    CHECK_FALSE(AllowsBut("/a*b*c", "/axxbxxc"));
    CHECK(AllowsBut("/a*b*c", "/axxcxxb"));
    CHECK_FALSE(AllowsBut("*/x", "/a/x"));
    CHECK_FALSE(AllowsBut("/a***b$", "/ab"));
    CHECK(AllowsBut("/ab*b$", "/ab"));  // No byte is matched twice.
    CHECK(AllowsBut("/a$", "/ab"));
    CHECK_FALSE(AllowsBut("/a$b", "/a$b"));  // A dollar elsewhere is a dollar.
    CHECK_FALSE(AllowsBut("/a$$", "/a$"));
    CHECK_FALSE(AllowsBut("$", ""));
  }

  TEST_CASE("spellings of one path are equal") {
    CHECK_FALSE(AllowsBut("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar"));
    CHECK_FALSE(AllowsBut("/foo/bar/\xE3\x83\x84", "/foo/bar/%E3%83%84"));
    CHECK_FALSE(AllowsBut("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84"));
    CHECK_FALSE(AllowsBut("/foo/bar/%62%61%7A", "/foo/bar/baz"));
    CHECK_FALSE(AllowsBut("/foo/bar/baz", "/foo/bar/%62%61%7A"));
    CHECK_FALSE(AllowsBut("/a b", "/a%20b"));
    CHECK(AllowsBut("/a%2Fb", "/a/b"));  // Reserved: not the same.
    CHECK_FALSE(AllowsBut("/a%zz%", "/a%zz%"));
  }

  TEST_CASE("an encoded asterisk or dollar in a rule means itself") {
    CHECK_FALSE(AllowsBut("/file-with-a-%2A.html", "/file-with-a-*.html"));
    CHECK(AllowsBut("/file-with-a-%2A.html", "/file-with-a-x.html"));
    CHECK_FALSE(AllowsBut("/path/foo-%24", "/path/foo-$"));
    CHECK(AllowsBut("/path/foo-%24$", "/path/foo-$x"));
  }

  TEST_CASE("who allows a folder's index page allows the folder") {
    const char* text = "User-agent: *\nAllow: /x/index.html\nDisallow: /x/\n";
    CHECK(Allows(text, "/x/"));
    CHECK(Allows(text, "/x/index.html"));
    CHECK_FALSE(Allows(text, "/x/y"));
  }
}

TEST_SUITE("Robots: lines") {
  TEST_CASE("misspelt keys, missing colons and comments are read") {
    for (const char* line : {"disallow: /", "DISSALLOW : /", "dissalow:/", "disalow: / # all",
                             "diasllow: /", "disallaw: /", "Disallow /", "Disallowed: /"}) {
      INFO(line);
      CHECK_FALSE(Allows("User-agent: *\n" + std::string(line) + "\n", "/"));
      CHECK_FALSE(Allows("user agent: *\n" + std::string(line), "/"));
      CHECK_FALSE(Allows("useragent *\n" + std::string(line), "/"));
    }
    CHECK(Allows("User-agent: *\nDisallow / x\n", "/"));  // Three words are a sentence.
    CHECK(Allows("User-agent: *\n#Disallow: /\n", "/"));
    CHECK(Allows("<html>User-agent: *<br>Disallow: /</html>", "/"));
  }

  TEST_CASE("lines end in LF, CR or both") {
    for (const char* end : {"\n", "\r", "\r\n", "\n\n\r\n"}) {
      CHECK_FALSE(Allows(std::string("User-agent: *") + end + "Disallow: /a" + end, "/a"));
    }
    CHECK(Robots::Parse("\r\nUser-agent: *\r\n\r\nDisallow: /\r\n", "x").rules()[0].line == 4);
  }

  TEST_CASE("a byte order mark is passed over; UTF-16 is read by its mark") {
    CHECK_FALSE(Allows("\xEF\xBB\xBFUser-agent: *\nDisallow: /\n", "/"));
    CHECK_FALSE(Allows("\xEF\xBBUser-agent: *\nDisallow: /\n", "/"));
    const std::string text = "User-agent: *\nDisallow: /x\n";
    std::string little = "\xFF\xFE", big = "\xFE\xFF";
    for (const char c : text) {
      little += {c, '\0'};
      big += {'\0', c};
    }
    CHECK_FALSE(Allows(little, "/x"));
    CHECK_FALSE(Allows(big, "/x"));
    CHECK(Allows(big, "/y"));
  }

  TEST_CASE("the delay is in seconds, for those named right above it, the longest counts") {
    const auto delay = [](std::string_view text) {
      return Robots::Parse(text, "thresh").crawl_delay();
    };
    CHECK(delay("User-agent: *\nCrawl-delay: 10\n") == 10s);
    CHECK(delay("User-agent: *\ncrawl-delay: .5\n") == 500ms);
    CHECK(delay("User-agent: *\nCrawl-delay: 2 seconds\n") == 2s);
    CHECK(delay("User-agent: *\nCrawl-delay: 1\nDisallow: /\nCrawl-delay: 3\n") == 3s);
    CHECK(delay("User-agent: *\nCrawl-delay: 999999999999999999999\n") == 24h);
    CHECK_FALSE(delay("User-agent: *\nCrawl-delay: -3\n"));
    CHECK_FALSE(delay("User-agent: *\nCrawl-delay: soon\n"));
    CHECK_FALSE(delay("Crawl-delay: 3\n"));
    CHECK_FALSE(delay("User-agent: x\nCrawl-delay: 9\nUser-agent: thresh\nDisallow:\n"));
    CHECK_FALSE(delay("User-agent: x\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /\n"));
    CHECK_FALSE(delay("User-agent: *\nCrawl-delay: 9\nUser-agent: thresh\nDisallow:\n"));
  }

  TEST_CASE("sitemaps are for everybody, each is named once") {
    const Robots robots = Robots::Parse(
        "Sitemap: http://x/a\nUser-agent: y\nsite-map: http://x/b\nSITEMAP:http://x/a\nSitemap:\n",
        "thresh");
    CHECK(robots.sitemaps() == std::vector<std::string>{"http://x/a", "http://x/b"});
  }

  TEST_CASE("a rule is given as it was written") {
    const Robots robots = Robots::Parse("User-agent: *\nDisallow: /\xC3\xA4 b$ # no\n", "x");
    const Robots::Verdict verdict = robots.Match("/%C3%A4%20b");
    REQUIRE(verdict.rule != nullptr);
    CHECK(verdict.rule->text == "/\xC3\xA4 b$");
    CHECK(verdict.rule->line == 2);
    CHECK(robots.Match("/x").rule == nullptr);
  }

  TEST_CASE("the path of a URL") {
    CHECK(RobotsPathOf("http://x.org/a/b?c=/d#e") == "/a/b?c=/d");
    CHECK(RobotsPathOf("http://x.org") == "/");
    CHECK(RobotsPathOf("https://x.org/") == "/");
    CHECK(RobotsPathOf("/a//b#c") == "/a//b");
    CHECK(RobotsPathOf("") == "/");
  }
}
