// A journal that was cut or changed: what is read is the beginning of what was written, or there
// is an error that names the file. Never a record that nobody wrote.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sink/journal/journal.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kFetcher = HashFromBytes("ffffffffffffffff").value();
constexpr const char* kFirst = "j-0000000001.wal";
constexpr const char* kSecond = "j-0000000002.wal";

// Two segments: tasks 1 and 2 in the first, 3 to 5 in the second, which is the last.
struct DamageFixture {
  DamageFixture() {
    Result<std::unique_ptr<Journal>> journal =
        Journal::Open({.folder = folder.path(), .segment_bytes = 1024, .sync = false});
    REQUIRE(journal.ok());
    REQUIRE((*journal)->Switch(0).ok());
    Commit(**journal, 1, true);
    Commit(**journal, 2, true);
    REQUIRE((*journal)->Switch(0).ok());
    REQUIRE((*journal)->Add(FileState{.number = 1, .name = "a"}));
    Commit(**journal, 3, true);
    Commit(**journal, 4, false);
    Commit(**journal, 5, false);
    end = (*journal)->state().segments.at(2).end;
    first = folder.Read(kFirst);
    second = folder.Read(kSecond);
  }

  static void Commit(Journal& journal, std::uint64_t id, bool first_of_batch) {
    const std::string line = "line " + std::to_string(id) + "\n";
    const thresh::Commit commit{.source = kFetcher,
                                .id = id,
                                .records = 1,
                                .first_of_batch = first_of_batch,
                                .ack = "ack",
                                .parts = {{1, id * 7, line}}};
    REQUIRE(journal.Add(commit));
    REQUIRE(journal.Flush().ok());
  }

  // The ids there are, "12345" if all; or the error.
  [[nodiscard]] std::string Read() const {
    Result<std::optional<JournalImage>> image = ReadJournal(folder.path());
    if (!image) return image.error().detail;
    if (!*image) return "none";
    std::string ids;
    for (const auto& [id, at] : (*image)->state.sources[kFetcher].open) ids += std::to_string(id);
    for (const Redo::OutputPart& part : (*image)->redo.parts) {
      const std::string line = "line " + std::to_string(part.offset / 7) + "\n";
      CHECK((*image)->redo.Read(part.bytes).ok());
      CHECK(*(*image)->redo.Read(part.bytes) == line);
    }
    return ids;
  }

  [[nodiscard]] static bool IsBeginning(const std::string& ids) {
    return ids == "12" || ids == "123" || ids == "1234" || ids == "12345";
  }

  test::TempFolder folder;
  std::string first, second;
  std::uint64_t end = 0;
};

}  // namespace

TEST_SUITE("a damaged journal") {
  TEST_CASE_FIXTURE(DamageFixture, "the undamaged one is read whole") {
    CHECK(Read() == "12345");
  }

  TEST_CASE_FIXTURE(DamageFixture, "the last segment, cut at every byte") {
    std::size_t last_size = 0;
    for (std::size_t size = 0; size < end; ++size) {
      folder.Write(kSecond, second.substr(0, size));
      const std::string found = Read();
      if (IsBeginning(found)) {
        CHECK(found.size() >= last_size);  // A byte more is never a task less.
        last_size = found.size();
      } else {
        REQUIRE(found.find(kSecond) != std::string::npos);
      }
    }
    CHECK(last_size == 4);  // The last byte cut off costs the last task.
  }

  TEST_CASE_FIXTURE(DamageFixture, "the last segment, every byte changed") {
    for (std::size_t at = 0; at < end; ++at) {
      std::string changed = second;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      folder.Write(kSecond, changed);
      const std::string found = Read();
      if (!IsBeginning(found)) REQUIRE(found.find(kSecond) != std::string::npos);
    }
  }

  TEST_CASE_FIXTURE(DamageFixture, "an earlier segment, every byte changed or cut off") {
    for (std::size_t at = 0; at < first.size(); ++at) {
      std::string changed = first;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      folder.Write(kFirst, changed);
      std::string found = Read();
      if (found != "12345") {
        REQUIRE(found.find(kFirst) != std::string::npos);
      }
      folder.Write(kFirst, first.substr(0, at));
      found = Read();
      if (found != "12345") REQUIRE(found.find(kFirst) != std::string::npos);
    }
  }

  TEST_CASE_FIXTURE(DamageFixture, "a bad record in an earlier segment is named with its offset") {
    first[first.find("line 2")] = 'L';
    folder.Write(kFirst, first);
    const std::string found = Read();
    CHECK(found.find("a damaged record at offset ") != std::string::npos);
    CHECK(found.find("`thresh fsck`") != std::string::npos);
  }

  TEST_CASE_FIXTURE(DamageFixture, "a bad record before one that was written later is no tail") {
    Result<std::unique_ptr<Journal>> journal =
        Journal::Open({.folder = folder.path(), .segment_bytes = 1024, .sync = false});
    REQUIRE(journal.ok());
    REQUIRE((*journal)->Switch(0).ok());
    Commit(**journal, 6, true);
    Commit(**journal, 7, true);
    std::string third = folder.Read("j-0000000003.wal");
    third[third.find("line 6")] = 'L';
    folder.Write("j-0000000003.wal", third);
    CHECK(Read().find("j-0000000003.wal: a damaged record at offset ") != std::string::npos);
  }

  TEST_CASE_FIXTURE(DamageFixture, "a segment that is gone is missed") {
    std::filesystem::remove(folder.File(kFirst));
    CHECK(Read().find(kFirst) != std::string::npos);
  }

  TEST_CASE_FIXTURE(DamageFixture, "a later version is refused by its number") {
    second[4] = 2;
    folder.Write(kSecond, second);
    CHECK(Read() == folder.File(kSecond) +
                        ": journal version 2, this thresh knows 1: use the thresh that wrote it");
  }

  TEST_CASE("a folder without a journal has none") {
    test::TempFolder folder;
    folder.Write("spare.tmp", "x");
    Result<std::optional<JournalImage>> image = ReadJournal(folder.path());
    REQUIRE(image.ok());
    CHECK_FALSE(image->has_value());
  }
}
