// kill -9, again and again, while batches are committed: whenever it comes, the next life goes
// on, and in the end every line stands in its file once, in order.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "sink/committer.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kFetcher = HashFromBytes("ffffffffffffffff").value();
constexpr std::uint64_t kTasks = 600;

std::string LineOf(std::uint64_t id) {
  return std::to_string(id) + std::string(id * 7919 % 30'000, 'x') + "\n";
}

struct KillFixture {
  // One life: commits what is not committed, three tasks at a time, and ends.
  [[noreturn]] void Live() const {
    Result<std::unique_ptr<Journal>> journal = Journal::Open(
        {.folder = folder.File("journal"), .segment_bytes = 256 << 10, .sync = false});
    if (!journal) ::_exit(1);
    const auto known = (*journal)->state().sources.find(kFetcher);
    std::uint64_t id = known == (*journal)->state().sources.end() ? 1 : known->second.highest + 1;
    JournalCommitter committer(
        {.state_dir = folder.path(), .output = {.folder = folder.path(), .sync = false}},
        std::move(*journal));
    if (!committer.Run({}).ok()) ::_exit(1);
    while (id <= kTasks) {
      Batch batch;
      std::deque<std::string> lines;
      batch.closings = {{.source = kFetcher, .low = id}};
      for (int i = 0; i < 3 && id <= kTasks; ++i, ++id) {
        const std::string name = id % 2 == 0 ? "even.ndjson" : "odd.ndjson";
        lines.push_back(LineOf(id));
        batch.effects.push_back(
            {.source = kFetcher, .id = id, .ack = "x", .lines = {{name, lines.back()}}});
      }
      if (!committer.Run(batch).ok()) ::_exit(1);
    }
    ::_exit(0);
  }

  [[nodiscard]] std::uintmax_t OutputBytes() const {
    std::error_code none;
    const std::uintmax_t bytes = std::filesystem::file_size(folder.File("even.ndjson"), none);
    return none ? 0 : bytes;
  }

  // Kills the life once the output has grown by `bytes`; its exit status if it ended before.
  [[nodiscard]] int LiveAndKill(std::uintmax_t bytes) const {
    const std::uintmax_t goal = OutputBytes() + bytes;
    const pid_t child = ::fork();
    if (child == 0) Live();
    int status = 0;
    while (OutputBytes() < goal) {
      if (::waitpid(child, &status, WNOHANG) == child) return WEXITSTATUS(status);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -1 : WEXITSTATUS(status);
  }

  test::TempFolder folder;
};

}  // namespace

TEST_SUITE("kill -9") {
  TEST_CASE("every line stands in its file once, however often") {
    std::string even, odd;
    for (std::uint64_t id = 1; id <= kTasks; ++id) (id % 2 == 0 ? even : odd) += LineOf(id);
    std::mt19937 random(1);
    for (int kills = 0; kills < 30;) {  // A quick machine needs several rounds for them.
      const KillFixture round;
      int status = -1;
      while (status == -1) {
        status = round.LiveAndKill(random() % 20'000);
        kills += status == -1 ? 1 : 0;
      }
      REQUIRE(status == 0);
      CHECK((round.folder.Read("even.ndjson") == even));
      CHECK((round.folder.Read("odd.ndjson") == odd));
    }
  }
}
