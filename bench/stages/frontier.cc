// thresh-bench-frontier: how fast the frontier takes URLs, and hands them out; see bench/micro
// frontier.
//
// Prints JSON lines: one for every million URLs, then one for each measurement.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <uv.h>

#include "fetcher/frontier/rocks_frontier.h"

namespace {

using namespace thresh;
using Clock = std::chrono::steady_clock;

struct Bench {
  std::uint64_t urls = 1'000'000;
  std::uint64_t hosts = 10'000;
  std::uint64_t batch = 2000;
  std::uint64_t ends = 500'000;  // Tasks leased and completed.
  bool kill = false;             // End by SIGKILL once all is taken.
  FrontierOptions options;
};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Of all threads, background ones included: what a busy machine does not change.
double CpuSeconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

long StatusKb(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == name) {
      long kb = 0;
      status >> kb;
      return kb;
    }
  }
  return 0;
}

std::uint64_t FolderBytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// Numbers in an order without pattern: as a crawl meets hosts.
std::uint64_t Scatter(std::uint64_t n) {
  n = (n ^ (n >> 31)) * 0x7fb5d329728ea185;
  n = (n ^ (n >> 27)) * 0x81dadef4bc2dd44d;
  return n ^ (n >> 33);
}

TaskSeed SeedOf(const Bench& bench, std::uint64_t n) {
  const std::string host = "www.site-" + std::to_string(Scatter(n) % bench.hosts) + ".example.com";
  auto root = std::make_shared<Root>();
  root->url =
      "https://" + host + "/catalogue/products/" + std::to_string(n) + "/details.html?page=1";
  root->n = n + 1;
  root->created_at_ms = 1'700'000'000'000;
  TaskSeed seed{.url = root->url, .host = host, .recipe = "products"};
  seed.recipe_hash = HashBytes("products");
  seed.root = std::move(root);
  return seed;
}

void Turn(uv_loop_t& loop, const bool& until) {
  while (!until) uv_run(&loop, UV_RUN_ONCE);
}

// Publishes all, with one publication in preparation while another is written.
void Fill(const Bench& bench, uv_loop_t& loop, RocksFrontier& frontier) {
  const auto begin = Clock::now();
  auto lap = begin;
  double lap_cpu = CpuSeconds();
  std::uint64_t sent = 0, answered = 0, in_flight = 0;
  constexpr std::uint64_t kLap = 1'000'000;
  while (answered < bench.urls) {
    while (in_flight < 2 && sent < bench.urls) {
      std::vector<TaskSeed> seeds;
      for (; seeds.size() < bench.batch && sent < bench.urls; ++sent) {
        seeds.push_back(SeedOf(bench, sent));
      }
      ++in_flight;
      frontier.Publish(std::move(seeds), [&](const std::vector<Published>& answers) {
        --in_flight;
        answered += answers.size();
        if (answered / kLap == (answered - answers.size()) / kLap && answered != bench.urls) return;
        const double seconds = SecondsSince(std::exchange(lap, Clock::now()));
        const std::uint64_t here = (answered - 1) % kLap + 1;
        const double cpu = CpuSeconds() - std::exchange(lap_cpu, CpuSeconds());
        std::printf(R"({"at_urls":%lu,"urls_per_s":%.0f,"cpu_us_per_url":%.2f,"rss_mb":%ld})"
                    "\n",
                    answered, static_cast<double>(here) / seconds,
                    cpu * 1e6 / static_cast<double>(here), StatusKb("VmRSS:") >> 10);
        std::fflush(stdout);
      });
    }
    uv_run(&loop, UV_RUN_ONCE);
  }
  std::printf(
      R"({"measure":"insert","urls":%lu,"urls_per_s":%.0f,"peak_rss_mb":%ld,"disk_mb":%lu,"bytes_per_url":%.1f})"
      "\n",
      answered, static_cast<double>(answered) / SecondsSince(begin), StatusKb("VmHWM:") >> 10,
      FolderBytes(bench.options.path) >> 20,
      static_cast<double>(FolderBytes(bench.options.path)) / static_cast<double>(answered));
  std::fflush(stdout);
}

