#include "sink/output/output_files.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "sink/output/aside_name.h"
#include "sink/output/chunk_reader.h"
#include "sink/output/compress.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct OutputFixture {
  // What the journal has to be told before lines go to `name`; its length, or -1 for nothing.
  std::int64_t Prepare(const std::string& name) {
    Result<std::optional<OutputState>> told = files.Prepare(name, next_number);
    REQUIRE(told.ok());
    if (!*told) return -1;
    next_number = std::max(next_number, (*told)->number + 1);
    files.Announced(name);
    return static_cast<std::int64_t>((*told)->length);
  }
  void Write(const std::string& name, const std::string& lines) {
    Prepare(name);
    files.Add(name, lines);
    REQUIRE(files.Append().ok());
  }
  // The whole text of a file, decompressed.
  [[nodiscard]] std::string ReadAll(const std::string& name) const {
    Result<std::unique_ptr<ChunkReader>> reader = ChunkReader::Open(folder.File(name));
    REQUIRE(reader.ok());
    std::string text;
    for (;;) {
      Result<std::string> chunk = (*reader)->Next();
      REQUIRE(chunk.ok());
      if (chunk->empty()) return text;
      text += *chunk;
    }
  }

  TempFolder folder;
  OutputFiles files{{.folder = folder.path()}};
  std::uint32_t next_number = 1;
  std::atomic<bool> stop = false;
};

constexpr const char* kAside = "a-20250131T120000.123Z.ndjson";

}  // namespace

