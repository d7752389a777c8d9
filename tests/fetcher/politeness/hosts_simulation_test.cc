// Two fetch loops of half an hour each, in a time that only they move: no host is asked faster
// than its limits, and none starves. The hosts' queues are the frontier's own.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/frontier/host_windows.h"
#include "fetcher/politeness/hosts.h"

using namespace std::chrono_literals;
using namespace thresh;
using std::chrono::milliseconds;
using Time = Hosts::Time;

namespace {

constexpr auto kHalfHour = 30min;
const Time kBegin{1000s};

// A server: what it is like, and what the loop did to it.
struct Server {
  HostLimits limits;
  std::function<HostAnswer(Server&, Time)> answer = [](Server& s, Time) {
    return HostAnswer{.status = 200, .latency = s.latency};
  };
  milliseconds latency{50};

  std::vector<Time> starts;
  int in_flight = 0, most_in_flight = 0, ok = 0;
  Time closed_until{};  // It has said so.
  int asked_while_closed = 0;
};

class Loop {
 public:
  explicit Loop(std::size_t max_in_flight, std::uint64_t seed)
      : max_in_flight_(max_in_flight), hosts_(HealthOptions{}, seed), random_(seed) {}

  Server& Add(const std::string& name, Server server) {
    Server& added = servers_.emplace(name, std::move(server)).first->second;
    for (int i = 0; i < 9; ++i) OfferTask(name);  // More than may go at once.
    return added;
  }
  std::map<std::string, Server>& servers() { return servers_; }
  std::uint64_t Random(std::uint64_t below) { return random_() % below; }

  void Run() {
    for (now_ = kBegin; now_ < kBegin + kHalfHour;) {
      StartFetches();
      Time next = std::min(windows_.NextDue(), hosts_.NextReady());
      if (!ends_.empty()) next = std::min(next, ends_.begin()->first);
      if (flights_.size() >= max_in_flight_) next = ends_.begin()->first;
      REQUIRE(next > now_);  // Else the loop would spin.
      now_ = next;
      while (!ends_.empty() && ends_.begin()->first <= now_) {
        EndFlight(ends_.extract(ends_.begin()).mapped());
      }
    }
  }

 private:
  struct Flight {
    Hosts::Slot slot;
    Held held;
    HostAnswer answer;
  };

  void OfferTask(const std::string& host) {
    Held held;
    held.task.id = next_id_++;
    held.task.seed.host = host;
    held.task.seed.root = root_;
    held.place.host = HostHash(host);
    windows_.Offer(std::move(held));
  }

  void StartFetches() {
    const HostGate gate = [this](const Task& head) {
      const auto verdict =
          hosts_.MayStart(head.seed.host, servers_.at(head.seed.host).limits, now_);
      return HostVerdict{verdict.may_start(), verdict.ask_again};
    };
    while (flights_.size() < max_in_flight_) {
      if (auto held = windows_.Take(now_, 0, gate)) {
        StartFlight(std::move(*held));
      } else if (const auto ready = hosts_.TakeReady(now_)) {
        windows_.Wake(HostHash(*ready));
      } else {
        return;
      }
    }
  }

  void StartFlight(Held held) {
    const std::string name = held.task.seed.host;
    Server& server = servers_.at(name);
    server.starts.push_back(now_);
    server.most_in_flight = std::max(server.most_in_flight, ++server.in_flight);
    server.asked_while_closed += now_ < server.closed_until ? 1 : 0;
    const HostAnswer answer = server.answer(server, now_);
    const Time ends = now_ + std::max(server.latency, 1ms);
    const std::uint64_t id = next_flight_++;
    flights_.emplace(id,
                     Flight{hosts_.Started(name, server.limits, now_), std::move(held), answer});
    ends_.emplace(ends, id);
  }

