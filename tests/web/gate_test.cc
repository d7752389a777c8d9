#include "web/gate.h"

#include <doctest/doctest.h>

namespace thresh {
namespace {

std::string Get(const Gate& gate, std::string_view host) {
  return gate.Refusal({.method = "GET", .host = host});
}

std::string Post(std::string_view origin, std::string_view site = {}) {
  const Gate gate("127.0.0.1:8765", {});
  return gate.Refusal(
      {.method = "POST", .host = "localhost:8765", .origin = origin, .fetch_site = site});
}

TEST_CASE("only names of this machine lead in") {
  const Gate gate("127.0.0.1:8765", {"crawl.example"});
  for (const char* host : {"localhost", "localhost:8765", "LOCALHOST.:1", "127.0.0.1:8765",
                           "[::1]:9", "crawl.example", "Crawl.Example:80"}) {
    CHECK(Get(gate, host).empty());
  }
  for (const char* host :
       {"", "evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.evil.example",
        "127.0.0.2", "[::2]", "[::1", "localhost@evil.example"}) {
    INFO(host);
    CHECK(!Get(gate, host).empty());
  }
  CHECK(!gate.Refusal({.method = "GET", .host = "localhost", .hosts = 2}).empty());
  CHECK(!gate.Refusal({.method = "GET", .host = "localhost", .hosts = 0}).empty());
}

TEST_CASE("an address that stands for all is no name") {
  CHECK(!Get(Gate("0.0.0.0:80", {}), "0.0.0.0").empty());
  CHECK(Get(Gate("192.168.1.5:80", {}), "192.168.1.5").empty());
  CHECK(Get(Gate("[fd00::1]:80", {}), "[fd00::1]:80").empty());
}

TEST_CASE("a POST of another site is refused") {
  CHECK(Post("").empty());
  CHECK(Post("http://localhost:8765").empty());
  CHECK(Post("http://localhost:8765", "same-origin").empty());
  CHECK(!Post("http://evil.example").empty());
  CHECK(!Post("http://localhost:9999").empty());
  CHECK(!Post("null").empty());
  CHECK(!Post("", "cross-site").empty());
  CHECK(!Post("", "same-site").empty());
  CHECK(!Post("http://localhost:8765", "cross-site").empty());
}

TEST_CASE("other methods are refused") {
  const Gate gate("127.0.0.1:8765", {});
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"}) {
    CHECK(!gate.Refusal({.method = method, .host = "localhost"}).empty());
  }
}

TEST_CASE("a secret is the same or not") {
  CHECK(SameSecret("Bearer abc", "Bearer abc"));
  CHECK(!SameSecret("Bearer abd", "Bearer abc"));
  CHECK(!SameSecret("Bearer ab", "Bearer abc"));
  CHECK(!SameSecret("", "Bearer abc"));
}

}  // namespace
}  // namespace thresh