TEST_SUITE("OutputFiles") {
  // As recovery does when another file had no room the first time.
  TEST_CASE_FIXTURE(OutputFixture, "what a crash left out is written once, however often adopted") {
    for (int time = 0; time < 2; ++time) {
      UniqueFd fd(::open(folder.File("a.ndjson").c_str(), O_RDWR | O_CREAT | O_APPEND, 0600));
      REQUIRE(fd);
      files.Adopt({.number = 1, .name = "a.ndjson"}, std::move(fd), "1\n2\n", false);
    }
    REQUIRE(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "1\n2\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "nothing is written before Append(), and nothing twice") {
    CHECK(Prepare("a.ndjson") == 0);
    files.Add("a.ndjson", "1\n");
    CHECK(folder.Read("a.ndjson").empty());
    CHECK(files.Append().ok());
    CHECK(files.Append().ok());
    CHECK(Prepare("a.ndjson") == -1);
    files.Add("a.ndjson", "2\n");
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "1\n2\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "the next lines' place is known before they are written") {
    folder.Write("a.ndjson", "old\n");
    CHECK(Prepare("a.ndjson") == 4);
    CHECK(files.NextPlace("a.ndjson") == std::pair<std::uint32_t, std::uint64_t>(1, 4));
    files.Add("a.ndjson", "new\n");
    CHECK(files.NextPlace("a.ndjson").second == 8);
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "old\nnew\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "a file that was made longer or shorter is told anew") {
    Write("a.ndjson", "1\n");
    folder.Write("a.ndjson", "1\nforeign\n");
    CHECK(Prepare("a.ndjson") == 10);
    files.Add("a.ndjson", "2\n");
    CHECK(files.Append().ok());
    folder.Write("a.ndjson", "");
    CHECK(Prepare("a.ndjson") == 0);
  }

  TEST_CASE_FIXTURE(OutputFixture, "others may not read an output file, nor is a link followed") {
    Write("a.ndjson", "1\n");
    CHECK((std::filesystem::status(folder.File("a.ndjson")).permissions() &
           std::filesystem::perms::others_all) == std::filesystem::perms::none);
    folder.Write("elsewhere", "");
    std::filesystem::create_symlink(folder.File("elsewhere"), folder.File("b.ndjson"));
    CHECK_FALSE(files.Prepare("b.ndjson", 9).ok());
  }

  TEST_CASE_FIXTURE(OutputFixture,
                    "a file that takes no more: told with path and reason, and "
                    "gone on with where it stopped") {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
    Prepare("a.ndjson");
    files.Add("a.ndjson", "more than ten bytes\n");
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Result<> written = files.Append();
    ::setrlimit(RLIMIT_FSIZE, &before);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == Errc::kInternal);
    CHECK(written.error().detail == "cannot write " + folder.File("a.ndjson") + ": File too large");
    CHECK(folder.Read("a.ndjson") == "more than ");
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "more than ten bytes\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "any number of pages' lines are written in their order") {
    std::vector<std::string> pages;
    std::string expected = "before\n";
    for (int i = 0; i < 3000; ++i) pages.push_back("page " + std::to_string(i) + "\n");
    Write("a.ndjson", "before\n");
    Prepare("a.ndjson");
    for (const std::string& page : pages) {
      CHECK(files.NextPlace("a.ndjson").second == expected.size());
      files.Add("a.ndjson", page);
      expected += page;
    }
    REQUIRE(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == expected);
    CHECK(files.States().at(0).length == expected.size());
  }

  TEST_CASE_FIXTURE(OutputFixture, "files whose path leads elsewhere are let go") {
    Write("a.ndjson", "1\n");
    Write("b.ndjson", "1\n");
    std::filesystem::rename(folder.File("a.ndjson"), folder.File("a.1"));
    Result<std::vector<std::string>> moved = files.CloseMoved();
    REQUIRE(moved.ok());
    CHECK(*moved == std::vector<std::string>{"a.ndjson"});
    Write("a.ndjson", "2\n");
    CHECK(folder.Read("a.1") == "1\n");
    CHECK(folder.Read("a.ndjson") == "2\n");
  }

  TEST_CASE("a name for a file put aside says when, and is known again") {
    CHECK(AsideName("a.ndjson", 1'738'324'800'123) == kAside);
    CHECK(NameBeforeAside(kAside) == "a.ndjson");
    CHECK(NameBeforeAside(std::string(kAside) + ".zst") == "a.ndjson");
    CHECK(NameBeforeAside("a.ndjson") == std::nullopt);
    CHECK(NameBeforeAside("a-20250131T1200.ndjson") == std::nullopt);
  }

  TEST_CASE("files are put aside by age as well") {
    TempFolder folder;
    OutputFiles files({.folder = folder.path(), .rotate_seconds = 3600});
    REQUIRE(files.Prepare("a.ndjson", 1).ok());
    files.Announced("a.ndjson");
    files.Add("a.ndjson", "1\n");
    REQUIRE(files.Append().ok());
    const std::int64_t born_ms = files.States().at(0).identity.born_ns / 1'000'000;
    if (born_ms == 0) {
      MESSAGE("SKIPPED: this file system does not tell a file's age");
      return;
    }
    CHECK(files.RotateDue(born_ms + 3'599'000)->empty());
    CHECK(files.RotateDue(born_ms + 3'600'000)->size() == 1);
    CHECK_FALSE(std::filesystem::exists(folder.File("a.ndjson")));
  }

  TEST_CASE_FIXTURE(OutputFixture, "a file put aside is compressed and reads as before") {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
    folder.Write(kAside, text);
    folder.Write("a.ndjson", "now\n");
    CHECK(*FilesAside(folder.path()) == std::vector<std::string>{folder.File(kAside)});
    REQUIRE(CompressFile(folder.File(kAside), stop).ok());
    CHECK_FALSE(std::filesystem::exists(folder.File(kAside)));
    CHECK(ReadAll(std::string(kAside) + ".zst") == text);
    CHECK(std::filesystem::file_size(folder.File(std::string(kAside) + ".zst")) < text.size() / 2);
    CHECK(FilesAside(folder.path())->empty());
  }

  TEST_CASE_FIXTURE(OutputFixture, "a crash in the middle of a compression costs nothing") {
    folder.Write(kAside, "one\ntwo\n");
    folder.Write(std::string(kAside) + ".zst.tmp", "half of it");
    REQUIRE(CompressFile(folder.File(kAside), stop).ok());
    CHECK(ReadAll(std::string(kAside) + ".zst") == "one\ntwo\n");
    folder.Write(kAside, "one\ntwo\n");  // As before the plain one was removed.
    REQUIRE(CompressFile(folder.File(kAside), stop).ok());
    CHECK_FALSE(std::filesystem::exists(folder.File(kAside)));
    CHECK(ReadAll(std::string(kAside) + ".zst") == "one\ntwo\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "a compression can be stopped") {
    folder.Write(kAside, "one\n");
    stop = true;
    CHECK(CompressFile(folder.File(kAside), stop).error().code == Errc::kBusy);
    CHECK(folder.Read(kAside) == "one\n");
    CHECK_FALSE(std::filesystem::exists(folder.File(std::string(kAside) + ".zst.tmp")));
  }

  TEST_CASE_FIXTURE(OutputFixture, "a compressed file that was cut is found out") {
    folder.Write(kAside, std::string(100'000, 'x'));
    REQUIRE(CompressFile(folder.File(kAside), stop).ok());
    std::filesystem::resize_file(folder.File(std::string(kAside) + ".zst"), 15);
    Result<std::unique_ptr<ChunkReader>> reader =
        ChunkReader::Open(folder.File(std::string(kAside) + ".zst"));
    REQUIRE(reader.ok());
    CHECK_FALSE((*reader)->Next().ok());
  }

  TEST_CASE_FIXTURE(OutputFixture, "a line that others left torn is not gone on with") {
    folder.Write("old.ndjson", "foo");
    Write("old.ndjson", "{}\n");
    CHECK(ReadAll("old.ndjson") == "foo\n{}\n");

    Write("a.ndjson", "{}\n");
    folder.Write("a.ndjson", "{}\n{\"half\"");
    Write("a.ndjson", "[]\n");
    CHECK(ReadAll("a.ndjson") == "{}\n{\"half\"\n[]\n");
    Write("a.ndjson", "[]\n");
    CHECK(ReadAll("a.ndjson") == "{}\n{\"half\"\n[]\n[]\n");
  }
}
