#include "fetcher/dispatch/sink_link.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <zmq.hpp>

#include "lib/base/log.h"
#include "tests/fetcher/dispatch/fake_sink.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::FakeSink;
using thresh::test::TempFolder;
using thresh::test::TestLoop;

namespace {

wire::Ack::Entry Entry(TaskId id, wire::Outcome outcome = wire::OUTCOME_DONE) {
  wire::Ack::Entry entry;
  entry.set_id(id);
  entry.set_fingerprint("0123456789abcdef");
  entry.set_outcome(outcome);
  return entry;
}

struct LinkFixture {
  LinkFixture() {
    log::SetLevel(log::Level::kError);
    Start(NewPeerId());
    SinkEvents events;
    events.on_ack = [this](Acknowledged ack) { acks.push_back(std::move(ack)); };
    events.on_results_lost = [this] { ++restarts; };
    events.on_sink = [this](const Hash128& uuid) {
      met.push_back(uuid);
      return accepts;
    };
    events.on_refused = [this](const std::string& why) { refused = why; };
    events.awaiting_ack = [] { return std::size_t{0}; };
    events.ids = [this] { return std::pair(next_id, low); };
    auto made = SinkLink::Create(loop, context, endpoint, self, std::move(events));
    REQUIRE(made.ok());
    link = std::move(*made);
  }

  /// A life of the sink; the one before ends.
  void Start(PeerId peer) {
    sink.reset();
    sink = std::make_unique<FakeSink>(loop, endpoint, peer);
  }
  void Report(TaskId id) { link->Report({.id = id, .reason = "timeout"}); }

  [[nodiscard]] bool Hears(const std::string& text) {
    return loop.RunUntil([&] {
      const auto& heard = sink->heard;
      return std::find(heard.begin(), heard.end(), text) != heard.end();
    });
  }
  [[nodiscard]] bool Acked(std::size_t count) {
    return loop.RunUntil([&] { return acks.size() >= count; });
  }
  /// How often the sink heard `text`.
  std::ptrdiff_t Times(const std::string& text) {
    return std::count(sink->heard.begin(), sink->heard.end(), text);
  }
  /// Waits until all that was on its way to the sink is there.
  void Barrier() {
    low += 1000;
    REQUIRE(Hears("low " + std::to_string(low)));
  }

  TempFolder folder;
  TestLoop loop;
  zmq::context_t context;
  const std::string endpoint = "ipc://" + folder.File("sink");
  const PeerId self = NewPeerId();
  TaskId next_id = 8, low = 3;
  std::vector<Acknowledged> acks;
  int restarts = 0;
  std::vector<Hash128> met;  // Sinks, by the uuid of their state.
  bool accepts = true;
  std::string refused;
  std::unique_ptr<FakeSink> sink;
  std::unique_ptr<SinkLink> link;
};

}  // namespace

