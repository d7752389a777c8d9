#include "fetcher/politeness/hosts.h"

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using thresh::CountBy;
using thresh::HealthOptions;
using thresh::HostAnswer;
using thresh::HostLimits;
using thresh::Hosts;
using Kind = Hosts::Verdict::Kind;
using Why = Hosts::Verdict::Why;

namespace {

constexpr std::int64_t kWallMs = 1'700'000'000'000;

// Hosts at a time that only Pass() moves.
struct Site {
  Hosts hosts{HealthOptions{}, 7};
  Hosts::Time now{100s};
  HostLimits limits;

  void Pass(std::chrono::milliseconds time) { now += time; }
  Hosts::Verdict Ask(const std::string& host = "h") { return hosts.MayStart(host, limits, now); }
  bool May(const std::string& host = "h") { return Ask(host).may_start(); }
  Hosts::Slot Start(const std::string& host = "h") { return hosts.Started(host, limits, now); }
  bool End(const Hosts::Slot& slot, HostAnswer answer = {.status = 200}) {
    return hosts.Ended(slot, answer, now);
  }
  bool Fetch(HostAnswer answer, const std::string& host = "h") { return End(Start(host), answer); }
  void FetchMany(int count, HostAnswer answer) {
    for (int i = 0; i < count; ++i) Fetch(answer);
  }
  // How many may start at once now.
  std::int64_t Room(const std::string& host = "h") {
    std::vector<Hosts::Slot> slots;
    while (slots.size() < 1000 && May(host)) slots.push_back(Start(host));
    for (const Hosts::Slot& slot : slots) hosts.Ended(slot, {.status = 200}, now);
    return static_cast<std::int64_t>(slots.size());
  }
  std::chrono::milliseconds Wait(const std::string& host = "h") {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Ask(host).ask_again - now);
  }
};

const HostAnswer kNoAnswer{.no_answer = true};

}  // namespace

