// PageMemory: where pages lie, and for how long.

#include "fetcher/dispatch/page_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <doctest/doctest.h>

using thresh::PageMemory;
using thresh::SharedBytes;

namespace {

constexpr std::size_t kBytes = 64 << 10;

struct Fixture {
  Fixture() {
    auto made = PageMemory::Create(kBytes);
    REQUIRE(made.ok());
    memory = std::move(*made);
    view =
        static_cast<const char*>(::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, memory->fd(), 0));
    REQUIRE(view != MAP_FAILED);
  }
  ~Fixture() { ::munmap(const_cast<char*>(view), kBytes); }
  [[nodiscard]] std::optional<std::uint64_t> Lend(std::uint64_t id, const std::string& body) const {
    return memory->Lend({id, 1}, SharedBytes(body));
  }
  [[nodiscard]] std::string At(std::uint64_t place, std::size_t bytes) const {
    return {view + place, bytes};
  }

  std::unique_ptr<PageMemory> memory;
  const char* view = nullptr;
};

}  // namespace

TEST_SUITE("PageMemory") {
  TEST_CASE_FIXTURE(Fixture, "the other end sees what was lent") {
    const auto one = Lend(1, "one");
    const auto two = Lend(2, "two");
    REQUIRE((one && two));
    CHECK(At(*one, 3) == "one");
    CHECK(At(*two, 3) == "two");
    CHECK(*two - *one >= 64);  // Of lines of their own.
  }

  TEST_CASE_FIXTURE(Fixture, "it is full when it is full, to the last byte") {
    CHECK(Lend(1, std::string(kBytes - 64, 'x')));
    CHECK_FALSE(Lend(2, std::string(65, 'y')));
    CHECK(Lend(3, std::string(64, 'z')));
    CHECK_FALSE(Lend(4, "w"));
    memory->Release({1, 1});
    CHECK_FALSE(Lend(5, std::string(kBytes - 63, 'v')));
    CHECK(Lend(5, std::string(kBytes - 64, 'v')) == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "a gap that is wide enough is filled first") {
    for (std::uint64_t id = 1; id <= 4; ++id) {
      CHECK(Lend(id, std::string(1000, 'x')) == (id - 1) * 1024);
    }
    memory->Release({2, 1});
    CHECK(Lend(5, std::string(1025, 'y')) == 4096);
    CHECK(Lend(6, std::string(1024, 'y')) == 1024);
    memory->Release({1, 7});  // Not that attempt.
    CHECK(Lend(7, "z") == 4096 + 1088);
    memory->ReleaseAll();
    CHECK(Lend(8, "z") == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "a body that arrived there is lent where it lies") {
    std::shared_ptr<char> room = memory->Take(1000);
    REQUIRE(room);
    std::fill_n(room.get(), 1000, 'x');
    const SharedBytes body(room, {room.get(), 1000});
    CHECK(memory->Has(body));
    CHECK_FALSE(memory->Has(SharedBytes("elsewhere")));
    CHECK(memory->Lend({1, 1}, body) == 0);
    CHECK(At(0, 1000) == std::string(1000, 'x'));
    CHECK(Lend(2, "beside it") == 1024);  // There is no copy.
  }

  TEST_CASE_FIXTURE(Fixture, "a place is free when neither the page nor the parser needs it") {
    std::shared_ptr<char> room = memory->Take(1000);
    SharedBytes body(room, {room.get(), 1000});
    room.reset();
    CHECK(memory->Lend({1, 1}, body) == 0);
    SUBCASE("the parser has read it first") {
      memory->Release({1, 1});
      CHECK(Lend(2, "beside it") == 1024);
      body = {};
    }
    SUBCASE("the page has ended first") {
      body = {};
      CHECK(Lend(2, "beside it") == 1024);
      memory->Release({1, 1});
    }
    CHECK(Lend(3, "in its place") == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "bodies that arrive leave some room to those that have to be copied") {
    CHECK_FALSE(memory->Take(kBytes / 4 * 3 + 1));
    const auto room = memory->Take(kBytes / 4 * 3);
    CHECK(room);
    CHECK_FALSE(memory->Take(1));
    CHECK(Lend(1, std::string(kBytes / 4, 'x')));
  }

  TEST_CASE_FIXTURE(Fixture, "a page outlives its parser") {
    const std::shared_ptr<char> room = memory->Take(1000);
    *room = 'x';
    memory->Close();
    CHECK_FALSE(memory->Take(1));
    CHECK_FALSE(Lend(1, "y"));
    memory.reset();
    CHECK(*room == 'x');
  }
}
