#include "fetcher/archive/archive.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/fetcher/archive/raw_pages.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::MakePage;
using thresh::test::ReadAll;
using thresh::test::TempFolder;
using thresh::test::TestLoop;
using thresh::test::Types;

namespace {

struct Fixture {
  TestLoop loop;
  TempFolder folder;
  int saved = 0;
  std::vector<std::string> paused;
  std::string failure;
  std::unique_ptr<Archive> archive;

  Fixture() {
    archive = std::make_unique<Archive>(
        loop, ArchiveOptions{.folder = folder.File("pages"), .software = "thresh/9"},
        ArchiveEvents{.on_paused = [this](const std::string& why) { paused.push_back(why); },
                      .on_failed = [this](const Error& e) { failure = e.detail; }});
  }
  ~Fixture() {
    archive.reset();
    loop.Settle();
  }
  void Save(const std::string& url, const std::string& body, std::optional<PathNames> names = {}) {
    archive->Save(MakePage(url, body), std::move(names), [this] { ++saved; });
  }
  [[nodiscard]] bool RunUntilSaved(int count) {
    return loop.RunUntil([&] { return saved == count; });
  }
  [[nodiscard]] std::string Warc() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder.File("pages"))) {
      if (entry.path().string().ends_with(".warc.gz")) return entry.path().string();
    }
    return "";
  }
};

}  // namespace

TEST_SUITE("Archive") {
  TEST_CASE_FIXTURE(Fixture, "many pages are all in the file when they are said to be") {
    for (int i = 0; i < 200; ++i) Save("http://x.test/" + std::to_string(i), "body");
    CHECK(archive->waiting() == 200);
    CHECK(archive->waiting_bytes() == 800);
    CHECK(saved == 0);
    REQUIRE(RunUntilSaved(200));
    CHECK(archive->waiting() == 0);
    CHECK(archive->waiting_bytes() == 0);
    CHECK(ReadAll(Warc()).size() == 1 + 3 * 200);
  }

  TEST_CASE_FIXTURE(Fixture, "files and WARC records go side by side") {
    Save("http://x.test/a", "file", PathNames{"x", "a"});
    Save("http://x.test/b", "warc");
    REQUIRE(RunUntilSaved(2));
    CHECK(folder.Read("pages/x/a") == "file");
    CHECK(Types(ReadAll(Warc())) == "warcinfo metadata request response");
  }

  TEST_CASE_FIXTURE(Fixture, "no page is saved while there is no room, all are once there is") {
    Save("http://x.test/a", "small");
    REQUIRE(RunUntilSaved(1));
    std::signal(SIGXFSZ, SIG_IGN);
    // EFBIG is no full disk: the file's limit stands for a disk that fails.
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tight{2000, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    std::string noise(20'000, ' ');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 7 >> 3);
    Save("http://x.test/b", noise);
    CHECK(loop.RunUntil([&] { return !failure.empty(); }));
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(failure.find("File too large") != std::string::npos);
    CHECK(saved == 1);
    CHECK(Types(ReadAll(Warc())) == "warcinfo metadata request response");
  }
}
