// A parser and a page that kills it: the real pool, and thresh-poison-parser as a process.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/dispatch/parser_pool.h"
#include "lib/io/flight_recorder.h"
#include "tests/parser/daemon_fixture.h"

using std::chrono::milliseconds;
using namespace thresh;
using namespace thresh::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// Pool, sink, and parsers that are started again when they end.
struct GuardFixture {
  GuardFixture() {
    log::SetLevel(log::Level::kError);
    std::signal(SIGCHLD, SIG_DFL);
  }
  ~GuardFixture() {
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  }

  void OpenPool(milliseconds lease = std::chrono::seconds(15)) {
    PoolEvents events;
    events.recipe_text = [this](const Hash128&) { return &recipe; };
    events.on_given_up = [this](GivenUpPage page) { given_up.push_back(std::move(page)); };
    events.on_change = [this] { changed = true; };
    auto made = ParserPool::Create(
        loop, context,
        {.endpoint = "ipc://" + folder.File("parsers.ipc"), .flight_dir = flight, .lease = lease},
        NewPeerId(), std::move(events));
    REQUIRE(made.ok());
    pool = std::move(*made);
  }
  void Offer(TaskId id, const std::string& body) {
    wire::Page identity;
    identity.set_url("http://x.test/");
    pool->Offer({.id = id,
                 .identity = identity.SerializeAsString(),
                 .recipe_hash = HashBytes(recipe),
                 .recipe = "r",
                 .final_url = "http://x.test/",
                 .status = 200,
                 .body = SharedBytes(body)});
  }
  void StartParser() {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
      ::dup2(null, STDERR_FILENO);
      ::execl(THRESH_POISON_PARSER, "thresh-parser", "--state", folder.path().c_str(),
              "--parse-timeout-ms", parse_timeout_ms, "--max-memory-bytes", "300000000", nullptr);
      ::_exit(127);
    }
    children.push_back(child);
  }
  /// Notes how parsers ended.
  void Reap() {
    for (std::size_t i = 0; i < children.size(); ++i) {
      int status = 0;
      if (::waitpid(children[i], &status, WNOHANG) != children[i]) continue;
      statuses.push_back(status);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i--));
    }
  }
  /// Turns the loop with `parsers` at work until `happened()`.
  template <typename Happened>
  [[nodiscard]] bool RunWith(std::size_t parsers, Happened happened) {
    return loop.RunUntil(
        [&] {
          Reap();
          while (children.size() < parsers) StartParser();
          if (std::exchange(changed, false)) pool->Dispatch();
          GreetAtSink();
          return happened();
        },
        60'000);
  }
  /// Grants bytes to whoever says HELLO, and has not died of a page since.
  void GreetAtSink() {
    for (; greeted < sink.heard.size(); ++greeted) {
      if (sink.heard[greeted].has_result()) results.push_back(sink.heard[greeted].result().id());
      if (!sink.heard[greeted].has_hello()) continue;
      wire::Envelope envelope;
      envelope.mutable_byte_credit()->set_bytes_total(1 << 30);
      (void)sink.SendToLiving(envelope);
    }
  }
  /// A parser is in the middle of a page.
  bool BusyRecorder() const {
    const auto parsers = std::filesystem::directory_iterator(flight);
    return std::any_of(begin(parsers), end(parsers), [](const auto& file) {
      const auto record = ReadFlight(file.path());
      return record && record->busy;
    });
  }
  std::string GivenUp() const {
    if (given_up.size() != 1) return std::to_string(given_up.size()) + " pages";
    return given_up[0].reason + ", " + given_up[0].detail;
  }

  TempFolder folder;
  TestLoop loop;
  zmq::context_t context;
  ParserPeer sink{loop, context, "ipc://" + folder.File("sink.ipc")};
  const std::string flight = folder.File("flight");
  const std::string recipe{kRecipeText};
  std::unique_ptr<ParserPool> pool;
  std::vector<GivenUpPage> given_up;
  std::vector<std::uint64_t> results;
  std::vector<pid_t> children;
  std::vector<int> statuses;
  const char* parse_timeout_ms = "300";
  std::size_t greeted = 0;
  bool changed = false;
};

struct Fate {
  const char* poison;
  const char* given_up;
  int exit_code;  // Or the negative signal.
};

}  // namespace

