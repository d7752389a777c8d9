#include "lib/service/service.h"

#include <chrono>
#include <optional>

#include <doctest/doctest.h>

#include "tests/lib/service/manager_fixture.h"

using namespace thresh;

TEST_CASE("the manager hears that the process is ready once, with what it does") {
  FakeManager manager;
  LoopFixture f;
  {
    Service service(f.loop, [] { return "3 pages/s"; });
    CHECK(manager.Next() == "");
    service.Ready();
    service.Ready();
    CHECK(manager.Next() == "READY=1\nSTATUS=3 pages/s");
    CHECK(manager.Next() == "");
  }
}

TEST_CASE("a status is told when it changes, and not more than once a second") {
  FakeManager manager;
  LoopFixture f;
  {
    std::string status = "a";
    int asked = 0;
    Service service(f.loop, [&] {
      ++asked;
      return status;
    });
    service.Ready();
    CHECK(manager.Next() == "READY=1\nSTATUS=a");
    CHECK(f.TurnUntil([&] { return asked == 2; }));
    CHECK(manager.Next() == "");
    status = "b\nSTOPPING=1";
    const auto begin = std::chrono::steady_clock::now();
    CHECK(f.TurnUntil([&] { return manager.HasNext(); }));
    CHECK(manager.Next() == "STATUS=b STOPPING=1");
    CHECK(f.TurnUntil([&] { return asked == 5; }));
    CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(2500));
    CHECK(manager.Next() == "");
  }
}

TEST_CASE("a loop that turns feeds the watchdog twice in its time") {
  FakeManager manager(400);
  LoopFixture f;
  {
    Service service(f.loop, [] { return ""; });
    service.Ready();
    CHECK(manager.Next() == "READY=1\nSTATUS=");
    CHECK(manager.Next() == "WATCHDOG=1");
    for (int i = 0; i < 3; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      CHECK(f.TurnUntil([&] { return manager.HasNext(); }));
      CHECK(manager.Next() == "WATCHDOG=1");
      CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(350));
    }
  }
}

TEST_CASE("who is busy feeds it by itself, and no more often than is needed") {
  FakeManager manager(200);
  LoopFixture f;
  {
    Service service(f.loop, [] { return ""; });
    service.Beat();
    CHECK(manager.Next() == "WATCHDOG=1");
    for (int i = 0; i < 1000; ++i) service.Beat();
    CHECK(manager.All().size() <= 1);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
    while (std::chrono::steady_clock::now() < end) {
    }
    service.Beat();
    CHECK(manager.Next() == "WATCHDOG=1");
  }
}

TEST_CASE("a reload is told with the time it began, and its end") {
  FakeManager manager;
  LoopFixture f;
  {
    Service service(f.loop, [] { return "s"; });
    service.Ready();
    (void)manager.Next();
    service.Reloaded();
    CHECK(manager.Next() == "");  // Nothing was being reloaded.
    service.Reloading();
    const std::string message = manager.Next();
    CHECK(message.starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(std::stoull(message.substr(message.rfind('=') + 1)) > 0);
    service.Reloaded();
    CHECK(manager.Next() == "READY=1");
  }
}

TEST_CASE("after it said that it ends, a process tells no more status") {
  FakeManager manager(100);
  LoopFixture f;
  {
    int asked = 0;
    Service service(f.loop, [&] { return std::to_string(++asked); });
    service.Ready();
    (void)manager.All();
    service.Stopping();
    CHECK(manager.Next() == "STOPPING=1\nSTATUS=ending");
    CHECK(f.TurnUntil([&] { return manager.HasNext(); }));
    CHECK(manager.Next() == "WATCHDOG=1");  // Its loop is watched to the end.
    CHECK(asked == 1);
  }
}

TEST_CASE("without a manager nothing is done, and the loop has nothing to wait for") {
  LoopFixture f;
  Service service(f.loop, [] {
    FAIL("asked for a status that nobody reads");
    return "";
  });
  service.Ready();
  service.Reloading();
  service.Reloaded();
  service.Beat();
  service.Stopping();
  CHECK(uv_run(&f.loop, UV_RUN_DEFAULT) == 0);
}

TEST_CASE("another process's watchdog is not ours to feed") {
  FakeManager manager(100);
  ::setenv("WATCHDOG_PID", "1", 1);
  LoopFixture f;
  {
    Service service(f.loop, [] { return ""; });
    service.Ready();
    (void)manager.Next();
    service.Beat();
    CHECK(manager.Next() == "");
  }
}
