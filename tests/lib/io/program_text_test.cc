#include "lib/io/program_text.h"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

namespace thresh {
namespace {

// Of files that are mapped, in memory.
std::uint64_t FileKilobytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::string line;
  std::uint64_t rss = 0, anonymous = 0;
  while (std::getline(rollup, line)) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "Rss:") words >> rss;
    if (name == "Anonymous:") words >> anonymous;
  }
  return rss - anonymous;
}

}  // namespace

TEST_SUITE("GiveBackText") {
  TEST_CASE("most of what is mapped goes, and all still works") {
    const std::uint64_t before = FileKilobytes();
    REQUIRE(before > 0);
    GiveBackText();
    const std::uint64_t after = FileKilobytes();
    CHECK_MESSAGE(after < before / 2, before, " KB before, ", after, " after");
    std::ostringstream text;  // Code of another library, and constants of it.
    text << std::hex << 48879 << ' ' << 1.5;
    CHECK(text.str() == "beef 1.5");
  }
}

}  // namespace thresh
