// A frontier at work until it is killed: what frontier_crash_test.cc kills.
//
// usage: thresh-frontier-victim FOLDER     tells on stdout what was answered

#include <unistd.h>
#include <uv.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fetcher/frontier/rocks_frontier.h"
#include "tests/fetcher/frontier/crash_options.h"
#include "tests/fetcher/frontier/seeds.h"

using namespace thresh;
using namespace thresh::test;

namespace {

void Tell(char what, TaskId id, const std::string& url) {
  const std::string line = std::string(1, what) + " " + std::to_string(id) + " " + url + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(1);
}

// Publishes, leases, releases and completes until it is killed, and tells what was answered.
class Victim {
 public:
  explicit Victim(const std::string& path) {
    uv_loop_init(&loop_);
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
      for (int i = 0; i < 20; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
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
    const auto task = frontier_->Lease(now, now + std::chrono::hours(1), [](const Task&) { return HostVerdict{}; });
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

  uv_loop_t loop_{};
  std::uint64_t next_url_ = 0;
  std::unique_ptr<RocksFrontier> frontier_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  Victim(argv[1]).Run();
}