  void EndFlight(std::uint64_t id) {
    const Flight flight = std::move(flights_.extract(id).mapped());
    const std::string& name = flight.slot.host;
    Server& server = servers_.at(name);
    --server.in_flight;
    server.ok += flight.answer.status == 200 ? 1 : 0;
    if (flight.answer.retry_after) server.closed_until = now_ + *flight.answer.retry_after;
    hosts_.Ended(flight.slot, flight.answer, now_);
    OfferTask(name);
    windows_.Wake(HostHash(name));
  }

  const std::shared_ptr<const Root> root_ = std::make_shared<const Root>();
  const std::size_t max_in_flight_;
  Hosts hosts_;
  std::mt19937_64 random_;
  Time now_ = kBegin;
  HostWindows windows_{{.hosts = 65'536, .tasks = 1 << 20, .bytes = std::size_t{1} << 30},
                       true,
                       [](Held, SteadyTime) {}};
  std::map<std::string, Server> servers_;
  std::map<std::uint64_t, Flight> flights_;
  std::multimap<Time, std::uint64_t> ends_;
  TaskId next_id_ = 1;
  std::uint64_t next_flight_ = 1;
};

milliseconds Gap(Time from, Time to) {
  return std::chrono::duration_cast<milliseconds>(to - from);
}

milliseconds ShortestGap(std::vector<Time> starts) {
  std::sort(starts.begin(), starts.end());
  milliseconds shortest = kHalfHour;
  for (std::size_t i = 1; i < starts.size(); ++i) {
    shortest = std::min(shortest, Gap(starts[i - 1], starts[i]));
  }
  return shortest;
}

// From the beginning to the first, between two, from the last to the end.
milliseconds LongestGap(const Server& server) {
  Time last = kBegin;
  milliseconds longest{0};
  for (const Time start : server.starts) {
    longest = std::max(longest, Gap(last, start));
    last = start;
  }
  return std::max(longest, Gap(last, kBegin + kHalfHour));
}

}  // namespace

TEST_SUITE("half an hour of politeness") {
  TEST_CASE("one loop: hosts of all kinds") {
    Loop loop(5'000, 11);
    for (int i = 0; i < 300; ++i) {
      const milliseconds delays[] = {0ms, 400ms, 1'000ms, 7'300ms, 60'000ms};
      const milliseconds latencies[] = {400ms, 1'100ms, 2'000ms, 5'000ms};
      loop.Add("h" + std::to_string(i) + ".example" + std::to_string(i) + ".org",
               {.limits = {.at_once = static_cast<std::int64_t>(1 + loop.Random(8)),
                           .delay = delays[loop.Random(5)]},
                .latency = latencies[loop.Random(4)]});
    }
    // Some say now and then that they want to be left alone.
    for (int i = 0; i < 30; ++i) {
      Server server{.limits = {.at_once = 4, .delay = 500ms}};
      server.answer = [&loop](Server& s, Time) {
        if (loop.Random(50) != 0) return HostAnswer{.status = 200, .latency = s.latency};
        return HostAnswer{.status = 429, .latency = s.latency, .retry_after = 20s};
      };
      loop.Add("retry" + std::to_string(i) + ".net", server);
    }
    // Some do not answer at all, or not for ten minutes.
    for (int i = 0; i < 20; ++i) {
      Server server{.limits = {.at_once = 8}, .latency = 2'000ms};
      const bool comes_back = i % 2 == 0;
      server.answer = [comes_back](Server& s, Time now) {
        const bool down = now > kBegin + 5min && (!comes_back || now < kBegin + 7min);
        if (down) return HostAnswer{.no_answer = true};
        return HostAnswer{.status = 200, .latency = s.latency};
      };
      loop.Add("down" + std::to_string(i) + ".net", server);
    }
    // A domain of forty hosts, an address of forty more.
    for (int i = 0; i < 40; ++i) {
      const HostLimits limits{.at_once = 3, .delay = 200ms, .count_by = CountBy::kDomain};
      loop.Add("www" + std::to_string(i) + ".family.co.uk", {.limits = limits});
      Server server{.limits = {.at_once = 2, .delay = 500ms, .count_by = CountBy::kAddress}};
      server.answer = [](Server& s, Time) {
        return HostAnswer{.status = 200, .latency = s.latency, .address = "192.0.2.7"};
      };
      loop.Add("ip" + std::to_string(i) + ".net", server);
    }
    loop.Run();

    std::vector<Time> family, address;
    for (const auto& [name, server] : loop.servers()) {
      INFO(name, " ", server.starts.size(), " requests");
      CHECK(server.most_in_flight <= server.limits.at_once);
      CHECK(ShortestGap(server.starts) >= server.limits.delay);
      CHECK(server.asked_while_closed <= server.limits.at_once);  // Those under way.
      REQUIRE(server.starts.size() >= 2);
      if (name.find(".family.") != std::string::npos) {
        family.insert(family.end(), server.starts.begin(), server.starts.end());
        CHECK(LongestGap(server) <= 40 * 200ms + 1s);  // One turn of the whole domain.
      } else if (name.starts_with("ip")) {
        // The first requests found out where the hosts are.
        address.insert(address.end(), server.starts.begin() + 1, server.starts.end());
        CHECK(LongestGap(server) <= 40 * 500ms + 1s);
      } else if (name.starts_with("retry")) {
        CHECK(LongestGap(server) <= 60s);
        CHECK(server.ok > 300);
      } else if (name.starts_with("down")) {
        // A dead host costs a request now and then; one that comes back is found soon.
        CHECK(server.starts.size() >
              1'000);  // 8 at once, 2 s each: 1,200 in the first five minutes.
      } else {
        const milliseconds round = std::max(server.limits.delay, server.latency);
        CHECK(LongestGap(server) <= round + 1s);
      }
    }
    CHECK(ShortestGap(family) >= 200ms);
    CHECK(ShortestGap(address) >= 500ms);
    CHECK(family.size() > 8'900);   // 30 min / 200 ms = 9,000: the limit is used.
    CHECK(address.size() > 3'500);  // 3,600.
    const Server& back = loop.servers().at("down0.net");
    const Server& gone = loop.servers().at("down1.net");
    const auto in_the_dark = [](const Server& s, Time from, Time to) {
      return std::count_if(s.starts.begin(), s.starts.end(),
                           [&](Time t) { return t >= from && t < to; });
    };
    CHECK(in_the_dark(gone, kBegin + 6min, kBegin + 30min) <= 8);
    CHECK(in_the_dark(back, kBegin + 8min + 30s, kBegin + 30min) > 2'000);
  }

  TEST_CASE("another loop: far more to ask than there are places, and most hosts are slow") {
    Loop loop(100, 12);
    // Each slow host may hold no more than its places, so that the quick ones have theirs.
    for (int i = 0; i < 40; ++i) {
      loop.Add("slow" + std::to_string(i) + ".org",
               {.limits = {.at_once = 2}, .latency = 30'000ms});
    }
    for (int i = 0; i < 400; ++i) {
      loop.Add("quick" + std::to_string(i) + ".org",
               {.limits = {.at_once = 8}, .latency = 200ms + milliseconds(loop.Random(300))});
    }
    loop.Run();
    std::size_t least = SIZE_MAX, most = 0, all = 0;
    for (const auto& [name, server] : loop.servers()) {
      INFO(name, " ", server.starts.size(), " requests");
      CHECK(server.most_in_flight <= server.limits.at_once);
      if (name.starts_with("slow")) {
        CHECK(server.starts.size() >= 100);  // 2 at once, 30 s each: 120 are all it can have.
        continue;
      }
      CHECK(LongestGap(server) <= 15s);  // 400 hosts share 20 places.
      least = std::min(least, server.starts.size());
      most = std::max(most, server.starts.size());
      all += server.starts.size();
    }
    // 20 places of about 350 ms each for half an hour are 100,000 requests, in equal parts.
    CHECK(all > 90'000);
    CHECK(static_cast<double>(least) > 0.9 * static_cast<double>(most));
  }
}
