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
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

constexpr const char* kFolder = "THRESH_CRASH_FOLDER";
constexpr int kRounds = 12;

FrontierOptions CrashOptions(const std::string& path) {
  FrontierOptions options;
  options.path = path;
  options.write_buffer_bytes = 256 << 10;  // Files are written and merged all the time.
  options.min_free_bytes = 0;
  return options;
}

void Tell(char what, TaskId id, const std::string& url) {
  const std::string line = std::string(1, what) + " " + std::to_string(id) + " " + url + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(1);
}

// Publishes, leases, releases and completes until it is killed, and tells what was answered.
class Victim {
 public:
  explicit Victim(const std::string& path) {
    FrontierEvents events;
    events.on_job = [this](const JobReport& job) { frontier_->CompleteJob(job.id); };
    auto opened = RocksFrontier::Open(loop_, CrashOptions(path), std::move(events));
    if (!opened) std::_Exit(2);
    frontier_ = std::move(*opened);
    next_url_ = frontier_->next_id() * 10;
  }

  [[noreturn]] void Run() {
    for (std::uint64_t turn = 0;; ++turn) {
      Publish();
      for (int i = 0; i < 20; ++i) Work(turn + static_cast<std::uint64_t>(i));
      loop_.Settle();
    }
  }

 private:
  TaskSeed Next() {
    const std::uint64_t number = next_url_++;
    return Seed("h" + std::to_string(number % 7) + "/" + std::to_string(number));
  }
  void Publish() {
    std::vector<TaskSeed> seeds;
    std::vector<std::string> urls;
    for (int i = 0; i < 10; ++i) {
      seeds.push_back(Next());
      urls.push_back(seeds.back().url);
    }
    frontier_->Publish(std::move(seeds), [urls](const std::vector<Published>& answers) {
      for (std::size_t i = 0; i < answers.size(); ++i) Tell('P', answers[i].id, urls[i]);
    });
  }
  void Work(std::uint64_t turn) {
    const auto now = std::chrono::steady_clock::now();
    const auto task = frontier_->Lease(now, now + 1h, [](const Task&) { return HostVerdict{}; });
    if (!task) return;
    if (turn % 5 == 0) return frontier_->Release(task->id, now, "again");
    std::vector<TaskSeed> children;
    if (turn % 3 == 0) children = {Next(), Next()};
    std::vector<std::string> urls;
    for (TaskSeed& child : children) {
      child.root_id = task->seed.root_id;
      child.root = task->seed.root;
      child.origin = Origin::kFollowed;
      urls.push_back(child.url);
    }
    frontier_->Complete(KeyOf(*task), {.attempts = task->attempts, .records = 1}, children,
                        [id = task->id, url = task->seed.url, urls](const auto& published) {
                          Tell('C', id, url);
                          for (std::size_t i = 0; i < published.size(); ++i) {
                            Tell('P', published[i].id, urls[i]);
                          }
                        });
  }

  TestLoop loop_;
  std::uint64_t next_url_ = 0;
  std::unique_ptr<RocksFrontier> frontier_;
};

// Starts this program again as a victim, reads that many lines from it, and kills it.
std::string KillAfter(const std::string& path, int lines) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::setenv(kFolder, path.c_str(), 1);
    ::execl("/proc/self/exe", "victim", "--no-skip", "-tc=victim", nullptr);
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
    std::size_t at = told.find("P ");  // After what the test framework says of itself.
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

TEST_CASE("victim" * doctest::skip()) {
  Victim(std::getenv(kFolder)).Run();
}

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