TEST_SUITE("SinkLink") {
  TEST_CASE_FIXTURE(LinkFixture, "the first word is SYNC, with the frontier's ids") {
    Report(5);
    REQUIRE(Hears("dead 5"));
    CHECK(sink->heard.at(0) == "sync 8/3");
    CHECK(sink->fetcher == self);
  }

  TEST_CASE_FIXTURE(LinkFixture, "LOW is told again and again, as it is then") {
    REQUIRE(Hears("low 3"));
    low = 7;
    CHECK(Hears("low 7"));
  }

  TEST_CASE_FIXTURE(LinkFixture, "a dead task is told with all that is known of it") {
    link->Report({.id = 5,
                  .attempts = 4,
                  .identity = "who it is",
                  .reason = "http_404",
                  .detail = "not found",
                  .status = 404,
                  .headers = {{"a", "1"}, {"a", "2"}},
                  .body = std::string("a\0b", 3)});
    REQUIRE(Hears("dead 5"));
    const wire::Dead& dead = sink->last_dead->dead();
    CHECK(dead.attempts() == 4);
    CHECK(dead.page() == "who it is");
    CHECK(dead.reason() == "http_404");
    CHECK(dead.detail() == "not found");
    CHECK(dead.status() == 404);
    CHECK(dead.headers_size() == 2);
    CHECK(dead.headers(1).value() == "2");
    CHECK(sink->last_body == std::string("a\0b", 3));
  }

  TEST_CASE_FIXTURE(LinkFixture,
                    "headers and details that are no UTF-8 reach the sink as they are") {
    link->Report(
        {.id = 5, .reason = "timeout", .detail = "said \xFF", .headers = {{"x-\xE9", "caf\xE9"}}});
    REQUIRE(Hears("dead 5"));
    CHECK(sink->last_dead->dead().headers(0).value() == "caf\xE9");
    CHECK(sink->last_dead->dead().detail() == "said \xFF");
  }

  TEST_CASE_FIXTURE(LinkFixture, "a dead task is unacknowledged until its ACK") {
    Report(5);
    Report(6);
    Report(6);
    CHECK(link->unacknowledged() == 2);
    REQUIRE(Hears("dead 6"));
    sink->Ack({Entry(5, wire::OUTCOME_DEAD)});
    REQUIRE(Acked(1));
    CHECK(link->unacknowledged() == 1);
    CHECK(link->connected());
  }

  TEST_CASE_FIXTURE(LinkFixture, "a task reported twice is told once") {
    Report(6);
    Report(6);
    Barrier();
    CHECK(Times("dead 6") == 1);
  }

  TEST_CASE_FIXTURE(LinkFixture,
                    "an ACK tells outcome, reason, records and links, entry by entry") {
    REQUIRE(Hears("sync 8/3"));
    wire::Ack::Entry done = Entry(1);
    done.set_records(20);
    done.add_links()->set_url("http://x/2");
    wire::Link& named = *done.add_links();
    named.set_url("http://x/3");
    named.set_recipe("other");
    wire::Ack::Entry dead = Entry(2, wire::OUTCOME_DEAD);
    dead.set_reason("timeout");
    sink->Ack({done, dead, Entry(3, wire::OUTCOME_DROPPED)});
    REQUIRE(Acked(3));

    CHECK(acks[0].key.id == 1);
    CHECK(acks[0].key.fingerprint.View() == "0123456789abcdef");
    CHECK_FALSE(acks[0].is_job);
    CHECK(acks[0].outcome == AckOutcome::kDone);
    CHECK(acks[0].records == 20);
    REQUIRE(acks[0].links.size() == 2);
    CHECK(acks[0].links[0].url == "http://x/2");
    CHECK(acks[0].links[0].recipe.empty());
    CHECK(acks[0].links[1].url == "http://x/3");
    CHECK(acks[0].links[1].recipe == "other");
    CHECK(acks[1].outcome == AckOutcome::kDead);
    CHECK(acks[1].reason == "timeout");
    CHECK(acks[2].outcome == AckOutcome::kDropped);
  }

  TEST_CASE_FIXTURE(LinkFixture,
                    "the first word of a sink is no restart, and is answered by SYNC") {
    REQUIRE(Hears("sync 8/3"));
    CHECK_FALSE(link->connected());
    next_id = 9;
    sink->Ack();
    CHECK(Hears("sync 9/3"));
    CHECK(link->connected());
    CHECK(restarts == 0);
  }

  TEST_CASE_FIXTURE(LinkFixture, "a sink that stays the same is not told again") {
    Report(5);
    REQUIRE(Hears("dead 5"));
    sink->Ack({Entry(1)});
    REQUIRE(Acked(1));
    Barrier();
    const auto told = Times("dead 5");
    sink->Ack({Entry(2)});
    REQUIRE(Acked(2));
    Barrier();
    CHECK(Times("dead 5") == told);
    CHECK(restarts == 0);
  }

  TEST_CASE_FIXTURE(LinkFixture, "a sink started anew is told SYNC, then all it has not acked") {
    for (const TaskId id : {6, 5, 4}) Report(id);
    REQUIRE(Hears("dead 4"));
    sink->Ack({Entry(5, wire::OUTCOME_DEAD)});
    REQUIRE(Acked(1));
    PeerId reborn = sink->self;
    ++reborn.incarnation;
    Start(reborn);
    REQUIRE(Hears("low 3"));
    sink->heard.clear();
    sink->Ack();
    REQUIRE(Hears("sync 8/3"));
    Barrier();
    CHECK(restarts == 0);
    CHECK(Times("dead 4") == 0);  // It may have it: it has not answered yet.
    sink->Ack({Entry(4, wire::OUTCOME_DEAD)});
    sink->Synced();
    REQUIRE(Hears("dead 6"));
    CHECK(restarts == 1);
    CHECK(Times("dead 4") == 0);
    CHECK(link->unacknowledged() == 1);
    CHECK(link->synced());
  }

  TEST_CASE_FIXTURE(LinkFixture, "a sink that is done with its answer once is not sent all again") {
    Report(5);
    REQUIRE(Hears("dead 5"));
    sink->Ack();
    sink->Synced();
    REQUIRE(loop.RunUntil([&] { return link->synced(); }));
    Barrier();
    const auto told = Times("dead 5");
    sink->Synced();
    sink->Ack({Entry(1)});
    REQUIRE(Acked(1));
    Barrier();
    CHECK(Times("dead 5") == told);
  }

  TEST_CASE_FIXTURE(LinkFixture, "what is closed is told with the next LOW, once") {
    REQUIRE(Hears("low 3"));
    sink->Ack();
    REQUIRE(loop.RunUntil([&] { return link->connected(); }));
    link->Closed({5, 2, 9});
    CHECK(Hears("low 3 closed 5 9"));
    Barrier();
    CHECK(Times("low 3 closed 5 9") == 1);
  }

  TEST_CASE_FIXTURE(LinkFixture, "a job is reported, and its ACK is one of a job") {
    auto root = std::make_shared<const Root>(Root{.url = "http://x/", .n = 4});
    link->Report(JobReport{.id = 6, .root = root, .recipe = "r", .done = 2});
    REQUIRE(Hears("job 6 http://x/ done=2"));
    CHECK(link->unacknowledged() == 1);
    wire::Ack::Entry entry = Entry(6);
    entry.clear_fingerprint();
    sink->Ack({entry});
    REQUIRE(Acked(1));
    CHECK(acks[0].is_job);
    CHECK(acks[0].key.id == 6);
    CHECK(link->unacknowledged() == 0);
  }

  TEST_CASE_FIXTURE(LinkFixture, "jobs of one turn go together, 256 in a message at most") {
    auto root = std::make_shared<const Root>(Root{.url = "http://x/", .n = 4});
    for (TaskId id = 1; id <= 300; ++id) {
      link->Report(JobReport{.id = id, .root = root, .recipe = "r", .done = 2});
    }
    REQUIRE(Hears("job 300 http://x/ done=2"));
    CHECK(Times("job 1 http://x/ done=2") == 1);
    CHECK(sink->jobs_messages == std::vector<int>{256, 44});
  }

  TEST_CASE_FIXTURE(LinkFixture, "reports wait while 8 MiB of them are not acknowledged") {
    const std::string body(3 << 20, 'x');
    for (const TaskId id : {4, 5, 6, 7}) link->Report({.id = id, .reason = "r", .body = body});
    REQUIRE(Hears("dead 6"));
    Barrier();
    CHECK(Times("dead 7") == 0);
    sink->Ack({Entry(4, wire::OUTCOME_DEAD)});
    CHECK(Hears("dead 7"));
  }

  TEST_CASE_FIXTURE(LinkFixture, "a sink that refuses us is told nothing more") {
    REQUIRE(Hears("low 3"));
    sink->Refuse("ids would be used again");
    REQUIRE(loop.RunUntil([&] { return !refused.empty(); }));
    CHECK(refused == "ids would be used again");
    const std::size_t heard = sink->heard.size();
    Report(5);
    sink->Ack({Entry(1)});
    // Longer than LOW takes to be told again.
    CHECK_FALSE(loop.RunUntil([&] { return !acks.empty() || sink->heard.size() > heard; }, 600));
  }

  TEST_CASE_FIXTURE(LinkFixture, "a sink with a state that is not accepted is not listened to") {
    accepts = false;
    REQUIRE(Hears("low 3"));
    sink->Ack({Entry(1)});
    REQUIRE(loop.RunUntil([&] { return !met.empty(); }));
    CHECK(met.at(0) == sink->self.uuid);
    CHECK(acks.empty());
    CHECK_FALSE(link->connected());
  }

  TEST_CASE_FIXTURE(LinkFixture, "an ACK for another life of the fetcher is void") {
    Report(5);
    REQUIRE(Hears("dead 5"));
    PeerId earlier = self;
    --earlier.incarnation;
    sink->Ack({Entry(5), Entry(1)}, earlier);
    sink->Ack({Entry(2)});
    REQUIRE(Acked(1));
    CHECK(acks.size() == 1);
    CHECK(acks[0].key.id == 2);
    CHECK(link->unacknowledged() == 1);
  }

  TEST_CASE_FIXTURE(LinkFixture, "garbage from a sink changes nothing") {
    REQUIRE(Hears("sync 8/3"));
    sink->SendRaw("");
    sink->SendRaw("no envelope");
    sink->SendRaw(EncodeEnvelope(wire::Envelope()).to_string());
    sink->Ack({Entry(1)});
    REQUIRE(Acked(1));
    CHECK(restarts == 0);
  }

  TEST_CASE_FIXTURE(LinkFixture, "what was reported before there is a sink reaches it later") {
    sink.reset();
    Report(5);
    Start(NewPeerId());
    REQUIRE(Hears("low 3"));
    sink->Ack();
    sink->Synced();
    CHECK(Hears("dead 5"));
  }
}
