#include "sink/output/output_files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "lib/base/handles.h"
#include "tests/support/temp_folder.h"

using thresh::Errc;
using thresh::OutputFiles;
using thresh::Result;
using thresh::UniqueFd;
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

struct OutputFixture {
  TempFolder folder;
  OutputFiles files{folder.path(), folder.path()};
};

}  // namespace

TEST_SUITE("OutputFiles") {
  TEST_CASE_FIXTURE(OutputFixture, "each name has a file of its own, made when it has lines") {
    files.Lines("review") += "r1\nr2\n";
    files.Lines("dead") += "d1\n";
    CHECK(files.Lines("none").empty());
    CHECK(files.Append().ok());
    CHECK(folder.Read("review.ndjson") == "r1\nr2\n");
    CHECK(folder.Read("dead.ndjson") == "d1\n");
    CHECK_FALSE(std::filesystem::exists(folder.File("none.ndjson")));
  }

  TEST_CASE_FIXTURE(OutputFixture, "nothing is written before Append(), and nothing twice") {
    files.Lines("a") += "1\n";
    CHECK_FALSE(std::filesystem::exists(folder.File("a.ndjson")));
    CHECK(files.Append().ok());
    CHECK(files.Append().ok());
    files.Lines("a") += "2\n";
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "1\n2\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "lines can be taken back before they are written") {
    files.Lines("a") += "kept\n";
    const std::size_t size = files.Lines("a").size();
    files.Lines("a") += "taken back\n";
    files.Lines("a").resize(size);
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "kept\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "what a file held before stays, and is followed") {
    folder.Write("a.ndjson", "old\n");
    files.Lines("a") += "new\n";
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == "old\nnew\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "a batch larger than any buffer is written whole") {
    std::string lines;
    for (int i = 0; i < 200'000; ++i) lines += std::to_string(i) + "\n";
    files.Lines("a") += lines;
    CHECK(files.Append().ok());
    CHECK(folder.Read("a.ndjson") == lines);
  }

  TEST_CASE_FIXTURE(OutputFixture, "others may not read an output file, nor is a link followed") {
    files.Lines("a") += "1\n";
    CHECK(files.Append().ok());
    CHECK((std::filesystem::status(folder.File("a.ndjson")).permissions() &
           std::filesystem::perms::others_all) == std::filesystem::perms::none);

    folder.Write("elsewhere", "");
    std::filesystem::create_symlink(folder.File("elsewhere"), folder.File("b.ndjson"));
    files.Lines("b") += "1\n";
    CHECK_FALSE(files.Append().ok());
    CHECK(folder.Read("elsewhere").empty());
  }

  TEST_CASE("a file that cannot be opened is named, and its lines are kept") {
    TempFolder folder;
    OutputFiles files(folder.File("missing"), folder.path());
    files.Lines("a") += "1\n";
    const Result<> first = files.Append();
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().code == Errc::kInternal);
    CHECK(first.error().detail ==
          "cannot open " + folder.File("missing/a.ndjson") + ": No such file or directory");
    std::filesystem::create_directory(folder.File("missing"));
    CHECK(files.Append().ok());
    CHECK(folder.Read("missing/a.ndjson") == "1\n");
  }

  TEST_CASE_FIXTURE(OutputFixture, "a file that takes no more is told with path and reason") {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
    files.Lines("a") += "more than ten bytes\n";
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Result<> written = files.Append();
    ::setrlimit(RLIMIT_FSIZE, &before);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == Errc::kInternal);
    CHECK(written.error().detail == "cannot write " + folder.File("a.ndjson") + ": File too large");
  }

  TEST_CASE("`-` is standard output for all names, but dead letters lie in the state folder") {
    TempFolder folder;
    OutputFiles files("-", folder.path());
    files.Lines("dead") += "3\n";
    CHECK(files.to_stdout());
    files.Lines("a") += "1\n";
    files.Lines("b") += "2\n";
    std::optional<PipedStdout> out(std::in_place);
    const bool ok = files.Append().ok();
    const std::string text = out->Read();
    out.reset();
    CHECK(ok);
    CHECK(text == "1\n2\n");
    CHECK(folder.Read("dead.ndjson") == "3\n");
  }

  TEST_CASE("a reader of standard output that is gone is no fault of ours") {
    TempFolder folder;
    OutputFiles files("-", folder.path());
    files.Lines("a") += "1\n";
    std::optional<PipedStdout> out(std::in_place);
    out->CloseReader();
    const Result<> written = files.Append();
    out.reset();
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == Errc::kUnavailable);
    CHECK(written.error().detail == "stdout: its reader is gone");
  }
}
