// A disk that is full, as a small tmpfs that only this process sees.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sink/committer.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kFetcher = HashFromBytes("ffffffffffffffff").value();

bool WriteText(const char* path, const std::string& text) {
  const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
  return ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// May we mount? Root may; others in a user namespace of their own, where the kernel allows it.
bool MayMount() {
  static const bool may = [] {
    const std::string uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
    if (::unshare(CLONE_NEWNS) != 0) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
      if (!WriteText("/proc/self/setgroups", "deny")) return false;
      if (!WriteText("/proc/self/uid_map", "0 " + uid + " 1")) return false;
      if (!WriteText("/proc/self/gid_map", "0 " + gid + " 1")) return false;
    }
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }();
  return may;
}

struct FullDiskFixture {
  FullDiskFixture() {
    std::filesystem::create_directory(disk);
    mounted = MayMount() && ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~FullDiskFixture() {
    committer.reset();
    if (mounted) ::umount2(disk.c_str(), MNT_DETACH);
  }
  FullDiskFixture(const FullDiskFixture&) = delete;
  FullDiskFixture& operator=(const FullDiskFixture&) = delete;

  [[nodiscard]] bool HasDisk() const {
    if (!mounted) MESSAGE("SKIPPED: a file system cannot be mounted here");
    return mounted;
  }
  void Open(const std::string& state, const std::string& out) {
    Result<std::unique_ptr<Journal>> journal =
        Journal::Open({.folder = state + "/journal", .segment_bytes = 16 << 10, .sync = false});
    REQUIRE(journal.ok());
    committer = std::make_unique<JournalCommitter>(
        CommitOptions{.state_dir = state, .output = {.folder = out, .sync = false}},
        std::move(*journal));
  }
  // Leaves room for so many bytes.
  void Fill(std::uintmax_t room) const {
    const std::uintmax_t free = std::filesystem::space(disk).available;
    std::filesystem::remove(disk + "/ballast");
    const UniqueFd fd(::open((disk + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(::posix_fallocate(fd.get(), 0, static_cast<off_t>(free - room)) == 0);
  }
  void MakeRoom() const { std::filesystem::remove(disk + "/ballast"); }

  Batch Lines(std::uint64_t id, const std::string& text) {
    Batch batch;
    lines.push_back(text);
    batch.effects = {
        {.source = kFetcher, .id = id, .ack = "x", .lines = {{"a.ndjson", lines.back()}}}};
    return batch;
  }

  test::TempFolder folder;
  const std::string disk = folder.File("disk");
  bool mounted = false;
  std::deque<std::string> lines;  // Of the batches.
  std::unique_ptr<JournalCommitter> committer;
};

}  // namespace

TEST_SUITE("a full disk") {
  TEST_CASE_FIXTURE(FullDiskFixture, "under the outputs: half a line waits for its end") {
    if (!HasDisk()) return;
    Open(folder.File("state"), disk);
    REQUIRE(committer->Run(Lines(1, "one\n")).ok());
    Fill(8192);
    const Batch batch = Lines(2, std::string(30'000, 'x') + "\n");
    for (int again = 0; again < 3; ++again) {
      const Result<Committed> full = committer->Run(batch);
      REQUIRE_FALSE(full.ok());
      CHECK(full.error().code == Errc::kBusy);
      CHECK(full.error().detail == "cannot write " + disk + "/a.ndjson: No space left on device");
    }
    MakeRoom();
    const Result<Committed> done = committer->Run(batch);
    REQUIRE(done.ok());
    CHECK(done->places.size() == 1);
    CHECK(folder.Read("disk/a.ndjson") == "one\n" + std::string(30'000, 'x') + "\n");
  }

  TEST_CASE_FIXTURE(FullDiskFixture, "under the outputs, and a crash: the line is completed") {
    if (!HasDisk()) return;
    Open(folder.File("state"), disk);
    REQUIRE(committer->Run(Lines(1, "one\n")).ok());
    Fill(8192);
    REQUIRE_FALSE(committer->Run(Lines(2, std::string(30'000, 'x') + "\n")).ok());
    Open(folder.File("state"), disk);
    const Result<Committed> full = committer->Run({});
    REQUIRE_FALSE(full.ok());
    CHECK(full.error().code == Errc::kBusy);
    MakeRoom();
    REQUIRE(committer->Run({}).ok());
    CHECK(folder.Read("disk/a.ndjson") == "one\n" + std::string(30'000, 'x') + "\n");
  }

  TEST_CASE_FIXTURE(FullDiskFixture, "under the journal: the batch waits, nothing is visible") {
    if (!HasDisk()) return;
    Open(disk, folder.File("out"));
    REQUIRE(committer->Run(Lines(1, "one\n")).ok());
    Fill(4096);
    const Batch batch = Lines(2, std::string(20'000, 'x') + "\n");  // Needs a segment of its own.
    const Result<Committed> full = committer->Run(batch);
    REQUIRE_FALSE(full.ok());
    CHECK(full.error().code == Errc::kBusy);
    CHECK(folder.Read("out/a.ndjson") == "one\n");
    MakeRoom();
    REQUIRE(committer->Run(batch).ok());
    CHECK(folder.Read("out/a.ndjson") == "one\n" + std::string(20'000, 'x') + "\n");
  }

  TEST_CASE_FIXTURE(FullDiskFixture, "from the start: the sink waits before its first word") {
    if (!HasDisk()) return;
    Fill(4096);
    Open(disk, folder.File("out"));
    CHECK(committer->Run({}).error().code == Errc::kBusy);
    MakeRoom();
    CHECK(committer->Run(Lines(1, "one\n")).ok());
    CHECK(folder.Read("out/a.ndjson") == "one\n");
  }
}
