#include "sink/journal/check.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sink/journal/journal.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

using Texts = std::vector<std::string>;

// A state whose journal says that a.ndjson holds "one\ntwo\n", of which "one\n" was synced.
struct CheckFixture {
  CheckFixture() {
    folder.Write("a.ndjson", "one\ntwo\n");
    struct stat status {};
    REQUIRE(::stat(folder.File("a.ndjson").c_str(), &status) == 0);
    Result<std::unique_ptr<Journal>> journal =
        Journal::Open({.folder = folder.File("journal"), .segment_bytes = 1024, .sync = false});
    REQUIRE(journal.ok());
    REQUIRE((*journal)->Switch(0).ok());
    REQUIRE((*journal)->Add(
        FileState{.number = 1, .name = "a.ndjson", .inode = status.st_ino, .length = 4}));
    REQUIRE((*journal)->Add(Commit{.id = 1, .first_of_batch = true, .parts = {{1, 4, "two\n"}}}));
    REQUIRE((*journal)->Flush().ok());
  }
  [[nodiscard]] Texts Check() const {
    Texts texts;
    for (const JournalFinding& found : CheckJournal(folder.path(), folder.path())) {
      texts.push_back((found.is_damage ? "damage: " : "note: ") + found.text);
    }
    return texts;
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return folder.File(name); }

  test::TempFolder folder;
};

}  // namespace

TEST_SUITE("CheckJournal") {
  TEST_CASE_FIXTURE(CheckFixture, "all is well") {
    CHECK(Check().empty());
  }

  TEST_CASE_FIXTURE(CheckFixture, "without a journal there is nothing to check") {
    CHECK(CheckJournal(Path("nowhere"), folder.path()).empty());
  }

  TEST_CASE_FIXTURE(CheckFixture, "what the next start adds is no damage") {
    folder.Write("a.ndjson", "one\ntw");
    CHECK(Check() ==
          Texts{"note: " + Path("a.ndjson") + ": lacks 2 bytes, which the next start adds"});
  }

  TEST_CASE_FIXTURE(CheckFixture, "a file that was cut off is damage") {
    folder.Write("a.ndjson", "one");
    CHECK(Check() == Texts{"damage: " + Path("a.ndjson") +
                           ": 3 bytes, expected at least 4: its end was cut off. Bring it back "
                           "from a copy"});
  }

  TEST_CASE_FIXTURE(CheckFixture, "a file that was changed is damage") {
    folder.Write("a.ndjson", "one\nTwo\n");
    CHECK(Check() == Texts{"damage: " + Path("a.ndjson") +
                           ": from offset 4 on it is not what the journal says: it was changed, "
                           "or its disk is bad"});
  }

  TEST_CASE_FIXTURE(CheckFixture, "what others add is told") {
    folder.Write("a.ndjson", "one\ntwo\nmore\n");
    CHECK(Check() == Texts{"note: " + Path("a.ndjson") + ": another program added 5 bytes"});
  }

  TEST_CASE_FIXTURE(CheckFixture, "a damaged journal is told with file and offset") {
    std::string segment = folder.Read("journal/j-0000000001.wal");
    segment[70] = '!';
    folder.Write("journal/j-0000000001.wal", segment);
    REQUIRE(Check().size() == 1);
    CHECK(Check()[0].starts_with("damage: " + Path("journal/j-0000000001.wal") +
                                 ": a damaged checkpoint at offset 64."));
  }
}
