#pragma once

// FakeSink: the other end of SinkLink, spoken by hand. For .cc files only: includes
// generated code.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <zmq.hpp>

#include "lib/bus/bus_socket.h"
#include "proto/envelope.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

// A context of its own: when it is gone, its socket is too.
class FakeSink {
 public:
  FakeSink(TestLoop& loop, const std::string& endpoint, PeerId me) : self(me) {
    auto made = BusSocket::Create(loop, context_, BusSocket::Kind::kRouter, "",
                                  [this](Frames& frames) { Receive(frames); });
    REQUIRE(made.ok());
    socket_ = std::move(*made);
    REQUIRE(socket_->Bind(endpoint).ok());
  }

  /// An ACK to `to` (by default, the fetcher that spoke last). Without entries: empty.
  void Ack(std::vector<wire::Ack::Entry> entries = {}, std::optional<PeerId> to = {}) {
    wire::Envelope envelope = MakeEnvelope(self, to ? to : fetcher);
    envelope.mutable_ack();
    for (auto& entry : entries) *envelope.mutable_ack()->add_entries() = std::move(entry);
    SendRaw(EncodeEnvelope(envelope).to_string());
  }
  /// The last ACK of those that answer a SYNC.
  void Synced() {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_ack()->set_synced(true);
    SendRaw(EncodeEnvelope(envelope).to_string());
  }
  void Refuse(const std::string& why) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_refused()->set_why(why);
    SendRaw(EncodeEnvelope(envelope).to_string());
  }
  void SendRaw(const std::string& bytes) {
    Frames frames;
    frames.push_back(CopyFrame(routing_id_));
    frames.push_back(CopyFrame(bytes));
    CHECK(socket_->Send(frames).ok());
  }

  PeerId self;
  std::optional<PeerId> fetcher;
  /// `sync 8/3`, `low 3`, `low 3 closed 4 5`, `dead 5`, `job 6 http://x/ done=1`.
  std::vector<std::string> heard;
  std::vector<int> jobs_messages;  ///< How many jobs each had.
  std::optional<wire::Envelope> last_dead;
  std::string last_body;

 private:
  void Receive(Frames& frames) {
    routing_id_ = frames[0].to_string();
    const Result<Received> received = DecodeEnvelope(frames[1]);
    if (!received) return;
    const wire::Envelope& envelope = received->envelope;
    fetcher = received->from;
    if (envelope.has_sync()) {
      heard.push_back("sync " + std::to_string(envelope.sync().next_id()) + "/" +
                      std::to_string(envelope.sync().low()));
    } else if (envelope.has_low()) {
      heard.push_back("low " + std::to_string(envelope.low().low()));
      if (envelope.low().closed_size() > 0) heard.back() += " closed";
      for (const auto id : envelope.low().closed()) heard.back() += " " + std::to_string(id);
    } else if (envelope.has_jobs()) {
      jobs_messages.push_back(envelope.jobs().jobs_size());
      for (const wire::Job& job : envelope.jobs().jobs()) {
        heard.push_back("job " + std::to_string(job.id()) + " " + job.url() +
                        " done=" + std::to_string(job.done()));
      }
    } else if (envelope.has_dead()) {
      heard.push_back("dead " + std::to_string(envelope.dead().id()));
      last_dead = envelope;
      last_body = frames.size() > 2 ? frames[2].to_string() : "no body frame";
    }
  }

  zmq::context_t context_;
  std::string routing_id_;
  std::unique_ptr<BusSocket> socket_;
};

}  // namespace thresh::test
