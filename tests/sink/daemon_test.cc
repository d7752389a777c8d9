#include "sink/daemon.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/envelope.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;

namespace {

// A sink with a parser and a fetcher that are spoken by hand.
struct SinkFixture {
  SinkFixture() {
    auto made = SinkDaemon::Create(loop, {.state_dir = folder.path(), .out = folder.path()});
    REQUIRE(made.ok());
    sink = std::move(*made);
    parser = Connect(parser_id, [](Frames&) {});
    fetcher = Connect(fetcher_id, [this](Frames& frames) { TakeAck(frames); });
    wire::Envelope sync = MakeEnvelope(fetcher_id, std::nullopt);
    sync.mutable_sync()->set_next_id(100);
    sync.mutable_sync()->set_low(1);
    Send(*fetcher, sync, std::nullopt);
    REQUIRE(loop.RunUntil([&] { return acks > 0; }));
  }

  std::unique_ptr<BusSocket> Connect(const PeerId& id, BusSocket::MessageFn receive) {
    auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kDealer, RoutingId(id),
                                    std::move(receive));
    REQUIRE(socket.ok());
    REQUIRE((*socket)->Connect("ipc://" + folder.path() + "/sink.ipc").ok());
    return std::move(*socket);
  }

  void TakeAck(Frames& frames) {
    Result<Received> received = DecodeEnvelope(frames.at(0));
    REQUIRE(received.ok());
    ++acks;
    for (const auto& entry : received->envelope.ack().entries()) {
      entries.push_back(std::to_string(entry.id()) + "/" + std::to_string(entry.attempt()) + ":" +
                        std::to_string(entry.records()) + "+" + std::to_string(entry.links_size()));
    }
  }

  static void Send(BusSocket& socket, const wire::Envelope& envelope,
                   std::optional<std::string> second) {
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    if (second) frames.push_back(CopyFrame(*second));
    CHECK(socket.Send(frames).ok());
  }

  // A page with one record {"v": `value`} and one link, and waits for its ACK.
  void SendResult(std::uint64_t id, std::uint32_t attempt, char value) {
    const std::size_t before = entries.size();
    wire::Page page;
    page.set_url("http://x/a");
    wire::Envelope envelope = MakeEnvelope(parser_id, std::nullopt);
    wire::Result& result = *envelope.mutable_result();
    ToWire(fetcher_id, result.mutable_source());
    result.set_id(id);
    result.set_attempt(attempt);
    result.set_page(page.SerializeAsString());
    result.set_outcome(wire::OUTCOME_DONE);
    result.add_rows()->set_item("thing");
    result.mutable_rows(0)->add_row(0);
    result.add_links()->set_url("http://x/b");
    Send(*parser, envelope, std::string("\x81\xa1v\xa1") + value);
    REQUIRE(loop.RunUntil([&] { return entries.size() > before; }));
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    const std::string text = folder.Read("thing.ndjson");
    for (std::size_t at = text.find("{\"v\":\""); at != std::string::npos;
         at = text.find("{\"v\":\"", at + 1)) {
      values.push_back(text.substr(at + 6, 1));
    }
    return values;
  }

  test::TestLoop loop;
  test::TempFolder folder;
  zmq::context_t context;
  const PeerId parser_id = NewPeerId(), fetcher_id = NewPeerId();
  int acks = 0;
  std::vector<std::string> entries;
  std::unique_ptr<SinkDaemon> sink;
  std::unique_ptr<BusSocket> parser, fetcher;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE("SinkDaemon") {
  TEST_CASE_FIXTURE(SinkFixture, "a page's line is in its file when the fetcher is told") {
    SendResult(7, 1, 'a');
    CHECK(Values() == Texts{"a"});
    CHECK(entries == Texts{"7/1:1+1"});
  }

  TEST_CASE_FIXTURE(SinkFixture, "the first result wins; a later one is acknowledged as the first") {
    SendResult(7, 1, 'a');
    SendResult(7, 2, 'b');
    CHECK(Values() == Texts{"a"});
    CHECK(entries == Texts{"7/1:1+1", "7/1:1+1"});
  }

  TEST_CASE_FIXTURE(SinkFixture, "a result for a closed task is passed over") {
    SendResult(7, 1, 'a');
    wire::Envelope low = MakeEnvelope(fetcher_id, std::nullopt);
    low.mutable_low()->set_low(8);
    Send(*fetcher, low, std::nullopt);
    loop.Settle();
    wire::Envelope sync = MakeEnvelope(fetcher_id, std::nullopt);
    sync.mutable_sync()->set_low(8);
    const int before = acks;
    Send(*fetcher, sync, std::nullopt);
    REQUIRE(loop.RunUntil([&] { return acks > before; }));
    CHECK(entries == Texts{"7/1:1+1"});  // Closed: not told again.
    SendResult(9, 1, 'c');
    CHECK(Values() == Texts{"a", "c"});
  }

  TEST_CASE_FIXTURE(SinkFixture, "SYNC is answered with all that is not closed") {
    SendResult(7, 1, 'a');
    SendResult(8, 1, 'b');
    entries.clear();
    wire::Envelope sync = MakeEnvelope(fetcher_id, std::nullopt);
    sync.mutable_sync()->set_low(1);
    Send(*fetcher, sync, std::nullopt);
    REQUIRE(loop.RunUntil([&] { return entries.size() == 2; }));
    CHECK(entries == Texts{"7/1:1+1", "8/1:1+1"});
  }
}
