#pragma once

// FakeParser: the other end of ParserPool, spoken by hand. It notes what it is sent and
// says only what the test says. For .cc files only: includes generated code.

#include <chrono>
#include <cstdint>
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

class FakeParser {
 public:
  /// `routing_id`: what it calls itself to the pool; by default as the real ones do.
  FakeParser(TestLoop& loop, zmq::context_t& context, const std::string& endpoint, PeerId me,
             const std::string& routing_id = "")
      : self(me), loop_(loop) {
    auto made = BusSocket::Create(loop, context, BusSocket::Kind::kDealer,
                                  routing_id.empty() ? RoutingId(me) : routing_id,
                                  [this](Frames& frames) { Receive(frames); });
    REQUIRE(made.ok());
    socket_ = std::move(*made);
    REQUIRE(socket_->Connect(endpoint).ok());
  }

  /// Joins: says HELLO and waits for the greeting.
  void Join(std::uint64_t credit_total, std::vector<std::string> served = {"*"}) {
    SayHello(credit_total, std::move(served));
    REQUIRE(loop_.RunUntil([&] { return nudges > 0; }));
    Barrier();
  }
  void SayHello(std::uint64_t credit_total, std::vector<std::string> served = {"*"}) {
    wire::Envelope envelope = NewHello(credit_total);
    for (std::string& name : served) envelope.mutable_hello()->add_recipes(std::move(name));
    Send(envelope);
  }
  /// Says HELLO as one that has no page left, and has had so many.
  void SayIdle(std::uint64_t credit_total, std::uint64_t received_total) {
    wire::Envelope envelope = NewHello(credit_total);
    envelope.mutable_hello()->set_received_total(received_total);
    Send(envelope);
    Barrier();
  }
  /// Says HELLO as one that may send no results.
  void SayBlocked(std::uint64_t credit_total) {
    wire::Envelope envelope = NewHello(credit_total);
    envelope.mutable_hello()->set_blocked(true);
    Send(envelope);
    Barrier();
  }

  /// What it says arrives even if it is gone by then.
  void Linger() { socket_->LingerFor(std::chrono::seconds(10)); }

  /// Says that this life ends.
  void SayGoodbye() {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_goodbye();
    Send(envelope);
  }

