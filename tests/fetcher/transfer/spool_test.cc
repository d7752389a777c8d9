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
    REQUIRE(body.Append(std::string(bytes, 'x'), expected, spool, memory).ok());
  }
};

}  // namespace

TEST_SUITE("ArrivingBody") {
  TEST_CASE_FIXTURE(Fixture, "a small body stays in memory") {
    Append(50'000);
    Append(50'000);
    CHECK(body.memory_bytes() == 100'000);
    CHECK(spool.used_bytes() == 0);
    CHECK(body.TakeFile() == nullptr);
    CHECK(body.TakeMemory()->size() == 100'000);
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
    CHECK(body.TakeMemory()->empty());
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
    REQUIRE(body.Append(std::string(3 << 20, 'x'), 0, none, 1 << 30).ok());
    CHECK(body.memory_bytes() == 3 << 20);
  }
}