TEST_SUITE("thresh-parser and poison") {
  TEST_CASE_FIXTURE(GuardFixture, "a page that kills parsers is given up, its neighbours are not") {
    Fate fate{};
    SUBCASE("segv") {
      fate = {"SEGV", "parse_crash, signal 11 (SIGSEGV) 3 times", -SIGSEGV};
    }
    SUBCASE("abort") {
      fate = {"ABORT", "parse_crash, signal 6 (SIGABRT) 3 times", -SIGABRT};
    }
    SUBCASE("spin") {
      fate = {"SPIN", "parse_timeout, over the parse timeout 3 times", 70};
    }
    SUBCASE("oom") {
      fate = {"OOM", "parse_crash, out of memory 3 times", 70};
    }
    SUBCASE("sleep") {
      fate = {"SLEEP", "parse_timeout, over the parse timeout 3 times", 70};
    }
    SUBCASE("kill") {
      fate = {"KILL", "parse_crash, the parser was killed 10 times", -SIGKILL};
    }
    if (fate.poison == std::string("OOM") && kSanitized) return;  // Its limit is not set then.
    OpenPool();
    for (TaskId id = 1; id <= 5; ++id) Offer(id, "<p>Hi</p>");
    Offer(6, std::string("<p>POISON:") + fate.poison);
    for (TaskId id = 7; id <= 9; ++id) Offer(id, "<p>Hi</p>");

    REQUIRE(RunWith(1, [&] { return !given_up.empty(); }));
    CHECK(GivenUp() == fate.given_up);
    CHECK(given_up[0].page.id == 6);
    CHECK(given_up[0].page.body.View().starts_with("<p>POISON:"));
    for (const int status : statuses) {
      CHECK((WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status)) == fate.exit_code);
    }
    CHECK(RunWith(1, [&] { return pool->awaiting_ack() == 8; }));
    std::sort(results.begin(), results.end());
    results.erase(std::unique(results.begin(), results.end()), results.end());
    CHECK(results == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 7, 8, 9});
  }

  TEST_CASE_FIXTURE(GuardFixture, "pages that keep within their time add up to any") {
    OpenPool();
    for (TaskId id = 1; id <= 12; ++id) Offer(id, id % 4 == 0 ? "<p>Hi</p>" : "POISON:WORK");
    REQUIRE(RunWith(1, [&] { return pool->awaiting_ack() == 12 || !statuses.empty(); }));
    CHECK(statuses.empty());
    CHECK(given_up.empty());
  }

  TEST_CASE_FIXTURE(GuardFixture,
                    "a lease that runs out is charged, and its parser not waited for") {
    OpenPool(milliseconds(200));  // Before the parser misses anything itself.
    Offer(1, "POISON:SLEEP");
    REQUIRE(RunWith(3, [&] { return !given_up.empty(); }));
    CHECK(GivenUp() == "parse_timeout, no result within the lease 3 times");
  }

  TEST_CASE_FIXTURE(GuardFixture, "a lost parser's pages are at another within a second") {
    OpenPool();
    REQUIRE(RunWith(1, [&] { return pool->Parsers().size() == 1; }));
    ::kill(children[0], SIGSTOP);
    for (TaskId id = 1; id <= 2; ++id) Offer(id, "<p>Hi</p>");
    changed = true;
    REQUIRE(RunWith(1, [&] { return pool->leased() == 2; }));
    REQUIRE(RunWith(2, [&] { return pool->Parsers().size() == 2; }));
    ::kill(children[0], SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    REQUIRE(RunWith(1, [&] { return pool->awaiting_ack() == 2; }));
    CHECK(std::chrono::steady_clock::now() - killed < std::chrono::seconds(1));
  }

  TEST_CASE_FIXTURE(GuardFixture, "SIGTERM ends a parser within two seconds, and blames no page") {
    parse_timeout_ms = "60000";
    OpenPool();
    Offer(1, "POISON:SLEEP");
    REQUIRE(RunWith(1, [&] { return !children.empty() && pool->leased() == 1 && BusyRecorder(); }));
    ::kill(children[0], SIGTERM);
    const auto asked = std::chrono::steady_clock::now();
    REQUIRE(RunWith(0, [&] { return children.empty(); }));
    CHECK(std::chrono::steady_clock::now() - asked < milliseconds(2500));
    REQUIRE(statuses.size() == 1);
    CHECK(WIFEXITED(statuses[0]));
    CHECK(WEXITSTATUS(statuses[0]) == 0);
    REQUIRE(RunWith(0, [&] { return pool->Parsers().empty(); }));
    CHECK(given_up.empty());
  }

  TEST_CASE_FIXTURE(GuardFixture, "where there is nothing to work for it says so") {
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
      const std::string nowhere = folder.File("nowhere");
      ::execl(THRESH_POISON_PARSER, "thresh-parser", "--config", "", "--run", nowhere.c_str(),
              nullptr);
      ::_exit(127);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 69);
  }
}
