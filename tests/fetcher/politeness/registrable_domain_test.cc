#include "fetcher/politeness/registrable_domain.h"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "lib/url/url.h"
#include "tests/support/corpora.h"

using namespace thresh;

namespace {

std::string Canonical(const std::string& name) {
  const Result<Url> url = Url::Parse("http://" + name + "/");
  return url ? std::string(url->hostname()) : std::string();
}

}  // namespace

TEST_SUITE("registrable domains") {
  TEST_CASE("every case of the list's own test") {
    const auto corpora = test::Corpora();
    if (corpora.empty()) return;
    std::istringstream lines(test::ReadFile(corpora / "conformance" / "psl" / "test_psl.txt"));
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("checkPublicSuffix('")) continue;
      const std::size_t end = line.find('\'', 19);
      const std::string name = line.substr(19, end - 19);
      std::string expected;
      if (const std::size_t begin = line.find('\'', end + 1); begin != std::string::npos) {
        expected = line.substr(begin + 1, line.find('\'', begin + 1) - begin - 1);
      }
      INFO(line);
      CHECK(RegistrableDomain(Canonical(name)) == (expected.empty() ? "" : Canonical(expected)));
      ++count;
    }
    CHECK(count >= 38);
  }

  TEST_CASE("addresses and odd names have none") {
    for (const char* name : {"127.0.0.1", "[::1]", "", ".", "localhost"}) {
      CHECK(RegistrableDomain(name).empty());
    }
    CHECK(RegistrableDomain("www.example.org.") == "example.org");
  }

  TEST_CASE("a host's name is what stands before its port") {
    CHECK(NameOfHost("example.org:8080") == "example.org");
    CHECK(NameOfHost("[::1]:80") == "[::1]");
    CHECK(NameOfHost("[::1]") == "[::1]");
    CHECK(NameOfHost("x") == "x");
    CHECK(IsAddress("10.0.0.1"));
    CHECK_FALSE(IsAddress("1.example.org"));
  }
}
