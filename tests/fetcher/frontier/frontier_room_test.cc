// A disk without room: the frontier waits, and goes on when there is some, with nothing lost.

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

// A disk of 24 MiB of this process's own; it goes with the process.
// REQUIRES: root, and that no other thread runs yet: each has mounts of its own from here on.
std::string SmallDisk() {
  static const TempFolder folder;
  static const bool mounted = [] {
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=24m") == 0;
  }();
  REQUIRE_MESSAGE(mounted, "cannot mount, run as root: " << std::strerror(errno));
  return folder.path();
}

struct SmallDiskFixture {
  SmallDiskFixture() : disk(SmallDisk()) {
    std::filesystem::remove_all(disk + "/frontier");
    options.path = disk + "/frontier";
    options.write_buffer_bytes = 4 << 20;
    options.cache_bytes = 1 << 20;
    options.min_free_bytes = 0;
  }
  void Open() {
    FrontierEvents events;
    events.on_paused = [this](const std::string& why) { pauses.push_back(why); };
    events.on_failed = [this](const Error& error) { failures.push_back(error.detail); };
    auto opened = RocksFrontier::Open(loop, options, std::move(events));
    REQUIRE_MESSAGE(opened.ok(), opened.error().detail);
    frontier = std::move(*opened);
  }
  // Takes up room, but for so much.
  void FillDisk(std::uint64_t but_for) {
    const std::uint64_t free = std::filesystem::space(disk).available;
    std::ofstream(disk + "/ballast") << std::string(free - but_for, 'x');
  }
  void MakeRoom() { std::filesystem::remove(disk + "/ballast"); }
  bool is_paused() const { return !pauses.empty() && !pauses.back().empty(); }

  void Publish() {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 200; ++i) {
      const std::string number = std::to_string(sent++);
      seeds.push_back(Seed("h" + number.substr(0, 1) + "/" + std::string(100, 'p') + number));
    }
    frontier->Publish(std::move(seeds), [this](const std::vector<Published>& answers) {
      for (const Published& answer : answers) ids.push_back(answer.id);
    });
  }
  // Publishes until there is no more room.
  bool PublishUntilFull() {
    return loop.RunUntil(
        [this] {
          if (!is_paused() && ids.size() == sent) Publish();
          return is_paused();
        },
        60'000);
  }
  void CheckWhole() {
    REQUIRE(loop.RunUntil([this] { return ids.size() == sent; }, 60'000));
    for (std::size_t i = 0; i < ids.size(); ++i) REQUIRE(ids[i] == i + 1);
    CHECK(failures.empty());
    CHECK(frontier->ledger().fed == sent);
    frontier.reset();
    const auto findings = CheckFrontier(options.path);
    REQUIRE(findings.ok());
    for (const std::string& finding : *findings) FAIL_CHECK(finding);
    Open();
    CHECK(frontier->ledger().pending() == sent);
  }

  std::string disk;
  TestLoop loop;
  FrontierOptions options;
  std::vector<std::string> pauses, failures;
  std::vector<TaskId> ids;
  std::uint64_t sent = 0;
  std::unique_ptr<RocksFrontier> frontier;
};

}  // namespace

TEST_SUITE("RocksFrontier: disk full") {
  TEST_CASE_FIXTURE(SmallDiskFixture, "without room it waits, with room it goes on") {
    Open();
    for (int round = 0; round < 4; ++round) {
      CAPTURE(round);
      FillDisk(1 << 20);
      REQUIRE(PublishUntilFull());
      CHECK(ids.size() < sent);
      MakeRoom();
      REQUIRE(loop.RunUntil([this] { return ids.size() == sent; }, 60'000));
      CHECK(pauses.back().empty());
    }
    CheckWhole();
  }

  TEST_CASE_FIXTURE(SmallDiskFixture, "it waits before it runs into the reserve") {
    options.min_free_bytes = 8 << 20;
    Open();
    FillDisk(7 << 20);
    Publish();
    REQUIRE(loop.RunUntil([this] { return is_paused(); }));
    CHECK(pauses.back().find("8 MiB needed") != std::string::npos);
    CHECK(ids.empty());
    MakeRoom();
    REQUIRE(loop.RunUntil([this] { return ids.size() == sent; }));
    CHECK(pauses.size() == 2);
    CheckWhole();
  }

  TEST_CASE_FIXTURE(SmallDiskFixture, "Finish() does not wait for room") {
    options.min_free_bytes = 8 << 20;
    Open();
    FillDisk(7 << 20);
    Publish();
    frontier->Finish();
    CHECK(ids.empty());
    CHECK(is_paused());
    MakeRoom();
    CheckWhole();
  }
}
