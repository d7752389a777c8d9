#pragma once

// SinkFixture: a sink on a folder of its own, with a parser and a fetcher that are spoken by
// hand. The sink can be stopped, as by kill -9, and started again.

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/envelope.h"
#include "sink/daemon.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

using Texts = std::vector<std::string>;

struct SinkFixture {
  SinkFixture() {
    options.state_dir = options.run_dir = folder.path() + "/state";
    options.out = folder.path();
    options.segment_bytes = 4096;
    options.durability = "process";
    Start();
  }

  void Start() {
    auto made = SinkDaemon::Create(loop, options);
    REQUIRE(made.ok());
    sink = std::move(*made);
    parser = Connect(parser_id, [](Frames&) {});
    fetcher = Connect(fetcher_id, [this](Frames& frames) { Take(frames); });
  }

  // The sink goes without a word; the others connect to the next one.
  void Restart() {
    sink.reset();
    parser.reset();
    fetcher.reset();
    parser_id = NewPeerId();
    fetcher_id.incarnation += 1;
    sink_id.reset();
    entries.clear();
    loop.Settle();
    Start();
  }

  std::unique_ptr<BusSocket> Connect(const PeerId& id, BusSocket::MessageFn receive) {
    auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kDealer, RoutingId(id),
                                    std::move(receive));
    REQUIRE(socket.ok());
    REQUIRE((*socket)->Connect("ipc://" + options.state_dir + "/sink.ipc").ok());
    return std::move(*socket);
  }

  void Take(Frames& frames) {
    Result<Received> received = DecodeEnvelope(frames.at(0));
    CHECK(received.ok());
    if (!received) return;
    sink_uuid = received->from.uuid;
    sink_id = received->from;
    if (received->envelope.has_refused()) refused = received->envelope.refused().why();
    if (!received->envelope.has_ack()) return;
    ++acks;
    synced += received->envelope.ack().synced() ? 1 : 0;
    for (const auto& entry : received->envelope.ack().entries()) {
      entries.push_back(std::to_string(entry.id()) + "/" + std::to_string(entry.attempt()) + ":" +
                        std::to_string(entry.records()) + "+" + std::to_string(entry.links_size()));
      last_entry = entry;
    }
  }

  static void Send(BusSocket& socket, const wire::Envelope& envelope,
                   std::optional<std::string> second = std::nullopt) {
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    if (second) frames.push_back(CopyFrame(*second));
    CHECK(socket.Send(frames).ok());
  }

  [[nodiscard]] wire::Envelope FromFetcher() const { return MakeEnvelope(fetcher_id, sink_id); }

  // The first SYNC names no sink: it is greeted only.
  void Meet() {
    Send(*fetcher, SyncOf(100, 1));
    REQUIRE(loop.RunUntil([&] { return sink_id.has_value(); }));
  }

  [[nodiscard]] wire::Envelope SyncOf(std::uint64_t next_id, std::uint64_t low) const {
    wire::Envelope sync = FromFetcher();
    sync.mutable_sync()->set_next_id(next_id);
    sync.mutable_sync()->set_low(low);
    return sync;
  }

  void SendSync(std::uint64_t next_id, std::uint64_t low) {
    if (!sink_id) Meet();
    wire::Envelope sync = FromFetcher();
    sync.mutable_sync()->set_next_id(next_id);
    sync.mutable_sync()->set_low(low);
    Send(*fetcher, sync);
  }

  // SYNC, and waits for all of its answer.
  void Sync(std::uint64_t next_id = 100, std::uint64_t low = 1) {
    const int before = synced;
    SendSync(next_id, low);
    REQUIRE(loop.RunUntil([&] { return synced > before; }));
  }

  void Close(std::uint64_t low, const std::vector<std::uint64_t>& ids = {}) {
    wire::Envelope envelope = FromFetcher();
    envelope.mutable_low()->set_low(low);
    for (const std::uint64_t id : ids) envelope.mutable_low()->add_closed(id);
    Send(*fetcher, envelope);
  }

  // A page with one record {"v": `value`} and one link.
  void SendResult(std::uint64_t id, std::uint32_t attempt, char value) {
    wire::Page page;
    page.set_url("http://x/a");
    page.set_fingerprint(std::string(16, '\x05'));
    page.set_dont_filter(true);
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
  }

  // The same, and waits for its ACK.
  void Deliver(std::uint64_t id, std::uint32_t attempt, char value) {
    const std::size_t before = entries.size();
    SendResult(id, attempt, value);
    REQUIRE(loop.RunUntil([&] { return entries.size() > before; }));
  }

  void SendDead(std::uint64_t id, const std::string& reason, const std::string& body) {
    wire::Envelope envelope = FromFetcher();
    envelope.mutable_dead()->set_id(id);
    envelope.mutable_dead()->set_reason(reason);
    const std::size_t before = entries.size();
    Send(*fetcher, envelope, body);
    REQUIRE(loop.RunUntil([&] { return entries.size() > before; }));
  }

  // The values of all records in the file, in order.
  [[nodiscard]] Texts Values(const std::string& name = "thing.ndjson") const {
    Texts values;
    const std::string text = folder.Read(name);
    for (std::size_t at = text.find("{\"v\":\""); at != std::string::npos;
         at = text.find("{\"v\":\"", at + 1)) {
      values.push_back(text.substr(at + 6, 1));
    }
    return values;
  }

  TestLoop loop;
  TempFolder folder;
  SinkOptions options;
  zmq::context_t context;
  PeerId parser_id = NewPeerId(), fetcher_id = NewPeerId();
  int acks = 0, synced = 0;
  Texts entries;
  wire::Ack::Entry last_entry;
  std::string refused;
  Hash128 sink_uuid;
  std::optional<PeerId> sink_id;  // Of the sink that spoke last.
  std::unique_ptr<SinkDaemon> sink;
  std::unique_ptr<BusSocket> parser, fetcher;
};

}  // namespace thresh::test
