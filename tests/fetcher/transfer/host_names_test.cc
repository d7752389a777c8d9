#include "fetcher/transfer/host_names.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/test_loop.h"

using thresh::CurlList;
using thresh::FetchJob;
using thresh::FetchRoute;
using thresh::HostNames;
using thresh::NameAnswer;
using thresh::NameCache;
using thresh::NeededName;

namespace {

// `name:port` for each, with `!` behind those of proxies.
std::string Needed(const std::string& url, const std::string& proxy = "") {
  FetchRoute route;
  route.proxy = proxy;
  const FetchJob job{.url = url, .route = std::make_shared<const FetchRoute>(std::move(route))};
  std::string text;
  for (const NeededName& needed : thresh::NeededNames(job)) {
    text += needed.name + ":" + needed.port + (needed.of_proxy ? "! " : " ");
  }
  return text;
}

std::vector<std::string> Lines(const CurlList& list) {
  std::vector<std::string> lines;
  for (const curl_slist* l = list.get(); l != nullptr; l = l->next) lines.emplace_back(l->data);
  return lines;
}

NameCache::Answer At(std::vector<std::string> addresses) {
  return std::make_shared<const NameAnswer>(
      NameAnswer{.addresses = std::move(addresses), .failure = ""});
}

}  // namespace

TEST_SUITE("HostNames") {
  TEST_CASE("a name is needed with its port, an address is not looked up") {
    CHECK(Needed("http://a.example/x") == "a.example:80 ");
    CHECK(Needed("https://a.example?q") == "a.example:443 ");
    CHECK(Needed("https://a.example:8443/@:9/") == "a.example:8443 ");
    CHECK(Needed("http://192.0.2.1:81/") == "");
    CHECK(Needed("http://[2001:db8::1]/") == "");
    CHECK(thresh::NeededNames({.url = "http://b.example/"}).size() == 1);
  }

  TEST_CASE("with a proxy it is the proxy's name, the host's too if the proxy wants an address") {
    CHECK(Needed("http://a.example/", "http://p.example:3128") == "p.example:3128! ");
    CHECK(Needed("http://a.example/", "http://user:word@p.example:3128") == "p.example:3128! ");
    CHECK(Needed("http://a.example/", "http://p.example") == "p.example:1080! ");
    CHECK(Needed("http://a.example/", "https://p.example") == "p.example:443! ");
    CHECK(Needed("http://a.example/", "socks5h://127.0.0.1:1080") == "");
    CHECK(Needed("http://a.example/", "socks5://127.0.0.1:1080") == "a.example:80 ");
    CHECK(Needed("http://a.example/", "socks5://p.example") == "p.example:1080! a.example:80 ");
  }

  TEST_CASE("libcurl is told all addresses of a name, IPv6 in brackets") {
    thresh::test::TestLoop loop;
    HostNames names(loop, &NameCache::AskSystem);
    const CurlList list = names.Entries({{"a.example", "80"}, {"b.example", "81"}},
                                        {At({"192.0.2.1", "2001:db8::1"}), At({"192.0.2.2"})});
    CHECK(Lines(list) == std::vector<std::string>{"a.example:80:192.0.2.1,[2001:db8::1]",
                                                  "b.example:81:192.0.2.2"});
  }

  TEST_CASE("what libcurl was told is taken back, oldest first, when there is much of it") {
    thresh::test::TestLoop loop;
    HostNames names(loop, &NameCache::AskSystem);
    for (int i = 0; i < 2'000; ++i) {
      CHECK(Lines(names.Entries({{"h" + std::to_string(i), "80"}}, {At({"192.0.2.1"})})).size() ==
            1);
    }
    CHECK(Lines(names.Entries({{"new", "80"}}, {At({"192.0.2.1"})})) ==
          std::vector<std::string>{"-h0:80", "new:80:192.0.2.1"});
    // Also where one of two names was the next to go.
    CHECK(Lines(names.Entries({{"h1", "80"}, {"newer", "80"}},
                              {At({"192.0.2.1"}), At({"192.0.2.2"})})) ==
          std::vector<std::string>{"-h1:80", "-h2:80", "h1:80:192.0.2.1", "newer:80:192.0.2.2"});
  }
}
