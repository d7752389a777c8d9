#include "lib/service/patience.h"

#include <chrono>

#include <doctest/doctest.h>

#include "tests/lib/service/manager_fixture.h"

using namespace thresh;

TEST_CASE("a start that works asks for more time, though its loop does not turn") {
  FakeManager manager;
  LoopFixture f;
  {
    const Patience patience(f.loop, "reading the journal");
    volatile std::uint64_t work = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!manager.HasNext() && std::chrono::steady_clock::now() < end) work = work + 1;
    CHECK(manager.Next() == "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=reading the journal");
  }
}

TEST_CASE("a start that hangs does not") {
  FakeManager manager;
  LoopFixture f;
  {
    const Patience patience(f.loop, "reading the journal");
    CHECK(manager.Next(2500) == "");
  }
}

TEST_CASE("a start that is quick says nothing, and waits for nothing") {
  FakeManager manager;
  LoopFixture f;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) const Patience patience(f.loop, "reading the journal");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(manager.Next() == "");
}
