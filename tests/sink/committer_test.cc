// Crashes at each stage of a commit. The world after a crash is made by hand: files are put back
// to what a moment before had left of them. Then the outputs must be exact.

#include "sink/committer.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kFetcher = HashFromBytes("ffffffffffffffff").value();

// A committer over a folder. Its words: Commit, Crash, and what a crash leaves of a file.
struct CommitterFixture {
  CommitterFixture() { Open(); }

  void Open() {
    Result<std::unique_ptr<Journal>> journal = Journal::Open(
        {.folder = folder.path() + "/state/journal", .segment_bytes = 4096, .sync = false});
    REQUIRE(journal.ok());
    committer = std::make_unique<JournalCommitter>(options, std::move(*journal));
    REQUIRE(committer->Run({}).ok());
  }
  void Crash() {
    committer.reset();
    Open();
  }
  void Commit(std::uint64_t id, const std::string& lines, const std::string& name = "a.ndjson") {
    CommitAll({{.source = kFetcher, .id = id, .ack = "ack", .lines = {{name, lines}}}});
  }
  void CommitAll(std::vector<Effect> effects) {
    Batch batch;
    batch.effects = std::move(effects);
    REQUIRE(committer->Run(batch).ok());
  }
  void Reopen() {
    Batch batch;
    batch.reopen = true;
    REQUIRE(committer->Run(batch).ok());
  }
  void Cut(const std::string& name, std::uintmax_t size) const {
    std::filesystem::resize_file(folder.File(name), size);
  }
  void Move(const std::string& from, const std::string& to) const {
    std::filesystem::rename(folder.File(from), folder.File(to));
  }
  [[nodiscard]] std::string Read(const std::string& name = "a.ndjson") const {
    return folder.Read(name);
  }

  test::TempFolder folder;
  CommitOptions options{.state_dir = folder.path() + "/state",
                        .old_dir = folder.path() + "/old",
                        .output = {.folder = folder.path(), .sync = false}};
  std::unique_ptr<JournalCommitter> committer;
};

}  // namespace

