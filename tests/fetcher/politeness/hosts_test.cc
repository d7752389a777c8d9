#include "fetcher/politeness/hosts.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using thresh::Hosts;

TEST_SUITE("Hosts") {
  TEST_CASE("a host takes per_host requests at once, and one more when one has ended") {
    Hosts hosts;
    const Hosts::Time now{100s};
    for (int i = 0; i < 2; ++i) {
      CHECK(hosts.MayStart("h", 2, 0ms, now).may_start);
      hosts.Started("h", now);
    }
    CHECK_FALSE(hosts.MayStart("h", 2, 0ms, now).may_start);
    CHECK(hosts.MayStart("h", 2, 0ms, now).ask_again == Hosts::Time::max());
    CHECK(hosts.MayStart("other", 2, 0ms, now).may_start);
    hosts.Ended("h");
    CHECK(hosts.MayStart("h", 2, 0ms, now).may_start);
  }

  TEST_CASE("the delay counts from the last start, and says when to ask again") {
    Hosts hosts;
    const Hosts::Time now{100s};
    CHECK(hosts.MayStart("h", 8, 500ms, now).may_start);
    hosts.Started("h", now);
    hosts.Ended("h");

    CHECK_FALSE(hosts.MayStart("h", 8, 500ms, now + 499ms).may_start);
    CHECK(hosts.MayStart("h", 8, 500ms, now + 499ms).ask_again == now + 500ms);
    CHECK(hosts.MayStart("h", 8, 500ms, now + 500ms).may_start);
  }
}