TEST_SUITE("Hosts: at once, and one after the other") {
  TEST_CASE("a host takes as many requests at once as its limits say, others theirs") {
    Site site{.limits = {.at_once = 2}};
    const auto first = site.Start();
    site.Start();
    CHECK_FALSE(site.May());
    CHECK(site.Ask().ask_again == Hosts::Time::max());
    CHECK(site.Ask().why == Why::kAtOnce);
    CHECK(site.May("other"));
    site.End(first);
    CHECK(site.May());
  }

  TEST_CASE("the delay counts from the last start, and says when to ask again") {
    Site site{.limits = {.delay = 500ms}};
    site.Fetch({.status = 200});
    site.Pass(499ms);
    CHECK_FALSE(site.May());
    CHECK(site.Ask().why == Why::kDelay);
    CHECK(site.Wait() == 1ms);
    site.Pass(1ms);
    CHECK(site.May());
  }

  TEST_CASE("hosts that nothing is known of are forgotten, those at work are not") {
    Site site{.limits = {.delay = 10ms}};
    const auto slot = site.Start("busy");
    site.Fetch({.status = 429, .retry_after = 1h}, "held");
    for (int i = 0; i < 10'000; ++i, site.Pass(1ms)) site.Fetch({.status = 200}, std::to_string(i));
    CHECK(site.hosts.size() < 2'000);
    CHECK(site.hosts.in_flight("busy") == 1);
    CHECK_FALSE(site.May("held"));
    site.End(slot);
  }
}

TEST_SUITE("Hosts: after an earlier life") {
  TEST_CASE("each may have been asked at its end, and waits for its delay once") {
    Site site{.limits = {.delay = 500ms}};
    site.hosts.AskedBefore(site.now);
    CHECK(site.Ask().why == Why::kDelay);
    CHECK(site.Wait() == 500ms);
    site.Pass(499ms);
    CHECK_FALSE(site.May());
    site.Pass(1ms);
    CHECK(site.May());
    CHECK(site.May("a host that comes later"));
    site.Fetch({.status = 200});
    site.Pass(400ms);
    CHECK(site.Wait() == 100ms);
  }

  TEST_CASE("so do hosts that are counted together, and learnt pace counts too") {
    Site site{.limits = {.delay = 500ms, .count_by = CountBy::kDomain}};
    site.hosts.AskedBefore(site.now);
    CHECK_FALSE(site.May("a.x.org"));
    site.Pass(500ms);
    CHECK(site.May("a.x.org"));
    site.Fetch({.status = 200}, "a.x.org");
    CHECK_FALSE(site.May("b.x.org"));

    Site refused{.limits = {}};
    refused.Fetch({.status = 429});
    const std::string kept = refused.hosts.Save("h", refused.now, kWallMs);
    Site later{.now = Hosts::Time(500s), .limits = {}};
    later.hosts.AskedBefore(later.now);
    later.hosts.Restore("h", kept, later.now, kWallMs + 3'600'000);
    CHECK(later.Ask().why == Why::kDelay);
    CHECK(later.May("another"));
  }

  TEST_CASE("without a delay nobody waits") {
    Site site;
    site.hosts.AskedBefore(site.now);
    CHECK(site.May());
  }
}

TEST_SUITE("Hosts: counted together") {
  TEST_CASE("by registrable domain") {
    Site site{.limits = {.at_once = 1, .count_by = CountBy::kDomain}};
    const auto slot = site.Start("www.example.co.uk");
    CHECK_FALSE(site.May("shop.example.co.uk:8080"));
    CHECK(site.May("example2.co.uk"));
    CHECK(site.May("co.uk"));  // A public suffix is nobody's.
    site.End(slot);
    CHECK(site.hosts.TakeReady(site.now) == "shop.example.co.uk:8080");
    CHECK(site.May("shop.example.co.uk:8080"));
  }

  TEST_CASE("by address, as soon as it is known") {
    Site site{.limits = {.at_once = 1, .count_by = CountBy::kAddress}};
    site.Fetch({.status = 200, .address = "192.0.2.1"}, "a.org");
    site.Fetch({.status = 200, .address = "192.0.2.1"}, "b.org");
    site.Fetch({.status = 200, .address = "2001:db8::1"}, "c.org");
    const auto slot = site.Start("a.org");
    CHECK_FALSE(site.May("b.org"));
    CHECK_FALSE(site.May("192.0.2.1:81"));
    CHECK(site.May("c.org"));
    site.Start("c.org");
    CHECK_FALSE(site.May("[2001:db8::1]"));
    site.End(slot);
    CHECK(site.hosts.TakeReady(site.now) == "b.org");
  }

  TEST_CASE("by the address that was looked up, until an answer comes from another") {
    Site site{.limits = {.at_once = 1, .count_by = CountBy::kAddress}};
    CHECK(site.hosts.NeedsAddress("a.org"));
    CHECK_FALSE(site.hosts.NeedsAddress("192.0.2.1:80"));
    for (const char* host : {"a.org", "b.org"}) site.hosts.SetAddress(host, "192.0.2.1");
    CHECK_FALSE(site.hosts.NeedsAddress("a.org"));
    const auto slot = site.Start("a.org");
    CHECK_FALSE(site.May("b.org"));
    site.End(slot, {.status = 200, .address = "192.0.2.2"});
    const auto other = site.Start("a.org");
    CHECK(site.hosts.TakeReady(site.now) == "b.org");
    CHECK(site.May("b.org"));
    site.End(other, kNoAnswer);  // Its name is to be looked up again.
    CHECK(site.hosts.NeedsAddress("a.org"));
    site.hosts.SetAddress("c.org", "");
    CHECK_FALSE(site.hosts.NeedsAddress("c.org"));
    CHECK(site.May("c.org"));
  }

  TEST_CASE("the time between two starts is that of the group; who waits longest goes first") {
    Site site{.limits = {.delay = 100ms, .count_by = CountBy::kDomain}};
    site.Fetch({.status = 200}, "a.x.org");
    for (const char* host : {"b.x.org", "c.x.org", "d.x.org"}) CHECK_FALSE(site.May(host));
    CHECK(site.hosts.NextReady() == site.now + 100ms);
    CHECK_FALSE(site.hosts.TakeReady(site.now + 99ms));
    site.Pass(100ms);
    CHECK_FALSE(site.May("a.x.org"));  // The others were before it.
    CHECK(site.hosts.TakeReady(site.now) == "b.x.org");
    CHECK_FALSE(site.May("d.x.org"));
    CHECK(site.May("b.x.org"));
    site.Fetch({.status = 200}, "b.x.org");
    CHECK_FALSE(site.hosts.TakeReady(site.now));
    site.Pass(100ms);
    CHECK(site.hosts.TakeReady(site.now) == "c.x.org");
    // It has nothing to ask for any more: the next one is called.
    CHECK(site.hosts.TakeReady(site.now) == "d.x.org");
    CHECK(site.May("d.x.org"));
  }

  TEST_CASE("a line of many hosts costs each only its own turns") {
    Site site{.limits = {.at_once = 1, .count_by = CountBy::kDomain}};
    auto slot = site.Start("first.x.org");
    for (int i = 0; i < 5'000; ++i) CHECK_FALSE(site.May(std::to_string(i) + "a.x.org"));
    for (int i = 0; i < 5'000; ++i) {
      site.End(slot);
      const auto next = site.hosts.TakeReady(site.now);
      REQUIRE(next == std::to_string(i) + "a.x.org");
      REQUIRE(site.May(*next));
      slot = site.Start(*next);
      REQUIRE_FALSE(site.hosts.TakeReady(site.now));
    }
  }
}

TEST_SUITE("Hosts: asked to wait") {
  TEST_CASE("429 and 503 hold the whole host for longer and longer, never the same") {
    for (const long status : {429, 503}) {
      Site site{.limits = {.adaptive = false}};
      std::chrono::milliseconds least = 1s;
      std::set<std::int64_t> parts;
      for (int round = 0; round < 8; ++round, least *= 2) {
        CHECK(site.Fetch({.status = status}));
        CHECK(site.Ask().why == Why::kBackoff);
        CHECK(site.Wait() >= least);
        CHECK(site.Wait() <= least * 3 / 2);
        parts.insert(site.Wait() * 1000 / least);
        site.Pass(site.Wait());
        CHECK(site.May());
      }
      CHECK(parts.size() > 5);  // Jitter.
      site.Fetch({.status = 200});
      site.Fetch({.status = status});
      CHECK(site.Wait() <= 1500ms);  // It begins anew.
    }
  }

  TEST_CASE("answers to requests that were under way count as one") {
    Site site{.limits = {.adaptive = false}};
    std::vector<Hosts::Slot> slots;
    for (int i = 0; i < 8; ++i) slots.push_back(site.Start());
    for (const auto& slot : slots) site.End(slot, {.status = 503});
    CHECK(site.Wait() <= 1500ms);
  }

  TEST_CASE("Retry-After is waited for, up to a day") {
    Site site;
    site.Fetch({.status = 429, .retry_after = 120s});
    CHECK(site.Wait() == 120s);
    CHECK(site.May("other"));
    site.Fetch({.status = 503, .retry_after = 24h * 4000}, "never");
    CHECK(site.Wait("never") == 24h);
    site.Fetch({.status = 404, .retry_after = 5s}, "odd");
    CHECK(site.Wait("odd") == 5s);
    site.Fetch({.status = 200, .retry_after = 5s}, "fine");
    CHECK(site.May("fine"));
    site.Fetch({.status = 429, .retry_after = 0s}, "now");
    CHECK(site.Wait("now") >= 1s);
  }

  TEST_CASE("a refused host is asked more slowly afterwards, and at its old pace in time") {
    Site site;
    site.Fetch({.status = 429});
    site.Pass(site.Wait());
    site.Fetch({.status = 200});
    CHECK_FALSE(site.May());
    CHECK(site.Ask().why == Why::kDelay);
    const auto first = site.Wait();
    CHECK(first > 100ms);
    int asked = 0;
    for (; !site.May() && asked < 1'000; ++asked) {
      site.Pass(site.Wait());
      site.Fetch({.status = 200});
    }
    CHECK(asked > 20);
    CHECK(asked < 100);
  }

  TEST_CASE("who was told by other ways holds a host too") {
    Site site;
    site.hosts.HoldUntil("h", site.now + 3s, site.now);
    CHECK(site.Wait() == 3s);
    CHECK(site.hosts.HeldUntil("h", site.now) == site.now + 3s);
    CHECK_FALSE(site.hosts.HeldUntil("other", site.now));
  }
}

TEST_SUITE("Hosts: the circuit breaker") {
  TEST_CASE("after so many requests without an answer only a probe goes now and then") {
    Site site;
    site.FetchMany(9, kNoAnswer);
    CHECK(site.May());
    CHECK(site.Fetch(kNoAnswer));
    CHECK(site.Ask().why == Why::kBroken);
    std::chrono::milliseconds least = 5s;
    for (int probe = 0; probe < 5; ++probe, least *= 2) {
      CHECK(site.Wait() >= least);
      CHECK(site.Wait() <= least * 3 / 2);
      site.Pass(site.Wait());
      const auto slot = site.Start();
      CHECK(site.Ask().ask_again == Hosts::Time::max());  // One at a time.
      CHECK(site.End(slot, kNoAnswer));
    }
    CHECK(site.Ask().kind == Kind::kGivenUp);
    site.Pass(10min);
    CHECK(site.May());  // One more may find out.
    site.Fetch(kNoAnswer);
    CHECK(site.Ask().kind == Kind::kGivenUp);
    site.Pass(10min);
    site.Fetch({.status = 404});
    CHECK(site.May());
  }

  TEST_CASE("any answer closes it") {
    Site site{.limits = {.adaptive = false}};
    site.FetchMany(10, kNoAnswer);
    site.Pass(site.Wait());
    CHECK(site.Fetch({.status = 500}));
    CHECK(site.Room() == 8);
    site.FetchMany(9, kNoAnswer);
    site.Fetch({.status = 200});
    site.FetchMany(9, kNoAnswer);
    CHECK(site.May());  // Never ten in a row.
  }

  TEST_CASE("failures of requests that were under way are no probes") {
    Site site;
    std::vector<Hosts::Slot> slots;
    for (int i = 0; i < 8; ++i) slots.push_back(site.Start());
    site.FetchMany(10, kNoAnswer);
    for (const auto& slot : slots) site.End(slot, kNoAnswer);
    CHECK(site.Wait() <= 7500ms);
    CHECK(site.Ask().kind == Kind::kWait);
  }
}

TEST_SUITE("Hosts: adaptive") {
  // `rounds` times as many at once as it may, each answered after what the host needs.
  template <typename Latency>
  void Work(Site & site, int rounds, Latency latency, long status = 200) {
    for (int round = 0; round < rounds; ++round) {
      std::vector<Hosts::Slot> slots;
      while (site.May()) slots.push_back(site.Start());
      const std::chrono::milliseconds took = latency(slots.size());
      site.Pass(took);
      for (const auto& slot : slots) site.End(slot, {.status = status, .latency = took});
    }
  }

  TEST_CASE("a steady host gets all that its limits allow, quick or slow") {
    for (const auto latency : {1ms, 100ms, 3000ms}) {
      Site site{.limits = {.at_once = 100}};
      Work(site, 40, [&](std::size_t) { return latency; });
      CHECK(site.Room() == 100);
    }
  }

  TEST_CASE("a host that gets slow under the load is asked by fewer at once") {
    Site site{.limits = {.at_once = 64}};
    site.limits.at_once = 2;
    Work(site, 20, [](std::size_t n) { return std::chrono::milliseconds(50 * n); });
    site.limits.at_once = 64;
    Work(site, 60, [](std::size_t n) { return std::chrono::milliseconds(50 * n); });
    CHECK(site.Room() < 40);
    CHECK(site.Ask().may_start());
  }

  TEST_CASE("a host whose pages are just slower than others is not slowed for good") {
    Site site{.limits = {.at_once = 8}};
    Work(site, 20, [](std::size_t) { return 2ms; });
    Work(site, 60, [](std::size_t) { return 2000ms; });
    CHECK(site.Room() == 8);
  }

  TEST_CASE("one page that fails changes nothing, many do; good answers bring it back") {
    Site site{.limits = {.at_once = 16}};
    Work(site, 5, [](std::size_t) { return 10ms; });
    site.Fetch({.status = 500});
    CHECK(site.Room() == 16);
    Work(
        site, 3, [](std::size_t) { return 10ms; }, 500);
    CHECK(site.Room() <= 4);
    CHECK(site.Room() >= 1);
    Work(site, 60, [](std::size_t) { return 10ms; });
    CHECK(site.Room() == 16);
  }

  TEST_CASE("it can be turned off") {
    Site site{.limits = {.at_once = 16, .adaptive = false}};
    Work(
        site, 5, [](std::size_t) { return 10ms; }, 500);
    CHECK(site.Room() == 16);
  }
}

TEST_SUITE("Hosts: over a restart") {
  TEST_CASE("backoff, learnt pace and broken circuits are taken along") {
    Site site;
    site.Fetch({.status = 429, .retry_after = 60s});
    for (int i = 0; i < 10; ++i) site.Fetch(kNoAnswer, "dead");
    const std::string held = site.hosts.Save("h", site.now, kWallMs);
    const std::string dead = site.hosts.Save("dead", site.now, kWallMs);

    Site later{.now = Hosts::Time{5s}};  // Another machine's uptime.
    later.hosts.Restore("h", held, later.now, kWallMs + 20'000);
    later.hosts.Restore("dead", dead, later.now, kWallMs + 1'000);
    CHECK(later.Wait() == 40s);
    CHECK(later.Ask("dead").why == Why::kBroken);
    CHECK(later.Wait("dead") == site.Wait("dead") - 1s);
    later.Pass(40s);
    later.Fetch({.status = 200});
    CHECK(later.Ask().why == Why::kDelay);
  }

  TEST_CASE("nothing known is nothing kept") {
    Site site;
    CHECK(site.hosts.Save("h", site.now, kWallMs).empty());
    site.Fetch({.status = 200});
    CHECK(site.hosts.Save("h", site.now, kWallMs).empty());
  }

  TEST_CASE("damaged bytes, and clocks set back, hold nobody for ever") {
    Site site;
    site.Fetch({.status = 429, .retry_after = 60s});
    const std::string held = site.hosts.Save("h", site.now, kWallMs);
    for (std::size_t length = 0; length < held.size(); ++length) {
      Site later;
      later.hosts.Restore("h", held.substr(0, length), later.now, 0);
      CHECK((later.May() || later.Wait() <= 24h));
    }
    Site later;
    later.hosts.Restore("h", "1 9 99999999999999999999 99999999999 7 -4 -1 -1 -1", later.now,
                        kWallMs);
    later.hosts.Restore("h", "x", later.now, kWallMs);
    CHECK((later.May() || later.Wait() <= 24h));
  }
}