TEST_SUITE("JournalCommitter") {
  TEST_CASE_FIXTURE(CommitterFixture, "lines go to their files in the order of their tasks") {
    Commit(1, "one\n");
    CommitAll({{.source = kFetcher,
                .id = 2,
                .ack = "x",
                .lines = {{"a.ndjson", "two\n"}, {"b.ndjson", "B\n"}}},
               {.source = kFetcher, .id = 3, .ack = "x", .lines = {{"a.ndjson", "three\n"}}}});
    CHECK(Read() == "one\ntwo\nthree\n");
    CHECK(Read("b.ndjson") == "B\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a batch that was cut at any byte is completed exactly") {
    Commit(1, "one\n");
    CommitAll({{.source = kFetcher, .id = 2, .ack = "x", .lines = {{"a.ndjson", "two\n"}}},
               {.source = kFetcher, .id = 3, .ack = "x", .lines = {{"a.ndjson", "three\n"}}}});
    const test::TempFolder copy;  // The state as the crash found it.
    std::filesystem::copy(folder.path() + "/state", copy.File("state"),
                          std::filesystem::copy_options::recursive);
    for (std::uintmax_t size = 0; size <= 14; ++size) {
      committer.reset();
      Cut("a.ndjson", size);
      std::filesystem::remove_all(folder.path() + "/state");
      std::filesystem::copy(copy.File("state"), folder.path() + "/state",
                            std::filesystem::copy_options::recursive);
      Open();
      REQUIRE(Read() == "one\ntwo\nthree\n");
    }
  }

  TEST_CASE_FIXTURE(CommitterFixture, "what the journal could not take is not visible") {
    Commit(1, "one\n");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};  // Within the first record.
    Batch batch;
    batch.effects = {{.source = kFetcher, .id = 2, .ack = "x", .lines = {{"a.ndjson", "two\n"}}}};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const bool committed = committer->Run(batch).ok();
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK_FALSE(committed);
    CHECK(Read() == "one\n");
    Crash();
    CHECK(Read() == "one\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "after a crash all goes on at the end of what there is") {
    Commit(1, "one\n");
    committer.reset();
    Cut("a.ndjson", 2);
    Open();
    Commit(2, "two\n");
    Crash();
    Crash();
    CHECK(Read() == "one\ntwo\n");
  }

  // The pages of a file go to the disk in any order: after a power loss those in between may lack.
  TEST_CASE_FIXTURE(CommitterFixture, "holes that a power loss left are filled, at any place") {
    Commit(1, "one\n");
    CommitAll({{.source = kFetcher, .id = 2, .ack = "x", .lines = {{"a.ndjson", "two\n"}}},
               {.source = kFetcher, .id = 3, .ack = "x", .lines = {{"a.ndjson", "three\n"}}}});
    const test::TempFolder copy;  // The state as the crash found it.
    std::filesystem::copy(folder.path() + "/state", copy.File("state"),
                          std::filesystem::copy_options::recursive);
    const std::string whole = "one\ntwo\nthree\n";
    for (std::size_t hole = 0; hole < whole.size(); ++hole) {
      committer.reset();
      std::string left = whole.substr(0, hole + 5);
      std::fill_n(left.begin() + static_cast<std::ptrdiff_t>(hole),
                  std::min<std::size_t>(3, left.size() - hole), '\0');
      std::ofstream(folder.File("a.ndjson"), std::ios::binary | std::ios::in) << left;
      Cut("a.ndjson", left.size());
      std::filesystem::remove_all(folder.path() + "/state");
      std::filesystem::copy(copy.File("state"), folder.path() + "/state",
                            std::filesystem::copy_options::recursive);
      Open();
      REQUIRE(Read() == whole);
    }
  }

  TEST_CASE_FIXTURE(CommitterFixture, "starts alone do not make the journal grow") {
    for (std::uint64_t id = 1; id <= 12; ++id) {
      Commit(id, "line\n");
      Crash();
      Batch closing;
      closing.closings = {{kFetcher, id + 1, {}}};
      closing.look = true;
      Result<Committed> done = committer->Run(closing);
      REQUIRE(done.ok());
      CHECK(done->report.journal_segments <= 3);
    }
  }

  TEST_CASE_FIXTURE(CommitterFixture, "many segments later every line is there once") {
    std::string expected;
    for (std::uint64_t id = 1; id < 300; ++id) {
      const std::string line = "line " + std::to_string(id) + "\n";
      Commit(id, line);
      expected += line;
      if (id % 50 == 0) Crash();
    }
    CHECK(Read() == expected);
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a COMMIT larger than a segment is completed as well") {
    Commit(1, "one\n");
    const std::string large = std::string(50'000, 'x') + "\n";
    Commit(2, large);
    committer.reset();
    Cut("a.ndjson", 10'000);
    Open();
    CHECK(Read() == "one\n" + large);
  }

  TEST_CASE_FIXTURE(CommitterFixture, "what another program adds stays, and is followed") {
    Commit(1, "one\n");
    folder.Write("a.ndjson", "one\nforeign\n");  // Same file, longer.
    Commit(2, "two\n");
    CHECK(Read() == "one\nforeign\ntwo\n");
    committer.reset();
    Cut("a.ndjson", 13);
    Open();
    CHECK(Read() == "one\nforeign\ntwo\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a file that another program empties goes on from there") {
    Commit(1, "one\n");
    Cut("a.ndjson", 0);
    Commit(2, "two\n");
    Crash();
    CHECK(Read() == "two\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "mv and SIGHUP: the old file is whole, a new one begins") {
    Commit(1, "one\n");
    Move("a.ndjson", "a.old");
    Commit(2, "two\n");  // Not told yet: it goes where the file is.
    Reopen();
    CHECK(Read().empty());
    CHECK(std::filesystem::exists(folder.File("a.ndjson")));
    Commit(3, "three\n");
    Crash();
    CHECK(Read("a.old") == "one\ntwo\n");
    CHECK(Read() == "three\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "mv, then a crash: the moved file is found and completed") {
    for (const char* moved : {"a.old", "old/a.1"}) {
      CAPTURE(moved);
      std::filesystem::create_directories(folder.File("old"));
      Commit(1, "one\ntwo\n");
      committer.reset();
      Cut("a.ndjson", 5);
      Move("a.ndjson", moved);
      Open();
      CHECK(Read(moved) == "one\ntwo\n");
      CHECK_FALSE(std::filesystem::exists(folder.File("a.ndjson")));
      Commit(2, "three\n");
      CHECK(Read() == "three\n");
      std::filesystem::remove(folder.File("a.ndjson"));
      std::filesystem::remove(folder.File(moved));
      Reopen();
      std::filesystem::remove(folder.File("a.ndjson"));
      Reopen();
    }
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a file that is gone: the last batch goes to a new one") {
    Commit(1, "one\n");
    Commit(2, "two\n");
    committer.reset();
    std::filesystem::remove(folder.File("a.ndjson"));
    Open();
    CHECK(Read() == "two\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "after an end in good order nothing is in doubt") {
    Commit(1, "one\n");
    committer->Close();
    std::filesystem::remove(folder.File("a.ndjson"));
    Crash();
    CHECK_FALSE(std::filesystem::exists(folder.File("a.ndjson")));
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a file removed under way is made anew") {
    Commit(1, "one\n");
    std::filesystem::remove(folder.File("a.ndjson"));
    Commit(2, "two\n");
    CHECK(Read() == "two\n");
    Crash();
    CHECK(Read() == "two\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a copy of the folder is gone on with") {
    Commit(1, "one\n");
    Commit(2, "two\n");
    committer.reset();
    std::filesystem::copy_file(folder.File("a.ndjson"), folder.File("copy"));
    Move("copy", "a.ndjson");
    Cut("a.ndjson", 6);
    Open();
    CHECK(Read() == "one\ntwo\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a full file is put aside, and none of its lines is lost") {
    committer.reset();
    options.output.rotate_bytes = 8;
    Open();
    for (std::uint64_t id = 1; id <= 6; ++id) Commit(id, "1234\n");
    Crash();
    std::size_t files = 0, bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      if (file.path().extension() != ".ndjson") continue;
      ++files;
      bytes += file.file_size();
    }
    CHECK(files == 4);  // Three of ten bytes, and a.ndjson.
    CHECK(bytes == 30);
    CHECK(Read().empty());
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a crash between putting aside and saying so is healed") {
    Commit(1, "one\ntwo\n");
    committer.reset();
    Cut("a.ndjson", 2);
    Move("a.ndjson", "a-20250131T120000.000Z.ndjson");
    Open();
    CHECK(Read("a-20250131T120000.000Z.ndjson") == "one\ntwo\n");
  }

  TEST_CASE_FIXTURE(CommitterFixture, "a dead letter's body comes back after a crash") {
    CommitAll({{.source = kFetcher,
                .id = 7,
                .ack = "x",
                .lines = {{"dead.ndjson", "{}\n"}},
                .body = {{"7.body", "<html>"}}},
               {.source = kFetcher, .id = 8, .ack = "x", .body = {{"8.body", "eight"}}}});
    CHECK(Read("state/dead/7.body") == "<html>");
    CHECK(Read("state/dead/8.body") == "eight");
    committer.reset();
    Cut("state/dead/7.body", 3);
    Open();
    CHECK(Read("state/dead/7.body") == "<html>");
  }
}
