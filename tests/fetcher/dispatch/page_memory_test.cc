// PageMemory: where pages lie, and for how long.

#include "fetcher/dispatch/page_memory.h"

#include <sys/mman.h>

#include <string>

#include <doctest/doctest.h>

using thresh::PageMemory;

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
  [[nodiscard]] std::string At(std::uint64_t place, std::size_t bytes) const {
    return {view + place, bytes};
  }

  std::unique_ptr<PageMemory> memory;
  const char* view = nullptr;
};

}  // namespace

TEST_SUITE("PageMemory") {
  TEST_CASE_FIXTURE(Fixture, "the other end sees what was put") {
    const auto one = memory->Put({1, 1}, "one");
    const auto two = memory->Put({2, 1}, "two");
    REQUIRE((one && two));
    CHECK(At(*one, 3) == "one");
    CHECK(At(*two, 3) == "two");
    CHECK(*two - *one >= 64);  // Of lines of their own.
  }

  TEST_CASE_FIXTURE(Fixture, "it is full when it is full, to the last byte") {
    CHECK(memory->Put({1, 1}, std::string(kBytes - 64, 'x')));
    CHECK_FALSE(memory->Put({2, 1}, std::string(65, 'y')));
    CHECK(memory->Put({3, 1}, std::string(64, 'z')));
    CHECK_FALSE(memory->Put({4, 1}, "w"));
    memory->Release({1, 1});
    CHECK_FALSE(memory->Put({5, 1}, std::string(kBytes - 63, 'v')));
    CHECK(memory->Put({5, 1}, std::string(kBytes - 64, 'v')) == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "a gap that is wide enough is filled first") {
    for (std::uint64_t id = 1; id <= 4; ++id) {
      CHECK(memory->Put({id, 1}, std::string(1000, 'x')) == (id - 1) * 1024);
    }
    memory->Release({2, 1});
    CHECK(memory->Put({5, 1}, std::string(1025, 'y')) == 4096);
    CHECK(memory->Put({6, 1}, std::string(1024, 'y')) == 1024);
    memory->Release({1, 7});  // Not that attempt.
    CHECK(memory->Put({7, 1}, "z") == 4096 + 1088);
    memory->ReleaseAll();
    CHECK(memory->Put({8, 1}, "") == 0);
  }
}