// Leases what there is, ends it; as many at a time as a fetcher has under way.
void Drain(const Bench& bench, uv_loop_t& loop, RocksFrontier& frontier) {
  const auto begin = Clock::now();
  const double cpu = CpuSeconds();
  std::uint64_t leased = 0, ended = 0;
  while (ended < bench.ends) {
    while (leased - ended < 4096 && leased < bench.ends) {
      const auto now = Clock::now();
      const auto task = frontier.Lease(now, now + std::chrono::minutes(10),
                                       [](const Task&) { return HostVerdict{}; });
      if (!task) break;
      ++leased;
      frontier.Complete(KeyOf(*task), {.attempts = 1, .records = 1}, {},
                        [&](const auto&) { ++ended; });
    }
    uv_run(&loop, UV_RUN_ONCE);
  }
  frontier.Finish();
  std::printf(
      R"({"measure":"lease_complete","tasks":%lu,"tasks_per_s":%.0f,"cpu_us_per_task":%.2f,"peak_rss_mb":%ld})"
      "\n",
      ended, static_cast<double>(ended) / SecondsSince(begin),
      (CpuSeconds() - cpu) * 1e6 / static_cast<double>(ended), StatusKb("VmHWM:") >> 10);
  std::fflush(stdout);
}

int Run(const Bench& bench, bool fill) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::unique_ptr<RocksFrontier> frontier;
  const auto begin = Clock::now();
  bool ready = false;
  FrontierEvents events;
  events.on_ready = [&] { ready = true; };
  events.on_job = [&](const JobReport& job) { frontier->CompleteJob(job.id); };
  events.on_failed = [](const Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    std::exit(70);
  };
  auto opened = RocksFrontier::Open(loop, bench.options, std::move(events));
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
    return 70;
  }
  frontier = std::move(*opened);
  const double open_s = SecondsSince(begin);
  if (fill) {
    Fill(bench, loop, *frontier);
    if (bench.kill) std::raise(SIGKILL);
  } else {
    Turn(loop, ready);
    std::printf(
        R"({"measure":"start","pending":%lu,"open_s":%.3f,"first_task_s":%.3f,"cpu_s":%.3f})"
        "\n",
        frontier->ledger().pending(), open_s, SecondsSince(begin), CpuSeconds());
    std::fflush(stdout);
  }
  if (!bench.kill) Drain(bench, loop, *frontier);
  frontier.reset();
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
  return 0;
}

// In a process of its own, so that memory is that of this step alone.
int RunApart(const Bench& bench, bool fill) {
  const pid_t child = ::fork();
  if (child == 0) std::_Exit(Run(bench, fill));
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 0 : WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  bench.options.path = "bench-frontier";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    const auto number = [&] { return std::strtoull(value.c_str(), nullptr, 10); };
    if (name == "--urls") bench.urls = number();
    if (name == "--hosts") bench.hosts = number();
    if (name == "--batch") bench.batch = number();
    if (name == "--ends") bench.ends = number();
    if (name == "--path") bench.options.path = value;
    if (name == "--cache-bytes") bench.options.cache_bytes = number();
    if (name == "--write-buffer-bytes") bench.options.write_buffer_bytes = number();
    if (name == "--durability" && value == "process") {
      bench.options.durability = Durability::kProcess;
    }
  }
  bench.ends = std::min(bench.ends, bench.urls);
  std::filesystem::remove_all(bench.options.path);
  bench.kill = true;
  if (const int failed = RunApart(bench, true)) return failed;
  bench.kill = false;
  const int failed = RunApart(bench, false);
  std::filesystem::remove_all(bench.options.path);
  return failed;
}
