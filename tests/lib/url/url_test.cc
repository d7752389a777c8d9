#include "lib/url/url.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using thresh::Errc;
using thresh::Url;

namespace {

// The words the tests below are written in.
Url Parsed(std::string_view input) {
  auto url = Url::Parse(input);
  REQUIRE_MESSAGE(url.ok(), (url.ok() ? "" : url.error().detail));
  return *url;
}

std::string Href(std::string_view input) {
  return Parsed(input).href();
}

std::string Resolve(std::string_view input, std::string_view base) {
  const auto url = Url::Parse(input, Parsed(base));
  return url.ok() ? (*url).href() : "failure";
}

std::string Complaint(std::string_view input) {
  const auto url = Url::Parse(input);
  REQUIRE_FALSE(url.ok());
  return url.error().detail;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// All that must hold of any Url, however broken the text it came from.
void CheckWellFormed(const Url& url) {
  const std::string& href = url.href();
  CHECK(std::all_of(href.begin(), href.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
  const auto again = Url::Parse(href);
  REQUIRE_MESSAGE(again.ok(), href);
  CHECK((*again).href() == href);
  CHECK((*again).origin() == url.origin());
  CHECK((*again).username() == url.username());
  CHECK((*again).password() == url.password());
  CHECK((*again).host() == url.host());
  CHECK((*again).path_and_query() == url.path_and_query());
  CHECK((*again).fragment() == url.fragment());
  CHECK((*again).has_opaque_path() == url.has_opaque_path());
}

}  // namespace

TEST_SUITE("Url") {
  TEST_CASE("a URL gives its parts") {
    const Url url = Parsed("HTTPS://me:s%65cret@Example.ORG:8080/a/b%20c?x=1&y#top");

    CHECK(url.href() == "https://me:s%65cret@example.org:8080/a/b%20c?x=1&y#top");
    CHECK(url.scheme() == "https");
    CHECK(url.username() == "me");
    CHECK(url.password() == "s%65cret");
    CHECK(url.hostname() == "example.org");
    CHECK(url.host() == "example.org:8080");
    CHECK(url.port() == 8080);
    CHECK(url.path() == "/a/b%20c");
    CHECK(url.query() == "x=1&y");
    CHECK(url.fragment() == "top");
    CHECK(url.path_and_query() == "/a/b%20c?x=1&y");
  }

  TEST_CASE("what is not there is empty, and told from what is there but empty") {
    const Url bare = Parsed("http://h");
    CHECK(bare.username().empty());
    CHECK(bare.password().empty());
    CHECK(bare.path() == "/");
    CHECK_FALSE(bare.has_query());
    CHECK_FALSE(bare.has_fragment());
    const Url empty = Parsed("http://h/?#");
    CHECK(empty.has_query());
    CHECK(empty.query().empty());
    CHECK(empty.has_fragment());
    CHECK(empty.fragment().empty());
    CHECK(empty.path_and_query() == "/?");
    CHECK_FALSE(bare == empty);
  }

  TEST_CASE("the port of the scheme is left out, and known all the same") {
    CHECK(Href("http://h:80/") == "http://h/");
    CHECK(Parsed("https://h:0443/").port() == std::nullopt);
    CHECK(Parsed("https://h").effective_port() == 443);
    CHECK(Parsed("http://h:443").effective_port() == 443);
    CHECK(Parsed("ftp://h").effective_port() == 21);
    CHECK(Parsed("foo://h").effective_port() == 0);
    CHECK(Parsed("foo://h:0").port() == 0);
    CHECK(Parsed("http://h:65535").port() == 65535);
    CHECK(Contains(Complaint("http://h:65536"), "port"));
    CHECK(Contains(Complaint("http://h:+80"), "port"));
  }

  TEST_CASE("credentials are encoded, and dropped when empty") {
    CHECK(Href("http://a@b@c/") == "http://a%40b@c/");
    CHECK(Href("http://u:p:q@h/") == "http://u:p%3Aq@h/");
    CHECK(Href("http://:@h/") == "http://h/");
    CHECK(Parsed("http://:p@h/").password() == "p");
    CHECK(Parsed("http://u:@h/").href() == "http://u@h/");
    CHECK_FALSE(Url::Parse("http://u:p@/").ok());
    CHECK_FALSE(Url::Parse("http://u@:80/").ok());
  }

  TEST_CASE("links resolve against the page they stand on") {
    constexpr std::string_view kPage = "https://example.org/shop/red?x=1#top";
    CHECK(Resolve("blue", kPage) == "https://example.org/shop/blue");
    CHECK(Resolve("../", kPage) == "https://example.org/");
    CHECK(Resolve("../../../up", kPage) == "https://example.org/up");
    CHECK(Resolve("/a", kPage) == "https://example.org/a");
    CHECK(Resolve("//b/a", kPage) == "https://b/a");
    CHECK(Resolve("?page=2", kPage) == "https://example.org/shop/red?page=2");
    CHECK(Resolve("#end", kPage) == "https://example.org/shop/red?x=1#end");
    CHECK(Resolve("", kPage) == "https://example.org/shop/red?x=1");
    CHECK(Resolve("http://other/", kPage) == "http://other/");
    CHECK(Resolve("https:blue", kPage) == "https://example.org/shop/blue");
    CHECK(Resolve("http:blue", kPage) == "http://blue/");
    CHECK(Resolve("\\a\\b", kPage) == "https://example.org/a/b");
    CHECK(Resolve("a:80/x", kPage) == "a:80/x");
  }

  TEST_CASE("a link keeps user, password and port of its page; one with a host does not") {
    CHECK(Resolve("b", "http://u:p@h:81/a") == "http://u:p@h:81/b");
    CHECK(Resolve("?q", "http://u:p@h:81/a?r") == "http://u:p@h:81/a?q");
    CHECK(Resolve("//i/", "http://u:p@h:81/a") == "http://i/");
    const auto url = Url::Parse("/c", Parsed("http://u:p@h:81/a"));
    REQUIRE(url.ok());
    CheckWellFormed(*url);
    CHECK((*url).port() == 81);
    CHECK((*url).password() == "p");
  }

  TEST_CASE("dots are resolved, also written %2e; more than two are a name") {
    CHECK(Href("http://h/a/./b/../c") == "http://h/a/c");
    CHECK(Href("http://h/a/%2E/b/.%2e") == "http://h/a/");
    CHECK(Href("http://h/a/..") == "http://h/");
    CHECK(Href("http://h/.../.a/..b") == "http://h/.../.a/..b");
    CHECK(Href("http://h/a//../b") == "http://h/a/b");
    CHECK(Href("http://h/%2e%2e%2") == "http://h/%2e%2e%2");
  }

  TEST_CASE("each part has its own characters to encode") {
    CHECK(Href("http://h/ \"<>`{}^|[]'") == "http://h/%20%22%3C%3E%60%7B%7D%5E|[]'");
    CHECK(Href("http://h/?\"<>`{}^|[]'") == "http://h/?%22%3C%3E`{}^|[]%27");
    CHECK(Href("foo://h/?'") == "foo://h/?'");
    CHECK(Href("http://h/#\"<>`{}^|[]'#") == "http://h/#%22%3C%3E%60{}^|[]'#");
    CHECK(Href("http://h/\xC3\xA9?\xC3\xA9#\xC3\xA9") == "http://h/%C3%A9?%C3%A9#%C3%A9");
    CHECK(Href("http://h/100%") == "http://h/100%");
    CHECK(Href("http://h/%zz%41") == "http://h/%zz%41");
  }

  TEST_CASE("space around a URL and line ends within it are dropped") {
    CHECK(Href(" \x01http://h/a b\x1F ") == "http://h/a%20b");
    CHECK(Href("ht\ntp://h\t/a\r\nb") == "http://h/ab");
    CHECK(Resolve(" \n ", "http://h/x#y") == "http://h/x");
  }

  TEST_CASE("bytes that are no UTF-8 count as U+FFFD") {
    CHECK(Href("http://h/\xFF") == "http://h/%EF%BF%BD");
    CHECK(Href("http://h/a\xE4\xBD/b") == "http://h/a%EF%BF%BD/b");
    CHECK(Href("http://h/?\xED\xA0\x80") == "http://h/?%EF%BF%BD%EF%BF%BD%EF%BF%BD");
    CHECK_FALSE(Url::Parse("http://h\xFF/").ok());
  }

  TEST_CASE("an opaque path carries a fragment and nothing else") {
    CHECK(Parsed("mailto:joe@example.org").has_opaque_path());
    CHECK(Parsed("mailto:joe@example.org").path() == "joe@example.org");
    CHECK_FALSE(Parsed("foo:/x").has_opaque_path());
    CHECK_FALSE(Parsed("foo://x").has_opaque_path());
    CHECK(Resolve("#b", "about:blank?q#a") == "about:blank?q#b");
    CHECK(Resolve("b", "mailto:x") == "failure");
    CHECK(Resolve("", "mailto:x") == "failure");
    CHECK(Href("foo:a b  ?q") == "foo:a b %20?q");
    CHECK(Href("foo:a b  ") == "foo:a b");
  }

  TEST_CASE("a path of two slashes never turns into a host") {
    const Url url = Parsed("foo:/a/..//b/c");
    CHECK(url.href() == "foo:/.//b/c");
    CHECK(url.path() == "//b/c");
    CHECK(url.host().empty());
    CheckWellFormed(url);
    CHECK(Resolve("d?e", "foo:/.//b/c") == "foo:/.//b/d?e");
    CHECK(Resolve("#f", "foo:/.//b/c?q") == "foo:/.//b/c?q#f");
  }

  TEST_CASE("file URLs keep their drive letter") {
    CHECK(Href("file:c|\\a\\..\\..\\b") == "file:///c:/b");
    CHECK(Href("file://C:/x") == "file:///C:/x");
    CHECK(Href("file://localhost/x") == "file:///x");
    CHECK(Href("file://srv/x") == "file://srv/x");
    CHECK(Resolve("/x", "file:///C:/a/b") == "file:///C:/x");
    CHECK(Resolve("D|", "file:///C:/a/b") == "file:///D:");
    CHECK(Resolve("../..", "file:///C:/a/b") == "file:///C:/");
    CHECK(Resolve("c|", "file:///C|x/a") == "file:///c:");
  }

  TEST_CASE("the origin is scheme, host and port, or null") {
    CHECK(Parsed("https://u:p@example.org:8080/x").origin() == "https://example.org:8080");
    CHECK(Parsed("http://example.org:80/x").origin() == "http://example.org");
    CHECK(Parsed("http://[::1]:81/").origin() == "http://[::1]:81");
    CHECK(Parsed("blob:https://a:443/id").origin() == "https://a");
    CHECK(Parsed("blob:blob:https://a/").origin() == "null");
    CHECK(Parsed("blob:ftp://a/").origin() == "null");
    CHECK(Parsed("file:///x").origin() == "null");
    CHECK(Parsed("foo://h").origin() == "null");
  }

  TEST_CASE("WithoutFragment() drops the fragment alone") {
    const Url url = Parsed("http://h/a?b#c");
    CHECK(url.WithoutFragment().href() == "http://h/a?b");
    CHECK_FALSE(url.WithoutFragment().has_fragment());
    CHECK(url.WithoutFragment().query() == "b");
    CHECK(url.WithoutFragment() == Parsed("http://h/a?b"));
    CHECK(Parsed("http://h/#").WithoutFragment().href() == "http://h/");
    CHECK(Parsed("http://h/").WithoutFragment().href() == "http://h/");
  }

  TEST_CASE("is_http() is true for http and https alone") {
    CHECK(Parsed("http://h").is_http());
    CHECK(Parsed("https://h").is_http());
    CHECK_FALSE(Parsed("httpx://h").is_http());
    CHECK_FALSE(Parsed("ftp://h").is_http());
  }
}

TEST_SUITE("Url, errors") {
  TEST_CASE("a complaint says what is wrong and with which URL") {
    CHECK(Complaint("foo/bar") ==
          "not an absolute URL: \"foo/bar\" (expected a scheme such as https://)");
    CHECK(Complaint("http://") == "not a valid URL: \"http://\" (the host is empty)");
    CHECK(Complaint("http://h:x/") ==
          "not a valid URL: \"http://h:x/\" (expected a port from 0 to 65535)");
    const auto link = Url::Parse("a", Parsed("mailto:x"));
    REQUIRE_FALSE(link.ok());
    CHECK(link.error().code == Errc::kInvalid);
    CHECK(link.error().detail ==
          "not a valid URL: \"a\" (only a #fragment can be resolved against \"mailto:x\")");
  }

  TEST_CASE("a complaint never shows a user name or a password") {
    for (const std::string_view input :
         {"http://bob:hunter2@h:x/", "//bob:hunter2@h", "bob:hunter2@h x://",
          "http:bob:hunter2@h:x", "http://bob:hun/hunter2@h/", "http://bob:#hunter2@h/",
          "HTTP:\\\\bob:hunter2@h:x\\", "ht\ntp://bo\nb:hun\tter2@h:x/", "foo://bob:hunter2@h h/",
          "http://bob@h:x/", "http://b@bob:hunter2@h:x/", " bob:hunter2@h/p",
          "http://bob:hunter2@"}) {
      const auto url = Url::Parse(input);
      if (url.ok()) continue;  // `bob:` is a scheme.
      CAPTURE(url.error().detail);
      CHECK_FALSE(Contains(url.error().detail, "hunter2"));
      CHECK_FALSE(Contains(url.error().detail, "bob"));
      CHECK(Contains(url.error().detail, "***@"));
    }
  }

  TEST_CASE("a complaint is one line of valid UTF-8, however long the URL") {
    std::string input = "http://h:x/\x01\x7F";
    for (int i = 0; i < 1000; ++i) input += "\xE2\x82\xAC";
    const std::string detail = Complaint(input);
    CHECK(detail.size() < 300);
    CHECK(Contains(detail, "\"http://h:x/\\x01\\x7F\xE2\x82\xAC"));
    CHECK(Contains(detail, "\xE2\x82\xAC\xE2\x80\xA6\" ("));
  }

  TEST_CASE("text of 64 MiB is refused as too large") {
    const auto url = Url::Parse("http://h/" + std::string(Url::kMaxInputBytes, 'a'));
    REQUIRE_FALSE(url.ok());
    CHECK(url.error().code == Errc::kTooLarge);
    CHECK(url.error().detail.size() < 300);
  }
}

TEST_SUITE("Url, any text") {
  TEST_CASE("whatever parses is well-formed and reads back as itself") {
    const std::vector<std::string> pieces = {
        "http:", "https://", "file:", "foo:",     "blob:",    "/",    "//",        "\\",
        "..",    ".",        "%2e",   "?",        "#",        "@",    ":",         "[",
        "]",     "::1",      "C|",    "c:",       "a",        "1.2",  "0x",        "xn--",
        " ",     "\t",       "%",     "%41",      "\xC3\xA9", "\xFF", "localhost", "80",
        "99999", "^",        "'",     "\xC2\xAD", "user",     "\x01"};
    std::mt19937 random(20260101);  // The same texts in each run.
    const auto pick = [&](std::size_t below) { return random() % below; };
    const std::vector<Url> bases = {Parsed("http://u:p@h:81/a/b?c#d"), Parsed("file:///C:/a/b"),
                                    Parsed("foo:/.//a/b?c"), Parsed("foo:opaque"),
                                    Parsed("foo://h")};
    int parsed = 0;
    for (int i = 0; i < 100'000; ++i) {
      std::string text;
      for (std::size_t n = 1 + pick(8); n > 0; --n) text += pieces[pick(pieces.size())];
      const auto url = i % 2 == 0 ? Url::Parse(text) : Url::Parse(text, bases[pick(bases.size())]);
      if (!url.ok()) continue;
      CAPTURE(text);
      CheckWellFormed(*url);
      ++parsed;
    }
    CHECK(parsed > 10'000);
  }
}
