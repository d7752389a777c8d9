#include "sink/output/stdout_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

// Standard output as a pipe, for as long as it lives.
class PipedStdout {
 public:
  PipedStdout() {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    reader_ = UniqueFd(ends[0]);
    const UniqueFd writer(ends[1]);
    ::dup2(writer.get(), STDOUT_FILENO);
  }
  ~PipedStdout() { ::dup2(saved_.get(), STDOUT_FILENO); }
  PipedStdout(const PipedStdout&) = delete;
  PipedStdout& operator=(const PipedStdout&) = delete;

  void CloseReader() { reader_ = UniqueFd(); }
  std::string Read() const {
    char bytes[4096];
    const ssize_t n = ::read(reader_.get(), bytes, sizeof bytes);
    return {bytes, static_cast<std::size_t>(n > 0 ? n : 0)};
  }

 private:
  UniqueFd saved_{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
  UniqueFd reader_;
};

struct Fixture {
  TempFolder folder;
  StdoutLines lines{folder.path()};
  std::atomic<bool> stop = false;
};

}  // namespace

TEST_SUITE("StdoutLines") {
  TEST_CASE_FIXTURE(Fixture, "records go to standard output, all else to the state folder") {
    lines.Add("dead.ndjson", "3\n");
    lines.Add("jobs.ndjson", "4\n");
    lines.Add("a.ndjson", "1\n");
    lines.Add("b.ndjson", "2\n");
    std::optional<PipedStdout> out(std::in_place);
    const bool ok = lines.Append(stop).ok() && lines.Append(stop).ok();
    const std::string text = out->Read();
    out.reset();
    CHECK(ok);
    CHECK(text == "1\n2\n");
    CHECK(folder.Read("dead.ndjson") == "3\n");
    CHECK(folder.Read("jobs.ndjson") == "4\n");
  }

  TEST_CASE_FIXTURE(Fixture, "a reader that is gone is no fault of ours") {
    lines.Add("a.ndjson", "1\n");
    std::optional<PipedStdout> out(std::in_place);
    out->CloseReader();
    const Result<> written = lines.Append(stop);
    out.reset();
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == Errc::kUnavailable);
    CHECK(written.error().detail == "stdout: its reader is gone");
  }

  TEST_CASE_FIXTURE(Fixture, "who waits for a slow reader can be stopped, and nothing is lost") {
    const std::string much(1 << 20, 'x');  // More than a pipe holds.
    lines.Add("a.ndjson", much);
    std::optional<PipedStdout> out(std::in_place);
    stop = true;
    const Result<> stopped = lines.Append(stop);
    stop = false;
    out.reset();
    REQUIRE_FALSE(stopped.ok());
    CHECK(stopped.error().code == Errc::kBusy);
  }
}
