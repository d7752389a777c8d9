#pragma once

// The two ends that a parser talks to, spoken by hand: a fetcher and a sink that note what they
// are told. For .cc files only: includes generated code.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <zmq.hpp>

#include "lib/base/log.h"
#include "lib/bus/bus_socket.h"
#include "proto/envelope.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

inline constexpr std::string_view kRecipeText = R"(
name = "r"
[[items]]
name = "quote"
rows = "p"
[items.fields]
text = "::text"
)";

/// A ROUTER with one parser at its other end.
class ParserPeer {
 public:
  ParserPeer(TestLoop& loop, zmq::context_t& context, const std::string& endpoint) {
    auto made = BusSocket::Create(loop, context, BusSocket::Kind::kRouter, "",
                                  [this](Frames& frames) { Receive(frames); });
    REQUIRE(made.ok());
    socket_ = std::move(*made);
    REQUIRE(socket_->Bind(endpoint).ok());
  }

  /// To the parser that was last heard of.
  void Send(wire::Envelope envelope, std::optional<std::string_view> second = std::nullopt) {
    CHECK(SendToLiving(std::move(envelope), second));
  }
  /// The same, where the parser may have died since: whether it still had a connection.
  [[nodiscard]] bool SendToLiving(wire::Envelope envelope,
                                  std::optional<std::string_view> second = std::nullopt) {
    ToWire(self, envelope.mutable_from());
    ToWire(*parser, envelope.mutable_to());
    envelope.set_version(kWireVersion);
    Frames frames;
    frames.push_back(CopyFrame(routing_id_));
    frames.push_back(EncodeEnvelope(envelope));
    if (second) frames.push_back(CopyFrame(*second));
    return socket_->Send(frames).ok();
  }
  /// How many messages of a kind have come.
  [[nodiscard]] std::size_t Count(wire::Envelope::MessageCase kind) const {
    std::size_t count = 0;
    for (const wire::Envelope& envelope : heard) count += envelope.message_case() == kind ? 1 : 0;
    return count;
  }

  [[nodiscard]] const std::string& routing_id() const noexcept { return routing_id_; }

  const PeerId self = NewPeerId();
  std::optional<PeerId> parser;
  std::vector<wire::Envelope> heard;

 private:
  void Receive(Frames& frames) {
    REQUIRE(frames.size() >= 2);
    const Result<Received> received = DecodeEnvelope(frames[1]);
    CHECK(received.ok());
    if (!received) return;
    routing_id_ = frames[0].to_string();
    parser = received->from;
    heard.push_back(received->envelope);
  }

  std::string routing_id_;
  std::unique_ptr<BusSocket> socket_;
};

/// Both ends in a state folder of their own.
struct ParserEnds {
  ParserEnds() { log::SetLevel(log::Level::kError); }

  void GrantBytes(std::uint64_t bytes_total) {
    wire::Envelope envelope;
    envelope.mutable_byte_credit()->set_bytes_total(bytes_total);
    sink.Send(envelope);
  }
  void SendTask(std::uint64_t id, std::string_view body) {
    wire::Envelope envelope;
    wire::Task& task = *envelope.mutable_task();
    task.set_id(id);
    task.set_attempt(1);
    wire::Page page;
    page.set_url("http://x.test/");
    task.set_page(page.SerializeAsString());
    task.set_recipe_hash(std::string(HashBytes(kRecipeText).View()));
    task.set_url("http://x.test/");
    task.set_status(200);
    task.set_body_bytes(large_task_bytes_);
    task.set_body_passed(large_task_passed_);
    if (body_at_) task.set_body_at(*body_at_);
    fetcher.Send(envelope, body);
  }
  /// A page whose body is not in its TASK.
  void SendLargeTask(std::uint64_t id, std::uint64_t body_bytes, bool passed) {
    large_task_bytes_ = body_bytes;
    large_task_passed_ = passed;
    SendTask(id, "");
    large_task_bytes_ = 0;
    large_task_passed_ = false;
  }
  /// A page whose body lies at a place of the memory that is shared.
  void SendSharedTask(std::uint64_t id, std::uint64_t at, std::uint64_t body_bytes) {
    body_at_ = at;
    SendLargeTask(id, body_bytes, false);
    body_at_.reset();
  }
  void SendGone(std::uint64_t id) {
    wire::Envelope envelope;
    envelope.mutable_body_part()->set_id(id);
    envelope.mutable_body_part()->set_attempt(1);
    envelope.mutable_body_part()->set_gone(true);
    fetcher.Send(envelope, "");
  }
  void SendTaken(const std::vector<std::uint64_t>& ids) {
    wire::Envelope envelope;
    for (const std::uint64_t id : ids) {
      wire::Attempt& page = *envelope.mutable_taken()->add_pages();
      page.set_id(id);
      page.set_attempt(1);
    }
    fetcher.Send(envelope);
  }
  void SendPart(std::uint64_t id, std::uint64_t offset, std::string_view bytes) {
    wire::Envelope envelope;
    envelope.mutable_body_part()->set_id(id);
    envelope.mutable_body_part()->set_attempt(1);
    envelope.mutable_body_part()->set_offset(offset);
    fetcher.Send(envelope, bytes);
  }
  void SendRecipe() {
    wire::Envelope envelope;
    envelope.mutable_recipe()->set_hash(std::string(HashBytes(kRecipeText).View()));
    fetcher.Send(envelope, kRecipeText);
  }
  /// Waits until the parser is there, and tells it who we are.
  void Meet() {
    REQUIRE(loop.RunUntil([&] { return fetcher.parser && sink.parser; }));
    wire::Envelope nudge;
    nudge.mutable_nudge();
    fetcher.Send(nudge);
  }
  /// What each CREDIT named as parsed, as `1 2,3`; as dropped: `-2`.
  [[nodiscard]] std::string Credits() const {
    std::string text;
    for (const wire::Envelope& envelope : fetcher.heard) {
      if (!envelope.has_credit()) continue;
      text += text.empty() ? "" : " ";
      std::string ids;
      for (const wire::Attempt& parsed : envelope.credit().parsed()) {
        ids += ids.empty() ? "" : ",";
        ids += (parsed.dropped() ? "-" : "") + std::to_string(parsed.id());
      }
      text += ids.empty() ? "-" : ids;
    }
    return text;
  }

  std::uint64_t large_task_bytes_ = 0;
  bool large_task_passed_ = false;
  std::optional<std::uint64_t> body_at_;
  TempFolder folder;
  TestLoop loop;
  zmq::context_t context;
  ParserPeer fetcher{loop, context, "ipc://" + folder.File("parsers.ipc")};
  ParserPeer sink{loop, context, "ipc://" + folder.File("sink.ipc")};
};

}  // namespace thresh::test
