#include "sink/inbox.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "lib/bus/bus_socket.h"
#include "proto/envelope.h"

using namespace thresh;

namespace {

const PeerId kFrom{.uuid = HashFromBytes(std::string(16, 'p')).value(), .incarnation = 5};

// Any message that a sink may get, with fields set or not.
wire::Envelope AnyEnvelope(std::mt19937& random) {
  const auto sometimes = [&random] { return random() % 3 == 0; };
  const auto text = [&random] {
    return std::string(random() % (random() % 9 == 0 ? 3000 : 40), 'x');
  };
  wire::Envelope envelope = MakeEnvelope(kFrom, std::nullopt);
  if (sometimes()) ToWire(NewPeerId(), envelope.mutable_to());
  if (random() % 40 == 0) envelope.clear_from();
  if (random() % 40 == 0) envelope.set_version(2);
  switch (random() % 8) {
    case 0: envelope.mutable_low()->set_low(random()); break;
    case 1: envelope.mutable_hello()->set_pid(7); break;
    case 2: envelope.mutable_jobs()->add_jobs()->set_url(text()); break;
    case 3: break;
    default: {
      wire::Result& result = *envelope.mutable_result();
      ToWire(NewPeerId(), result.mutable_source());
      if (sometimes()) result.set_id(random());
      if (sometimes()) result.set_attempt(3);
      if (sometimes()) result.set_page(text());
      if (sometimes()) result.set_outcome(wire::OUTCOME_DEAD);
      if (sometimes()) result.set_reason(text());
      if (sometimes()) result.set_detail(text());
      if (sometimes()) result.set_body_start(text());
      for (auto i = random() % 4; i > 0; --i) {
        wire::Rows& rows = *result.add_rows();
        if (sometimes()) rows.set_item(text());
        for (auto row = random() % 5; row > 0; --row) rows.add_row(static_cast<unsigned>(row));
      }
      for (auto i = random() % 4; i > 0; --i) {
        wire::Link& link = *result.add_links();
        if (sometimes()) link.set_url(text());
        if (sometimes()) link.add_headers()->set_value(text());
        link.set_root(sometimes());
      }
      if (sometimes()) result.add_rejected()->set_field(text());
    }
  }
  return envelope;
}

}  // namespace

TEST_SUITE("Inbox") {
  TEST_CASE("each message is read as if it were the first") {
    std::mt19937 random(6);
    Inbox inbox;
    for (int i = 0; i < 20'000; ++i) {
      std::string bytes = AnyEnvelope(random).SerializeAsString();
      if (random() % 20 == 0) bytes.resize(random() % (bytes.size() + 1));
      if (random() % 20 == 0) bytes += static_cast<char>(random());
      const zmq::message_t frame = CopyFrame(bytes);
      const Result<Received> expected = DecodeEnvelope(frame);
      const Result<Inbox::Message> found = inbox.Read(frame);
      REQUIRE(found.ok() == expected.ok());
      if (!found) {
        REQUIRE(found.error().detail == expected.error().detail);
        continue;
      }
      REQUIRE(found->from == expected->from);
      REQUIRE(found->envelope.message_case() == expected->envelope.message_case());
      wire::Envelope read = found->envelope;
      if (!expected->envelope.has_to()) read.clear_to();  // There, and empty.
      REQUIRE(read.SerializeAsString() == expected->envelope.SerializeAsString());
    }
  }

  TEST_CASE("a RESULT without a source is no message") {
    wire::Envelope envelope = MakeEnvelope(kFrom, std::nullopt);
    envelope.mutable_result()->set_id(7);
    Inbox inbox;
    const zmq::message_t frame = EncodeEnvelope(envelope);
    CHECK(inbox.Read(frame)->envelope.message_case() == wire::Envelope::MESSAGE_NOT_SET);
  }

  TEST_CASE("memory is given up after a large message, and after many small ones") {
    Wear wear;
    CHECK_FALSE(wear.Add(1000));
    CHECK(wear.Add(1 << 20));
    std::size_t count = 0;
    while (!wear.Add(1000)) ++count;
    CHECK(count == (4 << 20) / 1000);
    CHECK_FALSE(wear.Add(1000));
  }
}
