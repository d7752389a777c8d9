#include "fetcher/transfer/spool.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct Fixture {
  TempFolder folder;
  Spool spool{{.folder = folder.path(), .body_bytes = 100'000, .memory_bytes = 1'000'000}};
  ArrivingBody body;

  void Append(std::size_t bytes, std::size_t expected = 0, std::size_t memory = 0) {
    REQUIRE(body.Append(std::string(bytes, 'x'), expected, spool, memory, Room()).ok());
  }
  // Room for one body; what is behind it is to stay as it is.
  ArrivingBody::RoomFn Room() {
    return [this](std::size_t bytes) -> std::shared_ptr<char> {
      if (room_bytes == 0) return nullptr;
      CHECK(bytes == room_bytes);
      place = std::make_shared<std::string>(bytes, '.');
      return {place, place->data()};
    };
  }

  std::size_t room_bytes = 0;
  std::shared_ptr<std::string> place;
};

}  // namespace

TEST_SUITE("ArrivingBody") {
  TEST_CASE_FIXTURE(Fixture, "a small body stays in memory") {
    Append(50'000);
    Append(50'000);
    CHECK(body.memory_bytes() == 100'000);
    CHECK(spool.used_bytes() == 0);
    CHECK(body.TakeFile() == nullptr);
    CHECK(body.TakeMemory().size() == 100'000);
    CHECK(body.size() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "what grows over the limit is in a file, all of it") {
    for (int i = 0; i < 10; ++i) Append(20'000);
    CHECK(body.memory_bytes() == 0);
    CHECK(body.size() == 200'000);
    CHECK(spool.used_bytes() == 200'000);
    auto file = body.TakeFile();
    REQUIRE(file != nullptr);
    CHECK(*file->ReadAt(0, 1 << 20) == std::string(200'000, 'x'));
    CHECK(body.TakeMemory().empty());
    file.reset();
    CHECK(spool.used_bytes() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "what is said to be large is in a file from its first byte") {
    Append(1, 100'001);
    CHECK(body.memory_bytes() == 0);
    CHECK(body.size() == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "when memory is short, all but the smallest go to files") {
    Append(10'000, 0, 999'999);
    CHECK(body.memory_bytes() == 10'000);
    Append(10'000, 0, 999'999);
    CHECK(body.memory_bytes() == 0);
    CHECK(body.size() == 20'000);
  }

  TEST_CASE("without a folder all is in memory") {
    const Spool none{SpoolOptions{}};
    ArrivingBody body;
    REQUIRE(body.Append(std::string(3 << 20, 'x'), 0, none, 1 << 30, nullptr).ok());
    CHECK(body.memory_bytes() == 3 << 20);
  }

  TEST_CASE_FIXTURE(Fixture, "a body of known length arrives where there is room for it") {
    room_bytes = 50'000;
    Append(20'000, 50'000);
    Append(30'000);
    CHECK(body.memory_bytes() == 50'000);
    SharedBytes taken = body.TakeMemory();
    CHECK(taken.View() == std::string(50'000, 'x'));
    CHECK(taken.View().data() == place->data());
    CHECK(place.use_count() == 2);
    taken = {};
    CHECK(place.use_count() == 1);
    room_bytes = 0;
    Append(10, 50'000);  // Nothing is left of it.
    CHECK(body.TakeMemory().View() == std::string(10, 'x'));
  }

  TEST_CASE_FIXTURE(Fixture, "one that turns out longer has room elsewhere") {
    room_bytes = 30'000;
    Append(20'000, 30'000);
    Append(20'000);
    CHECK(place.use_count() == 1);
    CHECK(body.TakeMemory().View() == std::string(40'000, 'x'));
  }

  TEST_CASE_FIXTURE(Fixture,
                    "what is shorter stays there; what is of no known length asks for none") {
    room_bytes = 30'000;
    Append(20'000);
    CHECK(place == nullptr);
    body.Clear();
    Append(20'000, 30'000);
    CHECK(body.TakeMemory().View() == std::string(20'000, 'x'));
    Append(10'000, 30'000);
    body.Clear();
    CHECK(place.use_count() == 1);
    CHECK(body.size() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "what has to go to a file takes along what lay in its room") {
    room_bytes = 100'000;
    Append(20'000, 100'000);
    Append(80'000, 0, 999'999);
    CHECK(body.memory_bytes() == 0);
    CHECK(place.use_count() == 1);
    const auto file = body.TakeFile();
    REQUIRE(file != nullptr);
    CHECK(*file->ReadAt(0, 1 << 20) == std::string(100'000, 'x'));
  }
}
