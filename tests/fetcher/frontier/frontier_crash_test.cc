// A frontier whose process is killed at any moment: what was answered is there, nothing twice.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/crash_options.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

constexpr int kRounds = 12;

// Starts a victim, reads that many lines from it, and kills it.
std::string KillAfter(const std::string& path, int lines) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::execl(THRESH_FRONTIER_VICTIM, "victim", path.c_str(), nullptr);
    std::_Exit(3);
  }
  ::close(ends[1]);
  std::string told;
  char buffer[4096];
  int seen = 0;
  for (ssize_t got = 0; seen < lines && (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<std::size_t>(got));
    seen = static_cast<int>(std::count(told.begin(), told.end(), '\n'));
  }
  ::kill(child, SIGKILL);
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return told;
}

// What was answered in all lives so far.
struct Answered {
  std::map<TaskId, std::string> published;
  std::set<TaskId> completed;

  void Take(const std::string& told) {
    std::size_t at = 0;
    for (std::size_t end; (end = told.find('\n', at)) != std::string::npos; at = end + 1) {
      char what = 0, url[200] = "";
      unsigned long id = 0;
      if (std::sscanf(told.c_str() + at, "%c %lu %199s", &what, &id, url) != 3) continue;
      if (what == 'C') CHECK(completed.insert(id).second);
      if (what != 'P') continue;
      CHECK(id != 0);
      CHECK(published.emplace(id, url).second);
    }
  }
};

}  // namespace

TEST_CASE("a frontier killed at any moment has all that was answered, and nothing twice") {
  const TempFolder folder;
  const std::string path = folder.File("frontier");
  std::mt19937 random(7);
  Answered answered;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    answered.Take(KillAfter(path, std::uniform_int_distribution<int>(20, 3000)(random)));
    const auto findings = CheckFrontier(path);
    REQUIRE(findings.ok());
    for (const std::string& finding : *findings) FAIL_CHECK(finding);
  }

  TestLoop loop;
  bool failed = false;
  FrontierEvents events;
  events.on_failed = [&](const Error&) { failed = true; };
  auto opened = RocksFrontier::Open(loop, CrashOptions(path), std::move(events));
  REQUIRE(opened.ok());
  const std::unique_ptr<RocksFrontier> frontier = std::move(*opened);
  CHECK(answered.published.size() > 1000);
  CHECK(answered.published.rbegin()->first < frontier->next_id());
  const std::uint64_t pending = frontier->ledger().pending();
  std::set<TaskId> leased;
  const auto lease_all = [&] {
    const auto now = std::chrono::steady_clock::now();
    while (const auto task =
               frontier->Lease(now, now + 1h, [](const Task&) { return HostVerdict{}; })) {
      CHECK(leased.insert(task->id).second);
      CHECK_FALSE(answered.completed.contains(task->id));
      const auto known = answered.published.find(task->id);
      if (known != answered.published.end()) CHECK(known->second == task->seed.url);
    }
    return leased.size() == pending;
  };
  CHECK(loop.RunUntil(lease_all));
  for (const auto& [id, url] : answered.published) {
    if (leased.contains(id) || answered.completed.contains(id)) continue;
    // Ended, though the answer was never heard.
    CHECK(id < frontier->next_id());
  }
  CHECK_FALSE(failed);
}
