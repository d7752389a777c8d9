#include "fetcher/dispatch/wait_queue.h"

#include <string>

#include <doctest/doctest.h>

using thresh::TaskId;
using thresh::WaitQueue;

namespace {

/// The ids handed out while pages of `unserved` find no place, as `1 2 `.
std::string Drain(WaitQueue& queue, TaskId unserved = 0, int at_most = 99) {
  std::string order;
  queue.Drain([&] { return at_most > 0; },
              [&](TaskId id) {
                if (id == unserved) return false;
                --at_most;
                order += std::to_string(id) + " ";
                return true;
              });
  return order;
}

}  // namespace

TEST_SUITE("WaitQueue") {
  TEST_CASE("hands out across recipes in the order of arrival, what was put in front first") {
    WaitQueue queue;
    queue.PushBack("a", 5);
    queue.PushBack("b", 3);
    queue.PushBack("a", 9);
    queue.PushFront("b", 2);
    queue.PushFront("a", 1);
    CHECK(Drain(queue) == "1 2 5 3 9 ");
    CHECK(queue.empty());
  }

  TEST_CASE("a page that finds no place keeps it, and holds up its recipe only") {
    WaitQueue queue;
    for (const TaskId id : {1, 3}) queue.PushBack("a", id);
    for (const TaskId id : {2, 4}) queue.PushBack("b", id);
    CHECK(Drain(queue, 1) == "2 4 ");
    CHECK(Drain(queue) == "1 3 ");
  }

  TEST_CASE("stops when told, and goes on from there") {
    WaitQueue queue;
    for (const TaskId id : {1, 2, 3}) queue.PushBack("a", id);
    CHECK(Drain(queue, 0, 2) == "1 2 ");
    CHECK(Drain(queue) == "3 ");
  }

  TEST_CASE("pages may be added while pages are handed out") {
    WaitQueue queue;
    queue.PushBack("a", 1);
    std::string order;
    queue.Drain([] { return true; },
                [&](TaskId id) {
                  if (id == 1) queue.PushFront("b", 2);
                  order += std::to_string(id);
                  return true;
                });
    CHECK(order == "12");
  }
}
