#include "fetcher/transfer/name_cache.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/test_loop.h"

using namespace std::chrono_literals;
using thresh::NameAnswer;
using thresh::NameCache;
using thresh::NameCacheOptions;

namespace {

// A resolver that answers when the test says so, and a clock that stands still.
struct NameFixture {
  void Start(NameCacheOptions options = {}) {
    cache = std::make_unique<NameCache>(
        loop, options,
        [this](uv_loop_t&, const std::string& name, NameCache::FoundFn found) {
          asked.emplace_back(name, std::move(found));
        },
        [this] { return now; });
  }
  void LookUp(const std::string& name) {
    cache->LookUp(name, [this, name](const NameCache::Answer& answer) {
      answers.push_back(name + "=" + (answer->addresses.empty() ? "?" : answer->addresses.front()));
    });
  }
  void Answer(NameAnswer answer) {
    auto next = std::move(asked.front());
    asked.erase(asked.begin());
    next.second(std::make_shared<const NameAnswer>(std::move(answer)));
  }
  void Learn(const std::string& name) {
    LookUp(name);
    Answer({.addresses = {"192.0.2.1"}, .failure = ""});
  }

  thresh::test::TestLoop loop;
  std::chrono::steady_clock::time_point now{1h};
  std::vector<std::pair<std::string, NameCache::FoundFn>> asked;
  std::vector<std::string> answers;
  std::unique_ptr<NameCache> cache;
};

}  // namespace

TEST_SUITE("NameCache") {
  TEST_CASE_FIXTURE(NameFixture, "all who wait for a name share one look-up") {
    Start();
    for (int i = 0; i < 3; ++i) LookUp("a");
    CHECK(asked.size() == 1);
    CHECK_FALSE(cache->Known("a"));
    Answer({.addresses = {"192.0.2.1", "2001:db8::1"}, .failure = ""});
    CHECK(answers == std::vector<std::string>{"a=192.0.2.1", "a=192.0.2.1", "a=192.0.2.1"});
    CHECK(cache->Known("a")->addresses.size() == 2);
  }

  TEST_CASE_FIXTURE(NameFixture,
                    "an answer holds for its lifetime, that there is none for a short one") {
    Start({.found_lifetime = 10s, .missing_lifetime = 2s});
    Learn("a");
    LookUp("b");
    Answer({.failure = "no such name"});
    now += 1999ms;
    CHECK(cache->Known("a"));
    CHECK(cache->Known("b")->failure == "no such name");
    now += 1ms;
    CHECK_FALSE(cache->Known("b"));
    now += 8s;
    CHECK_FALSE(cache->Known("a"));
    Learn("a");
    CHECK(cache->Known("a"));
    CHECK(cache->size() == 2);
  }

  TEST_CASE_FIXTURE(NameFixture, "a resolver that cannot tell is asked again") {
    Start();
    LookUp("a");
    Answer({.failure = "try again", .may_pass = true});
    CHECK(answers == std::vector<std::string>{"a=?"});
    CHECK_FALSE(cache->Known("a"));
    CHECK(cache->size() == 0);
  }

  TEST_CASE_FIXTURE(NameFixture, "of too many names that used least lately is forgotten") {
    Start({.max_names = 2});
    Learn("a");
    Learn("b");
    CHECK(cache->Known("a"));
    Learn("c");
    CHECK(cache->size() == 2);
    CHECK(cache->Known("a"));
    CHECK_FALSE(cache->Known("b"));
  }

  TEST_CASE_FIXTURE(NameFixture, "an answer that comes after its end reaches nobody") {
    Start();
    LookUp("a");
    cache.reset();
    Answer({.addresses = {"192.0.2.1"}, .failure = ""});
    CHECK(answers.empty());
  }

  TEST_CASE_FIXTURE(NameFixture, "who waits may look up the next name at once") {
    Start();
    cache->LookUp("a", [this](const NameCache::Answer&) { LookUp("a"); });
    Answer({.failure = "try again", .may_pass = true});
    CHECK(asked.size() == 1);
    Answer({.addresses = {"192.0.2.1"}, .failure = ""});
    CHECK(answers == std::vector<std::string>{"a=192.0.2.1"});
  }

  TEST_CASE("the system knows localhost") {
    thresh::test::TestLoop loop;
    NameCache cache(loop);
    NameCache::Answer found;
    cache.LookUp("localhost", [&found](const NameCache::Answer& a) { found = a; });
    REQUIRE(loop.RunUntil([&] { return found != nullptr; }));
    REQUIRE_FALSE(found->addresses.empty());
    const std::string& address = found->addresses.front();
    CHECK((address == "127.0.0.1" || address == "::1"));
  }
}
