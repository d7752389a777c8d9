// ParserDaemon: what it tells the fetcher, and when. The daemon lives in the test's process.

#include "parser/daemon.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/dispatch/body_server.h"
#include "tests/parser/daemon_fixture.h"

using thresh::BodyServer;
using thresh::ParserDaemon;
using thresh::test::ParserEnds;
using thresh::wire::Envelope;

namespace {

constexpr std::uint64_t kPlenty = 1 << 20;

struct DaemonFixture : ParserEnds {
  /// A parser that takes `page_ms` for a page, and has met the fetcher.
  void Start(int page_ms = 0) {
    thresh::ParserOptions options{.state_dir = folder.path()};
    options.limits.max_memory_bytes = 0;  // It is the test's memory.
    options.before_page = [this, page_ms](std::string_view body) {
      bodies.emplace_back(body);
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(page_ms);
      while (std::chrono::steady_clock::now() < end) {
      }
    };
    auto made = ParserDaemon::Create(loop, std::move(options));
    REQUIRE(made.ok());
    daemon = std::move(*made);
    Meet();
  }
  /// Grants bytes, and waits until the parser has said that it is not blocked.
  void Unblock() {
    GrantBytes(kPlenty);
    REQUIRE(loop.RunUntil([&] {
      const bool hello = !fetcher.heard.empty() && fetcher.heard.back().has_hello();
      return hello && !fetcher.heard.back().hello().blocked();
    }));
  }
  bool Hears(Envelope::MessageCase kind, std::size_t count) {
    return loop.RunUntil([&] { return fetcher.Count(kind) >= count; });
  }

  std::vector<std::string> bodies;  // Of pages, as they were parsed.
  std::unique_ptr<ParserDaemon> daemon;
  /// It asks for this page's body next, and parses it when it has come.
  void CheckThatItGoesOnWith(std::uint64_t id) {
    REQUIRE(loop.RunUntil([&] {
      return !fetcher.heard.empty() && fetcher.heard.back().has_body_wanted() &&
             fetcher.heard.back().body_wanted().id() == id;
    }));
    SendPart(id, 0, "hello");
    CHECK(loop.RunUntil([&] { return bodies.size() == 1; }));
  }
};

}  // namespace

