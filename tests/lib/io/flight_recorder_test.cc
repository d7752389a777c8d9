#include "lib/io/flight_recorder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using thresh::FlightPath;
using thresh::FlightWriter;
using thresh::Hash128;
using thresh::HashBytes;
using thresh::ReadFlight;
using thresh::test::TempFolder;

namespace {

struct Fixture {
  std::unique_ptr<FlightWriter> NewWriter(std::uint64_t incarnation = 7) const {
    auto made = FlightWriter::Create(dir, uuid, incarnation);
    REQUIRE(made.ok());
    return std::move(*made);
  }
  thresh::FlightRecord Read() const {
    const auto record = ReadFlight(path);
    REQUIRE(record.has_value());
    return *record;
  }
  /// What is left of a process that writes `act` into its recorder and is killed.
  template <typename Act>
  thresh::FlightRecord AfterDeathOf(Act act) const {
    const pid_t child = ::fork();
    if (child == 0) {
      auto writer = FlightWriter::Create(dir, uuid, 9);
      if (writer) act(**writer);
      ::kill(::getpid(), SIGKILL);
    }
    REQUIRE(child > 0);
    CHECK(::waitpid(child, nullptr, 0) == child);
    return Read();
  }

  TempFolder folder;
  const std::string dir = folder.File("state/flight");
  const Hash128 uuid = HashBytes("a parser");
  const std::string path = FlightPath(dir, uuid);
};

}  // namespace

TEST_SUITE("FlightWriter and ReadFlight") {
  TEST_CASE_FIXTURE(Fixture, "a recorder is 64 bytes and says what is at work, and since when") {
    auto writer = NewWriter();
    CHECK(std::filesystem::file_size(path) == 64);
    CHECK_FALSE(Read().busy);
    writer->Begin(3, 4711, 2);
    const auto record = Read();
    CHECK(record.alive);
    CHECK(record.incarnation == 7);
    CHECK(record.busy);
    CHECK(record.source == 3);
    CHECK(record.task == 4711);
    CHECK(record.attempt == 2);
    CHECK(record.mark == 0);
    CHECK(record.since_ns > 0);
    writer->End();
    CHECK_FALSE(Read().busy);
  }

  TEST_CASE_FIXTURE(Fixture, "what a killed process was at work on is still to be read") {
    const auto record = AfterDeathOf([](FlightWriter& writer) { writer.Begin(1, 5, 6); });
    CHECK_FALSE(record.alive);
    CHECK(record.busy);
    CHECK(record.task == 5);
    CHECK(record.mark == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "the first mark stays; the next task begins without one") {
    const auto record = AfterDeathOf([](FlightWriter& writer) {
      writer.Begin(1, 5, 6);
      writer.Mark(SIGSEGV);
      writer.Mark(SIGABRT);
    });
    CHECK(record.mark == SIGSEGV);
    auto writer = NewWriter();
    writer->Begin(1, 5, 7);
    CHECK(Read().mark == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "a mark with nothing at work is not made") {
    auto writer = NewWriter();
    writer->Mark(SIGSEGV);
    CHECK(Read().mark == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "an orderly end leaves a recorder of the dead with nothing at work") {
    NewWriter().reset();
    CHECK_FALSE(Read().alive);
    CHECK_FALSE(Read().busy);
  }

  TEST_CASE_FIXTURE(Fixture, "what is no recorder, or of another version, is not read") {
    CHECK_FALSE(ReadFlight(path).has_value());
    NewWriter().reset();
    const std::string good = folder.Read("state/flight/" + uuid.Hex());
    for (std::size_t size = 0; size < good.size(); ++size) {
      folder.Write("state/flight/" + uuid.Hex(), good.substr(0, size));
      CHECK_FALSE(ReadFlight(path).has_value());
    }
    for (std::size_t i = 0; i < 8; ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      folder.Write("state/flight/" + uuid.Hex(), bad);
      CHECK_FALSE(ReadFlight(path).has_value());
    }
  }

  TEST_CASE_FIXTURE(Fixture, "only recorders of the dead are removed, and no other file") {
    auto writer = NewWriter();
    const Hash128 dead = HashBytes("another");
    REQUIRE(FlightWriter::Create(dir, dead, 1).ok());  // And gone.
    folder.Write("state/flight/notes", "a person's");
    thresh::RemoveDeadFlights(dir);
    CHECK(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(FlightPath(dir, dead)));
    CHECK(std::filesystem::exists(dir + "/notes"));
    thresh::RemoveDeadFlights(folder.File("missing"));
  }

  TEST_CASE_FIXTURE(Fixture, "where no folder can be, the error says so") {
    const auto made = FlightWriter::Create(folder.Write("file", "x") + "/flight", uuid, 1);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == thresh::Errc::kInvalid);
  }
}
