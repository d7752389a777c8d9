// MemoryPlaces: which part of the memory is whose.

#include "lib/io/memory_places.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

constexpr std::size_t kBytes = 64 << 10;

std::shared_ptr<MemoryPlaces> Make(std::size_t bytes = kBytes) {
  auto made = MemoryPlaces::CreatePrivate(bytes);
  REQUIRE(made.ok());
  return std::move(*made);
}

}  // namespace

TEST_SUITE("MemoryPlaces") {
  TEST_CASE("gaps beside each other are one, in whatever order they came about") {
    const auto places = Make();
    std::map<int, std::shared_ptr<char>> taken;
    for (int i = 0; i < 64; ++i) taken[i] = places->Take(1024);
    CHECK_FALSE(places->Take(1));
    for (const int i : {10, 12, 11, 9, 13}) taken.erase(i);
    CHECK_FALSE(places->Take(5 * 1024 + 1));
    const auto again = places->Take(5 * 1024);
    REQUIRE(again);
    CHECK(again.get() == places->begin() + 9 * 1024);
    CHECK_FALSE(places->Take(1));
  }

  TEST_CASE("no more is in use than the limit") {
    const auto places = Make();
    CHECK_FALSE(places->Take(129, 128));
    const auto one = places->Take(64, 128), two = places->Take(1, 128);
    CHECK((one && two));
    CHECK_FALSE(places->Take(1, 128));
    CHECK(places->Take(1));
  }

  TEST_CASE("places hold what was written, whatever comes and goes beside them") {
    const auto places = Make(1 << 20);
    std::mt19937 random(7);
    struct Written {
      std::shared_ptr<char> place;
      std::string text;
    };
    std::vector<Written> all;
    for (int round = 0; round < 20'000; ++round) {
      const std::size_t bytes = 1 + random() % 20'000;
      if (auto place = places->Take(bytes)) {
        const std::string text(bytes, static_cast<char>('a' + round % 26));
        text.copy(place.get(), bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(place.get()) % 64 == 0);
        all.push_back({std::move(place), text});
      }
      if (all.size() < 10 || random() % 2 == 0) continue;
      const std::size_t which = random() % all.size();
      const Written gone = std::move(all[which]);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(which));
      REQUIRE(std::string(gone.place.get(), gone.text.size()) == gone.text);
    }
    all.clear();
    CHECK(places->Take(1 << 20));  // All of it is free, in one.
  }

  TEST_CASE("places are let go of on other threads") {
    const auto places = Make();
    for (int round = 0; round < 200; ++round) {
      std::vector<std::shared_ptr<char>> taken;
      while (auto place = places->Take(1000)) taken.push_back(std::move(place));
      REQUIRE(taken.size() == 64);
      std::thread other(
          [half = std::vector(taken.begin(), taken.begin() + 32)]() mutable { half.clear(); });
      taken.clear();
      other.join();
      REQUIRE(places->Take(kBytes));  // All of it is free, in one.
    }
  }

  TEST_CASE("a place keeps the memory") {
    auto places = Make();
    const auto place = places->Take(1);
    places.reset();
    *place = 'x';
    CHECK(*place == 'x');
  }

  TEST_CASE("what nobody uses goes back to the system") {
    auto made = MemoryPlaces::CreateShared(kBytes);
    REQUIRE(made.ok());
    const auto& places = *made;
    const auto blocks = [&] {
      struct stat of {};
      REQUIRE(::fstat(places->fd(), &of) == 0);
      return of.st_blocks;
    };
    auto place = places->Take(kBytes / 2);
    std::string(kBytes / 2, 'x').copy(place.get(), kBytes / 2);
    CHECK(blocks() > 0);
    places->GiveBackUnused();
    CHECK(std::string(place.get(), kBytes / 2) == std::string(kBytes / 2, 'x'));
    place.reset();
    places->GiveBackUnused();
    CHECK(blocks() == 0);
    place = places->Take(5);
    std::string("again").copy(place.get(), 5);
    CHECK(std::string(place.get(), 5) == "again");
  }

  TEST_CASE("private memory, too, goes back") {
    const auto places = Make(4 << 20);
    auto place = places->Take(4 << 20);
    std::string(4 << 20, 'x').copy(place.get(), 4 << 20);
    place.reset();
    places->GiveBackUnused();
    std::vector<unsigned char> resident((4 << 20) / 4096);
    REQUIRE(::mincore(places->begin(), 4 << 20, resident.data()) == 0);
    for (const unsigned char page : resident) REQUIRE((page & 1) == 0);
  }
}
