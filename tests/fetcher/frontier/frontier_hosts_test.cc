// What the frontier keeps of hosts for those who ask them.

#include <string>
#include <vector>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct HostsFixture : FrontierFixture {
  void Keep(const std::string& host, const std::string& bytes) {
    frontier->KeepHostState(host, bytes);
    Settle();
  }
  std::string Kept(const std::string& host) {
    std::string told = "silent";
    frontier->FindHostState(host, [&](std::string bytes) { told = std::move(bytes); });
    CHECK(told == "silent");  // Not from within the verb.
    Settle();
    return told;
  }
};

}  // namespace

TEST_SUITE("the state of hosts") {
  TEST_CASE_FIXTURE(HostsFixture, "is found as it was kept, and nothing where nothing was") {
    CHECK(Kept("a").empty());
    Keep("a", std::string("ro\0bots", 7));
    Keep("b:8080", "other");
    CHECK(Kept("a") == std::string("ro\0bots", 7));
    CHECK(Kept("b:8080") == "other");
    CHECK(Kept("b").empty());
  }

  TEST_CASE_FIXTURE(HostsFixture, "survives a start, the last of it") {
    Keep("a", "first");
    Keep("a", "second");
    Keep("b", "gone");
    Keep("b", "");
    Reopen();
    CHECK(Kept("a") == "second");
    CHECK(Kept("b").empty());
  }

  TEST_CASE_FIXTURE(HostsFixture, "is the newest, also asked for with the same batch") {
    std::vector<std::string> told;
    const auto tell = [&](const std::string& bytes) { told.push_back(bytes); };
    frontier->KeepHostState("a", "1");
    frontier->FindHostState("a", tell);
    frontier->KeepHostState("a", "2");
    frontier->FindHostState("b", tell);
    Settle();
    CHECK(told == std::vector<std::string>{"2", ""});
  }

  TEST_CASE_FIXTURE(HostsFixture, "is no finding of fsck") {
    Keep("a", "bytes");
    frontier.reset();
    const auto findings = CheckFrontier(folder.File("frontier"));
    REQUIRE(findings.ok());
    CHECK(findings->empty());
    Open();
  }
}
