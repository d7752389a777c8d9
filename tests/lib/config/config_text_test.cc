// ReadConfigText(): a file's values, and each fault with its place.

#include "lib/config/config_text.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

struct Reading {
  bool fast = false;
  int tries = 3;
  std::uint64_t cache_bytes = 1 << 20;
  std::uint64_t wait_ms = 1000;
  std::string level = "info", state = "/var";
  std::vector<std::string> recipes;

  std::vector<std::string> Read(const std::string& text) {
    const OptionTable table = {
        {.key = "level", .kind = OptionKind::kChoice, .target = &level, .choices = "info debug"},
        {.key = "paths.state", .kind = OptionKind::kPath, .target = &state},
        {.key = "sink.fast", .kind = OptionKind::kBool, .target = &fast},
        {.key = "sink.tries", .kind = OptionKind::kCount, .target = &tries, .least = 1},
        {.key = "sink.cache_bytes", .kind = OptionKind::kBytes, .target = &cache_bytes},
        {.key = "sink.wait_ms", .kind = OptionKind::kMilliseconds, .target = &wait_ms},
        {.key = "sink.recipes", .kind = OptionKind::kTexts, .target = &recipes},
        {.flag = "--hidden", .target = &level}};
    const std::vector<std::string_view> foreign{"host"};
    std::vector<TextFault> faults;
    ReadConfigText(text, "t.toml", table, foreign, &faults);
    std::vector<std::string> texts;
    for (const TextFault& fault : faults) texts.push_back(fault.text);
    return texts;
  }
};

std::string FaultOf(const std::string& text) {
  const std::vector<std::string> faults = Reading().Read(text);
  REQUIRE_MESSAGE(faults.size() == 1, text);
  return faults[0];
}

}  // namespace

TEST_SUITE("ReadConfigText") {
  TEST_CASE("every kind of value") {
    Reading r;
    CHECK(r.Read("level = \"debug\"\n[paths]\nstate = \"/s\"\n[sink]\nfast = true\ntries = 7\n"
                 "cache_bytes = \"2MiB\"\nwait_ms = \"2s\"\nrecipes = [\"a\", \"b\"]\n")
              .empty());
    CHECK(r.level == "debug");
    CHECK(r.state == "/s");
    CHECK(r.fast);
    CHECK(r.tries == 7);
    CHECK(r.cache_bytes == 2 << 20);
    CHECK(r.wait_ms == 2000);
    CHECK(r.recipes == std::vector<std::string>{"a", "b"});
  }

  TEST_CASE("what is left out stays, dotted keys and inline tables count") {
    Reading r;
    CHECK(r.Read("sink.tries = 9\npaths = { state = \"/x\" }\n").empty());
    CHECK(r.tries == 9);
    CHECK(r.state == "/x");
    CHECK(r.level == "info");
    CHECK(r.Read("").empty());
  }

  TEST_CASE("tables of other readers are passed over, whatever they hold") {
    CHECK(Reading().Read("[[host]]\nmatch = \"x\"\nnonsense = 1\n").empty());
  }

  TEST_CASE("unknown keys and sections: the nearest name, or where the key belongs") {
    CHECK(FaultOf("[sink]\n\ntrys = 1\n") ==
          "t.toml:3:1: unknown key \"trys\" in [sink]; did you mean \"tries\"? (expected one of "
          "fast, tries, cache_bytes, wait_ms, recipes)");
    CHECK(FaultOf("[sin]\ntries = 1\n") ==
          "t.toml:1:2: unknown section [sin]; did you mean \"sink\"? (expected one of paths, sink, "
          "host)");
    CHECK(FaultOf("tries = 1\n") ==
          "t.toml:1:1: unknown key \"tries\" in the file; it is one of [sink]");
    CHECK(FaultOf("[sink]\nlevel = \"info\"\n") ==
          "t.toml:2:1: unknown key \"level\" in [sink]; it stands before the first section");
    CHECK(FaultOf("zzzzzz = 1\n").find("did you mean") == std::string::npos);
  }

  TEST_CASE("what only the command line has is unknown in the file") {
    CHECK(FaultOf("hidden = \"x\"\n").starts_with("t.toml:1:1: unknown key"));
  }

  TEST_CASE("wrong types and values: the place, what was expected, what was found") {
    CHECK(FaultOf("[sink]\ntries = \"7\"\n") ==
          "t.toml:2:9: tries: expected a whole number, at least 1, found a string");
    CHECK(FaultOf("[sink]\ntries = 0\n") ==
          "t.toml:2:9: tries: expected a whole number, at least 1, found 0");
    CHECK(FaultOf("[sink]\ntries = -9223372036854775808\n").find("found -9") != std::string::npos);
    CHECK(FaultOf("[sink]\nfast = \"true\"\n") ==
          "t.toml:2:8: fast: expected true or false, found a string");
    CHECK(FaultOf("[sink]\ncache_bytes = \"9 lots\"\n") ==
          "t.toml:2:15: cache_bytes: expected bytes such as 1048576 or \"1MiB\", found \"9 lots\"");
    CHECK(FaultOf("[sink]\nwait_ms = 1.5\n") ==
          "t.toml:2:11: wait_ms: expected milliseconds, or a time such as \"15s\", found a number");
    CHECK(FaultOf("[sink]\nrecipes = \"a\"\n") ==
          "t.toml:2:11: recipes: expected an array of strings, found a string");
    CHECK(FaultOf("[sink]\nrecipes = [\"a\", 1]\n") ==
          "t.toml:2:17: recipes: expected texts of one line, found an integer");
    CHECK(FaultOf("level = \"loud\"\n") ==
          "t.toml:1:9: level: expected info or debug, found \"loud\"");
    CHECK(FaultOf("sink = 3\n") == "t.toml:1:8: sink: expected a table, [sink], found an integer");
    CHECK(FaultOf("[[sink]]\ntries = 1\n").find("expected a table, [sink], found an array") !=
          std::string::npos);
    CHECK(FaultOf("[sink]\ntries = {}\n").find("found a table") != std::string::npos);
    CHECK(FaultOf("[sink]\ntries = 2020-01-01\n").find("found a date or time") !=
          std::string::npos);
  }

  TEST_CASE("all faults are told, in the order of the file, and the rest is read") {
    Reading r;
    const auto faults = r.Read("levle = 1\n[sink]\ntries = 0\nfast = true\nwait = 1\n");
    REQUIRE(faults.size() == 3);
    CHECK(faults[0].starts_with("t.toml:1:1:"));
    CHECK(faults[1].starts_with("t.toml:3:9:"));
    CHECK(faults[2].starts_with("t.toml:5:1:"));
    CHECK(r.fast);
    CHECK(r.tries == 3);
  }

  TEST_CASE("what is no TOML is told with its place") {
    CHECK(FaultOf("[sink\ntries = 1\n").starts_with("t.toml:1:"));
    CHECK(FaultOf("[sink]\ntries = 1\ntries = 2\n").starts_with("t.toml:3:"));
  }

  TEST_CASE("hostile files cost little: deep nesting, long keys") {
    CHECK(Reading().Read("a = " + std::string(100'000, '[')).size() == 1);
    CHECK(FaultOf(std::string(100'000, 'k') + " = 1\n").starts_with("t.toml:1:1: unknown key"));
  }
}
