#include "fetcher/archive/save_path.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

Hash128 Print() {
  Hash128 hash;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) hash.bytes[i] = static_cast<std::uint8_t>(i);
  return hash;
}

std::string Joined(const PathNames& names) {
  std::string path;
  for (const std::string& name : names) {
    CHECK(IsSafeName(name));
    path += (path.empty() ? "" : "/") + name;
  }
  return path;
}

// `pages/<value>.html`
std::string Of(const std::string& value) {
  return Joined(NamesOf({{false, "pages/"}, {true, value}, {false, ".html"}}, Print()));
}

std::string OfUrl(const std::string& url) {
  return Joined(NamesOfUrl(*Url::Parse(url), Print()));
}

}  // namespace

TEST_SUITE("save path") {
  TEST_CASE("a basename is the last part of a path, and whatever it is it stays a name") {
    const auto name_of = [](const char* url) {
      const std::string basename = BasenameOf(*Url::Parse(url));
      return Joined(NamesOf({{false, "output_"}, {true, basename}, {false, ".html"}}, Print()));
    };
    CHECK(name_of("http://x/a/b") == "output_b.html");
    CHECK(name_of("http://x/a/b%20c/?d=/e#f/g") == "output_b c.html");
    CHECK(name_of("http://x/a.pdf") == "output_a.pdf.html");
    CHECK(name_of("http://x/") == "output_00010203.html");
    CHECK(name_of("http://x//") == "output_00010203.html");
    CHECK(name_of("http://x/..%2F..%2Fetc%2Fpasswd%00%ff") == "output_.._.._etc_passwd__.html");
  }

  TEST_CASE("folders are the template's, values are names") {
    CHECK(Of("a") == "pages/a.html");
    CHECK(Of("Zoë Müller") == "pages/Zoë Müller.html");
    CHECK(Of("a/b\\c") == "pages/a_b_c.html");
  }

  TEST_CASE("no value leaves its folder, or is more than a name") {
    CHECK(Of("..") == "pages/_..html");
    CHECK(Of("../../etc/passwd") == "pages/_._.._etc_passwd.html");
    CHECK(Of("/etc/passwd") == "pages/_etc_passwd.html");
    CHECK(Of(std::string("a\0b", 3)) == "pages/a_b.html");
    CHECK(Of("a\n\x7f\u0085\x1b[31m") == "pages/a____[31m.html");
    CHECK(Of("\xff\xc0\xaf\xed\xa0\x80") == "pages/______.html");
    CHECK(Joined(NamesOf({{true, ".."}, {false, "/"}, {true, "."}}, Print())) == "_./_");
    CHECK(Joined(NamesOf({{false, "../a/./.names/"}, {true, "b"}}, Print())) == "_./a/_/_names/b");
  }

  TEST_CASE("what is empty gets 8 hex digits of the fingerprint") {
    CHECK(Of("") == "pages/00010203.html");
    CHECK(Joined(NamesOf({}, Print())) == "00010203");
    CHECK(Joined(NamesOf({{true, ""}, {false, "/"}, {true, ""}}, Print())) == "00010203/00010203");
  }

  TEST_CASE("a long name is cut between characters, and keeps its ending") {
    const std::string name = Of(std::string(199, 'a') + "éééééé");
    CHECK(name == "pages/" + std::string(195, 'a') + "-00010203.html");
    std::string wide;
    for (int i = 0; i < 150; ++i) wide += "é";
    CHECK(Of(wide).size() <= 6 + 200 + 9);
    CHECK(Of(wide).ends_with("é-00010203.html"));
  }

  TEST_CASE("of a URL: its host and path, index.html for a folder, the query behind") {
    CHECK(OfUrl("http://x.test/") == "x.test/index.html");
    CHECK(OfUrl("http://x.test:81/a/b.html") == "x.test:81/a/b.html");
    CHECK(OfUrl("http://x.test/a/?q=1/2") == "x.test/a/index.html@q=1_2");
    CHECK(OfUrl("http://x.test/..%2f..%2fetc") == "x.test/_.%2f..%2fetc");
    CHECK(OfUrl("http://x.test//a///b") == "x.test/a/b");
    std::string deep = "http://x.test";
    for (int i = 0; i < 1000; ++i) deep += "/a";
    CHECK(NamesOfUrl(*Url::Parse(deep), Print()).size() == 21);
  }
}