  /// Says CREDIT, and waits until the pool has taken it.
  void Grant(std::uint64_t credit_total, const std::vector<std::uint64_t>& parsed = {}) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_credit()->set_credit_total(credit_total);
    for (const std::uint64_t id : parsed) {
      envelope.mutable_credit()->add_parsed()->set_id(id);
      envelope.mutable_credit()->mutable_parsed()->rbegin()->set_attempt(AttemptOf(id));
      envelope.mutable_credit()->mutable_parsed()->rbegin()->set_parse_us(id * 100);
    }
    Send(envelope);
    Barrier();
  }
  /// Says CREDIT, and leaves it to others to let it be heard.
  void GrantUnheard(std::uint64_t credit_total) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_credit()->set_credit_total(credit_total);
    Send(envelope);
  }
  /// Says CREDIT of pages that it has dropped.
  void Drop(std::uint64_t credit_total, const std::vector<std::uint64_t>& dropped) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_credit()->set_credit_total(credit_total);
    for (const std::uint64_t id : dropped) {
      wire::Attempt& page = *envelope.mutable_credit()->add_parsed();
      page.set_id(id);
      page.set_attempt(AttemptOf(id));
      page.set_dropped(true);
    }
    Send(envelope);
    Barrier();
  }
  void Retry(std::uint64_t id, const std::string& why, std::uint32_t after_ms,
             std::uint32_t attempt = 1) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_retry()->set_id(id);
    envelope.mutable_retry()->set_attempt(attempt);
    envelope.mutable_retry()->set_why(why);
    envelope.mutable_retry()->set_after_ms(after_ms);
    Send(envelope);
    Barrier();
  }
  void Need(std::string_view hash) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_need()->set_recipe_hash(std::string(hash));
    Send(envelope);
  }

  void WantBody(std::uint64_t id, std::uint32_t attempt, std::uint64_t offset) {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_body_wanted()->set_id(id);
    envelope.mutable_body_wanted()->set_attempt(attempt);
    envelope.mutable_body_wanted()->set_offset(offset);
    Send(envelope);
  }

  /// Waits for the answer to a question: all that was under way, both ways, has arrived.
  void Barrier() {
    const std::optional<PeerId> known = std::exchange(fetcher, real_fetcher_);
    const std::size_t before = recipes.size();
    Need(HashBytes("the recipe").View());
    fetcher = known;
    REQUIRE(loop_.RunUntil([&] { return recipes.size() > before; }));
  }

  /// Ids and attempts of the TASKs so far, as `3/1 4/1`.
  std::string Tasks() {
    Barrier();
    std::string text;
    for (const auto& [task, body] : tasks) Add(task.task(), &text);
    return text;
  }
  /// The same of the pages that it was told to be taken.
  std::string Taken() {
    Barrier();
    std::string text;
    for (const wire::Attempt& page : taken) Add(page, &text);
    return text;
  }

  /// Says anything, and waits until the pool has taken it.
  void Say(const wire::Envelope& envelope) {
    Send(envelope);
    Barrier();
  }

  void SendRaw(const std::vector<std::string>& texts) {
    Frames frames;
    for (const std::string& text : texts) frames.push_back(CopyFrame(text));
    CHECK(socket_->Send(frames).ok());
  }

  PeerId self;
  bool maps_bodies = false;
  std::optional<PeerId> fetcher;  ///< Whom it speaks to: set by what arrives, or by the test.
  std::vector<std::pair<wire::Envelope, std::string>> tasks;
  std::vector<std::pair<wire::Envelope, std::string>> recipes;
  std::vector<std::pair<wire::Envelope, std::string>> parts;
  std::vector<wire::Attempt> taken;
  int nudges = 0;

 private:
  wire::Envelope NewHello(std::uint64_t credit_total) const {
    wire::Envelope envelope = MakeEnvelope(self, fetcher);
    envelope.mutable_hello()->set_pid(4711);
    envelope.mutable_hello()->set_credit_total(credit_total);
    envelope.mutable_hello()->set_maps_bodies(maps_bodies);
    return envelope;
  }
  template <typename Message>
  static void Add(const Message& page, std::string* text) {
    if (!text->empty()) *text += " ";
    *text += std::to_string(page.id()) + "/" + std::to_string(page.attempt());
  }
  /// The attempt that it was last sent the page with.
  [[nodiscard]] std::uint32_t AttemptOf(std::uint64_t id) const {
    std::uint32_t attempt = 1;
    for (const auto& [task, body] : tasks) {
      if (task.task().id() == id) attempt = task.task().attempt();
    }
    return attempt;
  }
  void Receive(Frames& frames) {
    const Result<Received> received = DecodeEnvelope(frames[0]);
    if (!received) return;
    real_fetcher_ = received->from;
    if (!fetcher) fetcher = real_fetcher_;
    const std::string second = frames.size() > 1 ? frames[1].to_string() : "";
    if (received->envelope.has_nudge()) ++nudges;
    if (received->envelope.has_task()) tasks.emplace_back(received->envelope, second);
    if (received->envelope.has_body_part()) parts.emplace_back(received->envelope, second);
    const auto& pages = received->envelope.taken().pages();
    taken.insert(taken.end(), pages.begin(), pages.end());
    if (received->envelope.has_recipe()) recipes.emplace_back(received->envelope, second);
  }
  void Send(const wire::Envelope& envelope) {
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    CHECK(socket_->Send(frames).ok());
  }

  TestLoop& loop_;
  std::optional<PeerId> real_fetcher_;
  std::unique_ptr<BusSocket> socket_;
};

}  // namespace thresh::test
