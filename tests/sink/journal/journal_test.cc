#include "sink/journal/journal.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kFetcher = HashFromBytes("ffffffffffffffff").value();
using Ids = std::vector<std::uint64_t>;

// A journal with small segments. Its words: Commit, Close, Reopen, Open.
struct JournalFixture {
  JournalFixture() { Reopen(); }

  // As after kill -9: whatever was not flushed is gone.
  void Reopen() {
    journal.reset();
    Result<std::unique_ptr<Journal>> opened = Journal::Open(options);
    REQUIRE(opened.ok());
    journal = std::move(*opened);
    REQUIRE(journal->TakeRedo().ok());
    REQUIRE(journal->Switch(0).ok());
  }

  Location Commit(std::uint64_t id, const std::string& ack = "ack") {
    const thresh::Commit commit{.source = kFetcher, .id = id, .records = 1, .ack = ack};
    std::optional<Location> at = journal->Add(commit);
    if (!at) {
      REQUIRE(journal->Flush().ok());
      REQUIRE(journal->Switch(RecordBytes(Encode(commit).size())).ok());
      at = journal->Add(commit);
    }
    REQUIRE(at.has_value());
    REQUIRE(journal->Flush().ok());
    return *at;
  }

  void Close(std::uint64_t low, const Ids& ids = {}) { journal->Close(kFetcher, low, ids); }
  // A checkpoint: what is closed is known after a crash from here on.
  void Switch() { REQUIRE(journal->Switch(0).ok()); }

  // The tasks that are committed and not closed.
  [[nodiscard]] Ids Open() const {
    Ids ids;
    const auto source = journal->state().sources.find(kFetcher);
    if (source == journal->state().sources.end()) return ids;
    for (const auto& [id, at] : source->second.open) ids.push_back(id);
    return ids;
  }
  [[nodiscard]] bool IsClosed(std::uint64_t id) const {
    return journal->state().sources.at(kFetcher).closed.Contains(id);
  }
  [[nodiscard]] std::size_t FileCount() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      count += file.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  test::TempFolder folder;
  JournalOptions options{.folder = folder.path(), .segment_bytes = 1024, .sync = false};
  std::unique_ptr<Journal> journal;
};

}  // namespace