TEST_SUITE("ParserDaemon") {
  TEST_CASE_FIXTURE(DaemonFixture, "a page becomes a RESULT, then is told by CREDIT") {
    Start();
    Unblock();
    SendTask(7, "<p>Hi</p>");
    REQUIRE(Hears(Envelope::kNeed, 1));
    SendRecipe();
    REQUIRE(Hears(Envelope::kCredit, 1));
    CHECK(loop.RunUntil([&] { return sink.Count(Envelope::kResult) == 1; }));
    CHECK(Credits() == "7");
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a RESULT has nothing of those before it") {
    Start();
    Unblock();
    SendRecipe();
    std::string deep, many;
    for (int i = 0; i < 2100; ++i) deep += "<b>";
    for (int i = 0; i < 40'000; ++i) many += "<p>x</p>";
    std::uint64_t id = 0;
    for (const std::string& body : {std::string("<p>a</p><p>b</p>"), deep, many}) {
      SendTask(++id, body);
      SendTask(++id, "<p>a</p><p>b</p>");
    }
    REQUIRE(loop.RunUntil([&] { return sink.Count(Envelope::kResult) == 6; }));
    std::vector<thresh::wire::Result> results;
    for (const Envelope& envelope : sink.heard) {
      if (envelope.has_result()) results.push_back(envelope.result());
    }
    REQUIRE(results[0].rows_size() == 1);
    CHECK(results[0].rows(0).row_size() == 2);
    CHECK(results[2].reason() == "parse_limit");
    CHECK(results[2].rows_size() == 0);
    REQUIRE(results[4].rows_size() == 1);
    CHECK(results[4].rows(0).row_size() == 40'000);
    for (const std::size_t i : {1, 3, 5}) {
      CHECK(results[i].id() == i + 1);
      results[i].set_id(1);
      CHECK(results[i].SerializeAsString() == results[0].SerializeAsString());
    }
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a page that took long is told before the next is begun") {
    Start(25);
    Unblock();
    SendRecipe();
    for (std::uint64_t id = 1; id <= 3; ++id) SendTask(id, "<p>Hi</p>");
    REQUIRE(loop.RunUntil([&] { return Credits().ends_with("3"); }));
    CHECK(Credits() == "1 2 3");
  }

  TEST_CASE_FIXTURE(DaemonFixture, "quick pages are told together") {
    Start();
    SendRecipe();
    for (std::uint64_t id = 1; id <= 5; ++id) SendTask(id, "<p>Hi</p>");
    fetcher.heard.clear();
    REQUIRE(Hears(Envelope::kHello, 1));  // It has them all, and is blocked.
    CHECK(fetcher.heard.back().hello().blocked());
    GrantBytes(kPlenty);
    REQUIRE(loop.RunUntil([&] { return Credits().ends_with("5"); }));
    CHECK(fetcher.Count(Envelope::kCredit) < 5);
  }

  TEST_CASE_FIXTURE(DaemonFixture, "who said it was blocked says when it goes on, before it does") {
    Start(1);
    SendRecipe();
    SendTask(1, "<p>Hi</p>");
    fetcher.heard.clear();
    REQUIRE(Hears(Envelope::kHello, 1));
    CHECK(fetcher.heard.back().hello().blocked());
    GrantBytes(kPlenty);
    REQUIRE(Hears(Envelope::kCredit, 2));
    CHECK(Credits() == "- 1");
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a recipe that does not come is asked for again") {
    Start();
    GrantBytes(kPlenty);
    SendTask(1, "<p>Hi</p>");
    REQUIRE(Hears(Envelope::kNeed, 2));
    SendRecipe();
    CHECK(Hears(Envelope::kCredit, 1));
  }

  TEST_CASE_FIXTURE(DaemonFixture,
                    "a large body is asked for part by part, the oldest page's only") {
    Start();
    Unblock();
    SendRecipe();
    SendLargeTask(1, 10, false);
    SendLargeTask(2, 3, true);  // Its file never came.
    const auto asked = [&](std::size_t count) {
      REQUIRE(Hears(Envelope::kBodyWanted, count));
      const auto& wanted = fetcher.heard.back().body_wanted();
      return std::to_string(wanted.id()) + " from " + std::to_string(wanted.offset());
    };
    CHECK(asked(1) == "1 from 0");
    SendPart(2, 0, "no");
    SendPart(1, 0, "hello");
    CHECK(asked(2) == "1 from 5");
    SendPart(1, 0, "again");
    SendPart(1, 5, "too much");
    SendPart(1, 5, "world");
    REQUIRE(loop.RunUntil([&] { return fetcher.Count(Envelope::kBodyWanted) >= 3; }));
    SendPart(2, 0, "end");
    REQUIRE(loop.RunUntil([&] { return bodies.size() == 2; }));
    CHECK(bodies[0] == "helloworld");
    CHECK(bodies[1] == "end");
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a page in memory that never came is asked for") {
    Start();
    Unblock();
    SendRecipe();
    SendSharedTask(1, 0, 5);
    REQUIRE(Hears(Envelope::kBodyWanted, 1));
    SendPart(1, 0, "hello");
    CHECK(loop.RunUntil([&] { return bodies.size() == 1; }));
    CHECK(bodies[0] == "hello");
  }

  TEST_CASE_FIXTURE(
      DaemonFixture,
      "the first page counts half against 20 ms, as to how many it can have at hand") {
    Start();
    Unblock();
    SendRecipe();
    SendTask(1, "page");
    REQUIRE(loop.RunUntil([&] { return Credits() == "1"; }));
    for (const Envelope& envelope : fetcher.heard) {
      if (!envelope.has_credit()) continue;
      const auto parse_us = static_cast<double>(envelope.credit().parsed(0).parse_us());
      const double pages = std::clamp(100'000 / ((20'000 + parse_us) / 2), 2.0, 128.0);
      CHECK(envelope.credit().credit_total() == 1 + static_cast<std::uint64_t>(pages));
    }
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a page is read where it lies, and a place outside is none") {
    auto server = BodyServer::Listen(loop, folder.File("bodies.sock"));
    REQUIRE(server.ok());
    Start();
    Unblock();
    SendRecipe();
    const std::string page(60'000, 'p');
    std::shared_ptr<thresh::PageMemory> memory;
    REQUIRE(loop.RunUntil([&] {
      memory = (*server)->MemoryOf(fetcher.routing_id());
      return memory != nullptr;
    }));
    REQUIRE(memory->Lend({1, 1}, thresh::SharedBytes(page)) == 0);
    SendSharedTask(1, 0, page.size());
    CHECK(loop.RunUntil([&] { return bodies.size() == 1; }));
    CHECK(bodies[0] == page);
    for (const std::uint64_t place : {std::uint64_t{32} << 20, UINT64_MAX}) {
      CAPTURE(place);
      fetcher.heard.clear();
      const std::uint64_t id = 2 + (place & 1);
      SendSharedTask(id, place, 5);
      REQUIRE(Hears(Envelope::kBodyWanted, 1));
      SendPart(id, 0, "other");
      CHECK(loop.RunUntil([&] { return bodies.size() == id; }));
    }
  }

  TEST_CASE_FIXTURE(DaemonFixture,
                    "a page that was taken from it while it lacks parts is dropped") {
    Start();
    Unblock();
    SendRecipe();
    SendLargeTask(1, 5, false);
    SendLargeTask(2, 5, false);
    REQUIRE(Hears(Envelope::kBodyWanted, 1));
    SendGone(2);  // Not asked for yet.
    SendGone(1);
    CheckThatItGoesOnWith(2);
    CHECK(bodies[0] == "hello");
    CHECK(loop.RunUntil([&] { return Credits() == "-1,2" || Credits() == "-1 2"; }));
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a page that others have is dropped if it is not begun") {
    Start();
    SendRecipe();
    for (std::uint64_t id = 1; id <= 3; ++id) SendTask(id, "<p>" + std::to_string(id));
    SendTaken({2, 9});
    REQUIRE(loop.RunUntil([&] { return Credits() == "-2"; }));  // Though it is blocked.
    GrantBytes(kPlenty);
    REQUIRE(loop.RunUntil([&] { return Credits().ends_with("3"); }));
    CHECK(bodies == std::vector<std::string>{"<p>1", "<p>3"});
    SendTaken({1, 3});  // Too late.
    SendTask(4, "<p>4");
    REQUIRE(loop.RunUntil([&] { return Credits().ends_with("4"); }));
    CHECK(Credits().find("-1") == std::string::npos);
    CHECK(fetcher.heard.back().credit().credit_total() >= 4 + 2);
  }

  TEST_CASE_FIXTURE(DaemonFixture, "who dropped a page while blocked says when it goes on") {
    Start(1);
    SendRecipe();
    SendTask(1, "<p>1");
    SendTask(2, "<p>2");
    fetcher.heard.clear();
    REQUIRE(Hears(Envelope::kHello, 1));
    CHECK(fetcher.heard.back().hello().blocked());
    SendTaken({1});
    REQUIRE(loop.RunUntil([&] { return Credits() == "-1"; }));
    GrantBytes(kPlenty);
    REQUIRE(Hears(Envelope::kCredit, 3));
    CHECK(Credits() == "-1 - 2");
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a large page that others have is asked for no more") {
    Start();
    Unblock();
    SendRecipe();
    SendLargeTask(1, 5, false);
    SendLargeTask(2, 5, false);
    REQUIRE(Hears(Envelope::kBodyWanted, 1));
    SendTaken({1});
    CheckThatItGoesOnWith(2);
  }

  TEST_CASE_FIXTURE(DaemonFixture, "a part that does not come is asked for again") {
    Start();
    Unblock();
    SendRecipe();
    SendLargeTask(1, 5, false);
    REQUIRE(Hears(Envelope::kBodyWanted, 3));
    SendPart(1, 0, "hello");
    CHECK(loop.RunUntil([&] { return bodies.size() == 1; }));
  }

  // A fetcher that has died is followed by one that has never heard of this parser.
  TEST_CASE_FIXTURE(DaemonFixture,
                    "while it waits for a recipe it goes on saying that it is there") {
    Start();
    GrantBytes(kPlenty);
    SendTask(1, "<p>Hi</p>");
    REQUIRE(Hears(Envelope::kNeed, 1));
    fetcher.heard.clear();
    CHECK(Hears(Envelope::kHello, 2));
    const auto hello = std::find_if(fetcher.heard.rbegin(), fetcher.heard.rend(),
                                    [](const Envelope& heard) { return heard.has_hello(); });
    CHECK_FALSE(hello->hello().blocked());
    CHECK(hello->hello().waiting_count() == 1);
  }
}
