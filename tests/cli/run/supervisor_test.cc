#include "cli/run/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "lib/io/file.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;

namespace {

// Shells stand in for daemons: programs are looked for beside our own.
struct SupervisorFixture {
  ChildSpec Shell(const std::string& script) {
    return {.program = shell, .arguments = {"-c", script}, .log = folder.File("log")};
  }
  void Keep(const std::string& script, bool restart = true) {
    REQUIRE(supervisor.Keep(Shell(script), restart).ok());
  }
  [[nodiscard]] std::uint64_t restarts() const {
    const auto found = supervisor.restarts().find(shell);
    return found != supervisor.restarts().end() ? found->second : 0;
  }

  TempFolder folder;
  TestLoop loop;
  const std::string shell = std::filesystem::relative("/bin/sh", ProgramFolder()).string();
  std::optional<GivenUp> given_up;
  bool stopped = false;
  Supervisor supervisor{loop,
                        {.on_given_up = [this](const GivenUp& child) { given_up = child; },
                         .on_stopped = [this] { stopped = true; }}};
};

}  // namespace

TEST_SUITE("Supervisor") {
  TEST_CASE_FIXTURE(SupervisorFixture, "a process that is killed is started again") {
    Keep("exec tail -f /dev/null");
    const int first = supervisor.PidOf(shell);
    REQUIRE(first > 0);
    ::kill(first, SIGKILL);
    REQUIRE(loop.RunUntil([&] { return restarts() == 1; }));
    CHECK(supervisor.PidOf(shell) != first);
    CHECK(supervisor.PidOf(shell) > 0);
    supervisor.Kill();
    REQUIRE(loop.RunUntil([&] { return restarts() == 2; }));
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "one that ends again and again by itself is, too") {
    supervisor.NoteWorking(shell);
    Keep("exit 0");
    REQUIRE(loop.RunUntil([&] { return restarts() >= 4; }));
    CHECK_FALSE(given_up.has_value());
  }

  TEST_CASE_FIXTURE(SupervisorFixture,
                    "one that says why it cannot start is given up, with what it said") {
    (void)folder.Write("log", "said by another\n");
    Keep("echo this is why >&2; exit 65");
    REQUIRE(loop.RunUntil([&] { return given_up.has_value(); }));
    CHECK(given_up->status == 65);
    CHECK(given_up->said == "this is why");
    CHECK(restarts() == 0);
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "one that cannot be replaced is given up however it ends") {
    Keep("kill -9 $$", false);
    REQUIRE(loop.RunUntil([&] { return given_up.has_value(); }));
    CHECK(given_up->status == 128 + SIGKILL);
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "a command is words for a shell, which becomes it") {
    const std::string said = folder.File("said");
    const ChildSpec spec{.program = "any",
                         .command = "sh -c 'echo \"$0 $*\" > " + said + "; exec tail -f /dev/null'",
                         .arguments = {"--state", "two words"},
                         .log = folder.File("log")};
    REQUIRE(supervisor.Keep(spec).ok());
    const std::string expected =
        "--state two words --die-with " + std::to_string(::getpid()) + "\n";
    REQUIRE(loop.RunUntil([&] {
      const Result<std::string> found = ReadWholeFile(said);
      return found && *found == expected;
    }));
    const int first = supervisor.PidOf("any");
    ::kill(first, SIGKILL);
    REQUIRE(loop.RunUntil([&] { return supervisor.PidOf("any") != first; }));
    supervisor.Stop();
    REQUIRE(loop.RunUntil([&] { return stopped; }));
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "a command that is none is given up by its own name") {
    REQUIRE(
        supervisor
            .Keep({.program = "any", .command = "no-such-command -x", .log = folder.File("log")})
            .ok());
    REQUIRE(loop.RunUntil([&] { return given_up.has_value(); }));
    CHECK(given_up->program == "no-such-command -x");
    CHECK(given_up->said.find("not found") != std::string::npos);
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "a program that is not there cannot be kept") {
    CHECK_FALSE(supervisor.Keep({.program = "no-such-program", .log = folder.File("log")}).ok());
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "stopped, all end and none is started again") {
    Keep("exec tail -f /dev/null");
    Keep("exec tail -f /dev/null");
    supervisor.Stop();
    CHECK_FALSE(stopped);
    REQUIRE(loop.RunUntil([&] { return stopped; }));
    CHECK(restarts() == 0);
    CHECK(supervisor.PidOf(shell) == 0);
  }

  // Neither listens. The sink's end follows the parser's, and is only told if that came sooner.
  TEST_CASE_FIXTURE(SupervisorFixture, "a parser whose page is done is ended before the others") {
    const std::string said = folder.File("said");
    const auto keep = [this](const std::string& program, const std::string& script) {
      const std::string ready = folder.File(program + ".ready");
      const std::string command = "sh -c 'trap \"\" TERM; : > " + ready + "; " + script + "'";
      REQUIRE(supervisor.Keep({.program = program, .command = command, .log = folder.File("log")})
                  .ok());
      REQUIRE(loop.RunUntil([&] { return ReadWholeFile(ready).ok(); }));
    };
    keep("thresh-parser", "exec tail -f /dev/null");
    const std::string parser = std::to_string(supervisor.PidOf("thresh-parser"));
    keep("thresh-sink", "tail -s 0.02 --pid=" + parser + " -f /dev/null; : > " + said);
    Supervisor::Left left{};
    SUBCASE("and nothing is left") {
      left = Supervisor::Left::kNothing;
    }
    SUBCASE("but not where something is left") {
      left = Supervisor::Left::kSomething;
    }
    supervisor.Stop(left);
    REQUIRE(loop.RunUntil([&] { return stopped; }));
    CHECK(ReadWholeFile(said).ok() == (left == Supervisor::Left::kNothing));
  }

  // The fetcher stays until the sink has gone.
  TEST_CASE_FIXTURE(SupervisorFixture, "where nothing is left all are asked to end at once") {
    const std::string said = folder.File("said"), ready = folder.File("ready");
    const auto keep = [this](const std::string& program, const std::string& script) {
      REQUIRE(supervisor
                  .Keep({.program = program,
                         .command = "sh -c '" + script + "'",
                         .log = folder.File("log")})
                  .ok());
    };
    keep("thresh-sink", "exec tail -f /dev/null");
    const std::string sink = std::to_string(supervisor.PidOf("thresh-sink"));
    keep("thresh-fetcher", "trap \"\" TERM; : > " + ready + "; tail -s 0.02 --pid=" + sink +
                               " -f /dev/null; : > " + said);
    REQUIRE(loop.RunUntil([&] { return ReadWholeFile(ready).ok(); }));
    supervisor.Stop(Supervisor::Left::kNothing);
    REQUIRE(loop.RunUntil([&] { return stopped; }));
    CHECK(ReadWholeFile(said).ok());
  }

  TEST_CASE_FIXTURE(SupervisorFixture, "stopped while one waits to be started again, none is") {
    supervisor.NoteWorking(shell);
    Keep("exit 0");
    REQUIRE(loop.RunUntil([&] { return restarts() >= 2 && supervisor.PidOf(shell) == 0; }));
    const std::uint64_t before = restarts();
    supervisor.Stop();
    CHECK(stopped);
    loop.Settle();
    CHECK(restarts() == before);
  }
}