TEST_SUITE("Journal") {
  TEST_CASE_FIXTURE(JournalFixture, "what was flushed is there after a crash, the rest is not") {
    Commit(1);
    Commit(3);
    REQUIRE(journal->Add(thresh::Commit{.source = kFetcher, .id = 4}).has_value());
    Reopen();
    CHECK(Open() == Ids{1, 3});
    CHECK(journal->state().records == 2);
    CHECK(journal->state().sources.at(kFetcher).highest == 3);
  }

  TEST_CASE_FIXTURE(JournalFixture, "lines of any length are there after a crash, byte for byte") {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < 2500; ++i) {  // More than one call of pwritev() takes.
      lines.push_back(std::string(i % 7 == 0 ? i : 505 + i % 20, static_cast<char>('a' + i % 26)));
    }
    options.segment_bytes = 4 << 20;
    Switch();
    Reopen();
    REQUIRE(journal->Add(FileState{.number = 1, .name = "a"}));
    REQUIRE(journal->Add(FileState{.number = 2, .name = "b"}));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      thresh::Commit commit{
          .source = kFetcher, .id = i + 1, .parts = {{1, i, lines[i]}, {2, i, "b"}}};
      if (i % 5 == 0) commit.whole_file = {std::to_string(i) + ".body", lines[i / 2]};
      if (i == 1000) REQUIRE(journal->Add(FileState{.number = 3, .name = "c"}));
      REQUIRE(journal->Add(commit).has_value());
    }
    REQUIRE(journal->Flush().ok());
    CHECK_FALSE(journal->has_unwritten());
    journal.reset();
    Result<std::optional<JournalImage>> image = ReadJournal(folder.path());
    REQUIRE(image.ok());
    const Redo& redo = (*image)->redo;
    REQUIRE(redo.parts.size() == 2 * lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      REQUIRE(*redo.Read(redo.parts[2 * i].bytes) == lines[i]);
      REQUIRE(*redo.Read(redo.parts[2 * i + 1].bytes) == "b");
      if (i % 5 == 0) REQUIRE(*redo.Read(redo.whole_files[i / 5].bytes) == lines[i / 2]);
    }
  }

  TEST_CASE_FIXTURE(JournalFixture, "a write that was cut short goes on where it stopped") {
    options.segment_bytes = 64 << 10;
    Switch();
    Reopen();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const std::string first(900, '1'), second(900, '2');
    REQUIRE(journal->Add(thresh::Commit{.source = kFetcher, .id = 1, .parts = {{1, 0, first}}}));
    REQUIRE(journal->Add(thresh::Commit{.source = kFetcher, .id = 2, .parts = {{1, 9, second}}}));
    for (const rlim_t most : {200U, 700U, 1200U, 1210U, 1300U, 2000U}) {
      const rlimit small{.rlim_cur = most, .rlim_max = before.rlim_max};
      ::setrlimit(RLIMIT_FSIZE, &small);
      const bool flushed = journal->Flush().ok();
      ::setrlimit(RLIMIT_FSIZE, &before);
      REQUIRE_FALSE(flushed);
    }
    REQUIRE(journal->Add(thresh::Commit{.source = kFetcher, .id = 3, .parts = {{1, 18, first}}}));
    REQUIRE(journal->Flush().ok());
    Reopen();
    CHECK(Open() == Ids{1, 2, 3});
  }

  TEST_CASE_FIXTURE(JournalFixture, "the owner is drawn once") {
    const Hash128 owner = journal->owner();
    Reopen();
    CHECK(journal->owner() == owner);
  }

  TEST_CASE_FIXTURE(JournalFixture, "an ACK is read back from where it was put") {
    const Location first = Commit(1, "one");
    for (std::uint64_t id = 2; id < 40; ++id) Commit(id, "others");
    Result<std::string> ack = journal->ReadAck(first);
    REQUIRE(ack.ok());
    CHECK(*ack == "one");
  }

  TEST_CASE_FIXTURE(JournalFixture, "a segment of which a task is not closed stays") {
    Commit(1);
    for (std::uint64_t id = 2; id < 100; ++id) {
      Commit(id);
      Close(1, {id});
    }
    Switch();
    Reopen();
    CHECK(Open() == Ids{1});
    CHECK(IsClosed(99));
    CHECK_FALSE(IsClosed(1));
  }

  TEST_CASE_FIXTURE(JournalFixture, "an endless run has three files at most, one slow task below") {
    for (std::uint64_t id = 2; id < 3000; id += 2) {
      Commit(id + 1);
      Commit(id);
      Close(1, {id, id + 1});  // Task 1 never comes.
      REQUIRE(FileCount() <= 3);
      REQUIRE(journal->segment_count() <= 3);
    }
    Switch();
    Reopen();
    CHECK(Open().empty());
    CHECK(IsClosed(2));
    CHECK(IsClosed(2999));
    CHECK_FALSE(IsClosed(1));
    CHECK_FALSE(IsClosed(3002));
    CHECK(FileCount() <= 3);
  }

  TEST_CASE_FIXTURE(JournalFixture, "what a recycled file held before is never read again") {
    for (std::uint64_t id = 1; id < 200; ++id) {
      Commit(id);
      Close(id + 1);
    }
    Switch();
    Reopen();
    Reopen();
    Reopen();
    CHECK(Open().empty());
    CHECK(journal->state().records == 199);
  }

  TEST_CASE_FIXTURE(JournalFixture, "a COMMIT larger than a segment has one of its own") {
    Commit(1);
    const std::string large(100'000, 'x');
    const Location at = Commit(2, large);
    Commit(3);
    Reopen();
    CHECK(Open() == Ids{1, 2, 3});
    Result<std::string> ack = journal->ReadAck(at);
    REQUIRE(ack.ok());
    CHECK(*ack == large);
    Close(4);
    Switch();
    CHECK(journal->bytes() <= 3 * 1024);  // The large file is gone.
  }

  TEST_CASE_FIXTURE(JournalFixture, "a crash while a segment is made leaves the one before") {
    Commit(1);
    std::filesystem::copy_file(folder.File("j-0000000001.wal"), folder.File("next.tmp"));
    Reopen();
    CHECK(Open() == Ids{1});
  }

  TEST_CASE_FIXTURE(JournalFixture,
                    "a crash before a closed segment's file is freed does no harm") {
    for (std::uint64_t id = 1; journal->segment_count() < 2; ++id) Commit(id);
    const std::string first = folder.Read("j-0000000001.wal");
    Close(1000);
    Switch();
    folder.Write("j-0000000001.wal", first);
    Reopen();
    CHECK(Open().empty());
    CHECK_FALSE(std::filesystem::exists(folder.File("j-0000000001.wal")));
  }

  TEST_CASE_FIXTURE(JournalFixture, "a fetcher can be forgotten") {
    Commit(1);
    journal->Forget(kFetcher);
    Switch();
    Reopen();
    CHECK(journal->state().sources.empty());
    CHECK(journal->segment_count() == 1);
  }

  TEST_CASE_FIXTURE(JournalFixture, "files are known with their lengths") {
    const FileState file{.number = 1, .name = "a.ndjson", .inode = 5, .born_ns = 6, .length = 10};
    REQUIRE(journal->Add(file));
    REQUIRE(journal->Add(thresh::Commit{.source = kFetcher, .id = 1, .parts = {{1, 10, "12345"}}}));
    REQUIRE(journal->Flush().ok());
    Reopen();
    FileState expected = file;
    expected.length = 15;
    CHECK(journal->state().files.at(1) == expected);
    CHECK(journal->state().next_file == 2);
    REQUIRE(journal->Add(FileState{.number = 2, .name = "a.ndjson"}));  // In its place.
    CHECK(journal->state().files.size() == 1);
  }
}
