// ConfigSource: what goes over what; SettleReload(): what may change.

#include "lib/config/config_source.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

struct Settings {
  std::string state = "default", run = "run";
  std::uint64_t count = 1;
  std::vector<std::string> list;

  std::string remote, peer;

  OptionTable Table() {
    return {
        {.key = "paths.state", .flag = "--state", .kind = OptionKind::kPath, .target = &state},
        {.key = "paths.run",
         .flag = "--run,--sockets",
         .kind = OptionKind::kPath,
         .target = &run,
         .follows = "--state",
         .excludes = "--remote,--peer"},
        {.key = "remote",
         .flag = "--remote",
         .target = &remote,
         .needs = "--peer",
         .unset = "none"},
        {.key = "peer", .flag = "--peer", .target = &peer, .needs = "--remote", .unset = "none"},
        {.key = "count",
         .flag = "--count",
         .kind = OptionKind::kCount,
         .target = &count,
         .environment = "THRESH_TEST_COUNT",
         .reload = true},
        {.key = "list",
         .flag = "--list",
         .kind = OptionKind::kTexts,
         .target = &list,
         .environment = "THRESH_TEST_LIST",
         .reload = true}};
  }
};

struct Fixture {
  test::TempFolder folder;
  Settings settings;
  std::vector<TextFault> faults;

  void Read(const std::string& text, const GivenOptions& given = {}) {
    const std::string path = folder.path() + "/t.toml";
    std::ofstream(path) << text;
    const OptionTable table = settings.Table();
    (void)ConfigSource(given, path, false).Read(table, {}, &faults);
  }
};

}  // namespace

TEST_SUITE("ConfigSource") {
  TEST_CASE_FIXTURE(Fixture, "command line over environment over file over default") {
    CHECK(settings.count == 1);
    Read("count = 2\n");
    CHECK(settings.count == 2);
    setenv("THRESH_TEST_COUNT", "3", 1);
    Read("count = 2\n");
    CHECK(settings.count == 3);
    Read("count = 2\n", {{"--count", {"4"}}});
    CHECK(settings.count == 4);
    unsetenv("THRESH_TEST_COUNT");
    CHECK(faults.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a list is replaced as a whole; a variable's has colons") {
    Read("list = [\"a\"]\n", {{"--list", {"b", "c"}}});
    CHECK(settings.list == std::vector<std::string>{"b", "c"});
    setenv("THRESH_TEST_LIST", "d:e:", 1);
    Read("list = [\"a\"]\n");
    unsetenv("THRESH_TEST_LIST");
    CHECK(settings.list == std::vector<std::string>{"d", "e"});
  }

  TEST_CASE_FIXTURE(Fixture, "a variable that is wrong is told by its name") {
    setenv("THRESH_TEST_COUNT", "many", 1);
    Read("");
    unsetenv("THRESH_TEST_COUNT");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text == "$THRESH_TEST_COUNT: expected a whole number, found \"many\"");
  }

  TEST_CASE_FIXTURE(Fixture, "an option follows another flag of the command line, not the file") {
    Read("[paths]\nrun = \"f\"\n", {{"--state", {"s"}}});
    CHECK(settings.run == "s");
    Read("[paths]\nrun = \"f\"\n", {{"--state", {"s"}}, {"--run", {"r"}}});
    CHECK(settings.run == "r");
    settings.run = "run";
    Read("[paths]\nstate = \"s\"\n");
    CHECK(settings.run == "run");
  }

  TEST_CASE_FIXTURE(Fixture, "what the command line excludes, the file does not say") {
    Read("remote = \"r\"\npeer = \"p\"\n");
    CHECK(settings.remote == "r");
    settings.remote = settings.peer = "";
    Read("remote = \"r\"\npeer = \"p\"\n", {{"--run", {"here"}}});
    CHECK(settings.run == "here");
    CHECK(settings.remote.empty());
    CHECK(settings.peer.empty());
    CHECK(faults.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "what goes together stands in the file together") {
    Read("remote = \"\"\n");
    CHECK(faults.empty());
    Read("remote = \"r\"\npeer = \"\"\n");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text.ends_with("t.toml:1:10: remote: expected peer beside it, found none"));
  }

  TEST_CASE_FIXTURE(Fixture, "a file that is not there is a fault only if it was named") {
    const OptionTable table = settings.Table();
    const std::string missing = folder.path() + "/missing.toml";
    CHECK(ConfigSource({}, missing, true).Read(table, {}, &faults).path.empty());
    CHECK(faults.empty());
    (void)ConfigSource({}, missing, false).Read(table, {}, &faults);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text.starts_with("--config: cannot read " + missing));
    (void)ConfigSource({}, folder.path(), true).Read(table, {}, &faults);
    CHECK(faults.size() == 2);  // A folder.
  }

  TEST_CASE_FIXTURE(Fixture, "options of other daemons are checked, not taken") {
    Settings others;
    std::ofstream(folder.path() + "/t.toml") << "count = -1\n";
    const OptionTable all = others.Table();
    (void)ConfigSource({}, folder.path() + "/t.toml", false).Read({}, {.others = all}, &faults);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text.find("t.toml:1:9: count: expected a whole number, found -1") !=
          std::string::npos);
  }
}

TEST_SUITE("SettleReload") {
  TEST_CASE("what may change does, what may not is set back and named") {
    Settings now, wanted;
    wanted.count = 5;
    wanted.state = "elsewhere";
    const auto changes = SettleReload(now.Table(), wanted.Table());
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].key == "paths.state");
    CHECK(changes[0].needs_restart);
    CHECK(changes[0].wanted == "elsewhere");
    CHECK(changes[1].key == "count");
    CHECK_FALSE(changes[1].needs_restart);
    CHECK(wanted.count == 5);
    CHECK(wanted.state == "default");
  }

  TEST_CASE("what is the same is no change") {
    Settings now, wanted;
    CHECK(SettleReload(now.Table(), wanted.Table()).empty());
  }
}
