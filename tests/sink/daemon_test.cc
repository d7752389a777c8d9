#include "sink/daemon.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/sink/sink_fixture.h"

using namespace thresh;
using test::Texts;

namespace {

struct Fixture : test::SinkFixture {
  Fixture() { Sync(); }
};

}  // namespace

TEST_SUITE("SinkDaemon") {
  TEST_CASE_FIXTURE(Fixture, "a page's line is in its file when the fetcher is told") {
    Deliver(7, 1, 'a');
    CHECK(Values() == Texts{"a"});
    CHECK(entries == Texts{"7/1:1+1"});
    CHECK(last_entry.fingerprint() == std::string(16, '\x05'));
    CHECK(last_entry.dont_filter());
  }

  TEST_CASE_FIXTURE(Fixture, "the first result wins; a later one is acknowledged as the first") {
    Deliver(7, 1, 'a');
    Deliver(7, 2, 'b');
    CHECK(Values() == Texts{"a"});
    CHECK(entries == Texts{"7/1:1+1", "7/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "a result for a closed task is passed over, below low and above") {
    Deliver(7, 1, 'a');
    Deliver(9, 1, 'b');
    Close(8, {9});
    Sync();
    CHECK(entries == Texts{"7/1:1+1", "9/1:1+1"});  // Closed: not told again.
    SendResult(7, 2, 'x');
    SendResult(9, 2, 'y');
    SendResult(10, 1, 'c');
    REQUIRE(loop.RunUntil([&] { return entries.size() == 5; }));
    CHECK(Values() == Texts{"a", "b", "c"});
    std::sort(entries.begin(), entries.end());
    CHECK(entries == Texts{"10/1:1+1", "7/0:0+0", "7/1:1+1", "9/0:0+0", "9/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "who waits for a closed task is told so, without an outcome") {
    Deliver(7, 1, 'a');
    Close(8);
    Sync();
    Deliver(7, 2, 'x');
    CHECK(last_entry.id() == 7);
    CHECK(last_entry.outcome() == wire::OUTCOME_UNSPECIFIED);
    CHECK(last_entry.fingerprint() == std::string(16, '\x05'));
    CHECK(Values() == Texts{"a"});
  }

  TEST_CASE_FIXTURE(Fixture, "SYNC is answered with all that is not closed") {
    Deliver(7, 1, 'a');
    Deliver(8, 1, 'b');
    entries.clear();
    Sync();
    CHECK(entries == Texts{"7/1:1+1", "8/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "what was committed is known after the sink was killed") {
    Deliver(7, 1, 'a');
    Deliver(8, 1, 'b');
    const Hash128 before = sink_uuid;
    Restart();
    Sync();
    CHECK(entries == Texts{"7/1:1+1", "8/1:1+1"});
    CHECK(sink_uuid == before);
    Deliver(7, 2, 'x');
    Deliver(9, 1, 'c');
    CHECK(Values() == Texts{"a", "b", "c"});
    CHECK(entries.at(2) == "7/1:1+1");
  }

  TEST_CASE_FIXTURE(Fixture, "a late result is passed over after many segments and a restart") {
    for (std::uint64_t id = 2; id < 90; ++id) {
      Deliver(id, 1, 'v');
      Close(1, {id});  // Task 1 is slow and holds `low` down.
    }
    Sync();
    Restart();
    Sync();
    CHECK(entries.size() < 30);  // Those of the last segment: their fetcher closes them again.
    SendResult(40, 2, 'x');
    SendResult(90, 1, 'z');
    REQUIRE(loop.RunUntil([&] { return last_entry.id() == 90; }));
    Texts expected(88, "v");
    expected.emplace_back("z");
    CHECK(Values() == expected);
  }

  TEST_CASE_FIXTURE(Fixture, "acknowledgements that memory does not hold are read back") {
    options.ack_memory_bytes = 0;
    Restart();
    Sync();
    Deliver(7, 1, 'a');
    Deliver(8, 1, 'b');
    entries.clear();
    Sync();
    CHECK(entries == Texts{"7/1:1+1", "8/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "a sink that does not know a fetcher's life greets it") {
    Restart();
    const int before = acks;
    Close(1);
    CHECK(loop.RunUntil([&] { return acks > before; }));
    CHECK(synced == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "a fetcher whose state is older than the journal is refused") {
    Deliver(7, 1, 'a');
    fetcher_id.incarnation += 1;
    fetcher = Connect(fetcher_id, [this](Frames& frames) { Take(frames); });
    SendSync(7, 1);
    REQUIRE(loop.RunUntil([&] { return !refused.empty(); }));
    CHECK(
        refused.starts_with("the fetcher's state is older than the sink's journal, which knows "
                            "its task 7, while it would give out 7 as a new one"));
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a SYNC that is slower than the results of its life is no older state") {
    Deliver(7, 1, 'a');
    entries.clear();
    Sync(5, 1);
    CHECK(refused.empty());
    CHECK(entries == Texts{"7/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "a SYNC from before the sink's life is greeted, and not believed") {
    Deliver(7, 1, 'a');
    Restart();
    const int before = acks;
    Send(*fetcher, SyncOf(2, 1));
    REQUIRE(loop.RunUntil([&] { return acks > before; }));
    CHECK(refused.empty());
    Sync();
    CHECK(entries == Texts{"7/1:1+1"});
  }

  TEST_CASE_FIXTURE(Fixture, "a second fetcher is refused while another's tasks are known") {
    Deliver(7, 1, 'a');
    fetcher_id = NewPeerId();
    fetcher = Connect(fetcher_id, [this](Frames& frames) { Take(frames); });
    SendSync(100, 1);
    REQUIRE(loop.RunUntil([&] { return !refused.empty(); }));
    CHECK(refused.find("--accept-new-fetcher") != std::string::npos);
    SendResult(20, 1, 'x');
    loop.Settle();
    CHECK(Values() == Texts{"a"});
  }

  TEST_CASE_FIXTURE(Fixture, "a second fetcher takes the first one's place where that is allowed") {
    Deliver(7, 1, 'a');
    options.accept_new_fetcher = true;
    fetcher_id.uuid = RandomId();
    Restart();
    Sync();
    CHECK(entries.empty());
    Deliver(7, 1, 'b');
    CHECK(Values() == Texts{"a", "b"});
  }

  TEST_CASE_FIXTURE(Fixture, "a limit of records holds over restarts") {
    options.max_records = 2;
    Restart();
    Sync();
    Deliver(7, 1, 'a');
    Restart();
    Sync();
    Deliver(8, 1, 'b');
    Deliver(9, 1, 'c');
    CHECK(Values() == Texts{"a", "b"});
    CHECK(last_entry.outcome() == wire::OUTCOME_DROPPED);
    CHECK(last_entry.reason() == "budget");
  }

  TEST_CASE_FIXTURE(Fixture, "a dead letter's body lies where its line says") {
    SendDead(7, "http_500", "<html>sorry");
    CHECK(folder.Read("dead.ndjson").find("\"body_path\":\"state/dead/7.body\"") !=
          std::string::npos);
    CHECK(folder.Read("state/dead/7.body") == "<html>sorry");
    SendDead(8, "dns", "");
    CHECK(folder.Read("dead.ndjson").find("\"body_path\":null") != std::string::npos);
    CHECK(last_entry.outcome() == wire::OUTCOME_DEAD);
  }

  TEST_CASE_FIXTURE(Fixture, "a job's line is written and acknowledged once") {
    wire::Envelope envelope = FromFetcher();
    wire::Job& job = *envelope.mutable_jobs()->add_jobs();
    job.set_id(12);
    job.set_url("http://x/");
    Send(*fetcher, envelope);
    Send(*fetcher, envelope);
    REQUIRE(loop.RunUntil([&] { return !entries.empty(); }));
    Sync();
    const std::string text = folder.Read("jobs.ndjson");
    CHECK(text.starts_with("{\"job\":null,\"url\":\"http://x/\",\"id\":\"12\""));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(last_entry.fingerprint().empty());
  }

  TEST_CASE_FIXTURE(Fixture, "jobs that come together have a line each, in their order") {
    wire::Envelope envelope = FromFetcher();
    for (const std::uint64_t id : {12, 13, 14}) {
      envelope.mutable_jobs()->add_jobs()->set_id(id);
    }
    Send(*fetcher, envelope);
    REQUIRE(loop.RunUntil([&] { return entries.size() >= 3; }));
    const std::string text = folder.Read("jobs.ndjson");
    CHECK(std::count(text.begin(), text.end(), '\n') == 3);
    CHECK(text.find(R"("id":"12")") < text.find(R"("id":"13")"));
    CHECK(text.find(R"("id":"13")") < text.find(R"("id":"14")"));
    CHECK(text.find(R"("id":"14")") != std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "one sink works on a state folder") {
    Result<std::unique_ptr<SinkDaemon>> second = SinkDaemon::Create(loop, options);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::kUnavailable);
    loop.Settle();
  }
}
