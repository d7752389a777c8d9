#include "cli/run/restart_policy.h"

#include <csignal>

#include <doctest/doctest.h>

#include "lib/base/exit_codes.h"

using namespace thresh;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kAtOnce{10};
constexpr milliseconds kLater{60'000};

Death Killed(milliseconds age) {
  return {.status = 128 + SIGKILL, .program = "thresh-sink", .age = age};
}
Death Ended(int status, std::string said, milliseconds age = kAtOnce) {
  return {.status = status, .program = "thresh-sink", .said = std::move(said), .age = age};
}

}  // namespace

TEST_SUITE("RestartPolicy") {
  TEST_CASE("a process that was killed is started again at once") {
    RestartPolicy policy;
    CHECK(policy.PauseAfter(Killed(kLater)) == milliseconds(0));
    CHECK(policy.PauseAfter(Killed(kAtOnce)) == milliseconds(0));
  }

  TEST_CASE("one that dies again and again at once is started after growing pauses, for ever") {
    RestartPolicy policy;
    milliseconds last{-1};
    for (int i = 0; i < 100; ++i) {
      const auto pause = policy.PauseAfter(Killed(kAtOnce));
      REQUIRE(pause.has_value());
      CHECK(*pause >= last);
      last = *pause;
    }
    CHECK(last == milliseconds(2000));
    CHECK(policy.PauseAfter(Killed(kLater)) == milliseconds(0));
  }

  TEST_CASE("what a process says itself when it cannot start ends it for good") {
    constexpr int kShells[] = {126, 127};  // No program; not found.
    for (const int status : kShells)
      CHECK_FALSE(RestartPolicy().PauseAfter(Ended(status, "")).has_value());
    for (const int status : {kExitUsage, kExitBadInput, kExitCannotWrite}) {
      CHECK_FALSE(RestartPolicy().PauseAfter(Ended(status, "")).has_value());
    }
    CHECK_FALSE(RestartPolicy()
                    .PauseAfter(Ended(kExitInternal, "<6>a.b\nthresh-sink: cannot bind\n"))
                    .has_value());
  }

  TEST_CASE("an internal error while at work is tried again, but not for ever") {
    RestartPolicy policy;
    const std::string said = "<3>journal.failed why=\"input/output error\"\n";
    for (int i = 0; i < 4; ++i) CHECK(policy.PauseAfter(Ended(kExitInternal, said)).has_value());
    CHECK_FALSE(policy.PauseAfter(Ended(kExitInternal, said)).has_value());
    RestartPolicy patient;
    for (int i = 0; i < 20; ++i) {
      CHECK(patient.PauseAfter(Ended(kExitInternal, said, kLater)).has_value());
    }
  }

  TEST_CASE("a folder still locked by a process on its way out is waited for some seconds") {
    RestartPolicy policy;
    const Death locked = Ended(kExitNoPeer, "thresh-sink: a sink is at work here, pid 7\n");
    milliseconds waited{0};
    for (auto pause = policy.PauseAfter(locked); pause; pause = policy.PauseAfter(locked)) {
      waited += *pause;
      REQUIRE(waited < milliseconds(60'000));
    }
    CHECK(waited >= milliseconds(2000));
  }

  TEST_CASE("a program that never worked is given up, one that did is not") {
    RestartPolicy policy, worked;
    Death death = Killed(kAtOnce);
    death.kind_has_worked = false;
    int starts = 0;
    while (starts < 1000 && policy.PauseAfter(death)) ++starts;
    CHECK(starts == 19);
    death.kind_has_worked = true;
    for (int i = 0; i < 1000; ++i) REQUIRE(worked.PauseAfter(death).has_value());
  }

  TEST_CASE("an assertion that fails says a line like a start that fails, and is none") {
    RestartPolicy policy;
    CHECK(policy.PauseAfter(Ended(128 + SIGABRT, "thresh-sink: a.h:1: Assertion `x' failed.\n")) ==
          milliseconds(0));
  }

  TEST_CASE("what lacks room to start is tried again for ever") {
    RestartPolicy policy;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(policy.PauseAfter(Ended(kExitTryAgain, "thresh-sink: disk full\n")).has_value());
    }
    Death others = Ended(kExitTryAgain, "mail: try again\n");  // Of a parser of somebody's own.
    others.kind_has_worked = false;
    int tried = 0;
    while (policy.PauseAfter(others) && tried < 1000) ++tried;
    CHECK(tried < 100);
  }
}
