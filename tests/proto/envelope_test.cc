#include "proto/envelope.h"

#include <optional>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <google/protobuf/stubs/logging.h>

#include "tests/support/hex.h"

using namespace thresh;
using thresh::test::Bytes;

namespace {

const PeerId kMe{*HashFromBytes(Bytes("000102030405060708090a0b0c0d0e0f")), 0x1112131415161718};
const PeerId kYou{*HashFromBytes(Bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")), 0};

Result<Received> Decode(const std::string& bytes) {
  return DecodeEnvelope(zmq::message_t(bytes.data(), bytes.size()));
}
std::string Fault(const std::string& bytes) {
  const auto received = Decode(bytes);
  REQUIRE_FALSE(received.ok());
  CHECK(received.error().code == Errc::kInvalid);
  return received.error().detail;
}

}  // namespace

TEST_SUITE("Envelope") {
  TEST_CASE("what is encoded is decoded, with both ends") {
    wire::Envelope sent = MakeEnvelope(kMe, kYou);
    sent.mutable_retry()->set_id(18446744073709551615u);
    sent.mutable_retry()->set_why("later");
    const auto received = DecodeEnvelope(EncodeEnvelope(sent));
    REQUIRE(received.ok());
    CHECK(received->from == kMe);
    CHECK(FromWire(received->envelope.to()) == kYou);
    CHECK(received->envelope.has_retry());
    CHECK(received->envelope.retry().id() == 18446744073709551615u);
    CHECK(received->envelope.retry().why() == "later");
  }

  TEST_CASE("a sender that knows nobody yet names nobody") {
    const auto received = DecodeEnvelope(EncodeEnvelope(MakeEnvelope(kMe, std::nullopt)));
    REQUIRE(received.ok());
    CHECK_FALSE(received->envelope.has_to());
    CHECK_FALSE(FromWire(received->envelope.to()));
    CHECK(received->envelope.message_case() == wire::Envelope::MESSAGE_NOT_SET);
  }

  // By hand: version 1; from {uuid 00..0f, incarnation as fixed64}; nudge {}.
  TEST_CASE("the bytes are those that other languages write") {
    const std::string bytes =
        Bytes("08 01 12 1b 0a 10 000102030405060708090a0b0c0d0e0f 11 1817161514131211 82 01 00");
    const auto received = Decode(bytes);
    REQUIRE(received.ok());
    CHECK(received->from == kMe);
    CHECK(received->envelope.has_nudge());
    wire::Envelope sent = MakeEnvelope(kMe, std::nullopt);
    sent.mutable_nudge();
    CHECK(EncodeEnvelope(sent).to_string() == bytes);
  }

  TEST_CASE("another version is refused, and both are named") {
    wire::Envelope envelope = MakeEnvelope(kMe, std::nullopt);
    envelope.set_version(2);
    CHECK(Fault(envelope.SerializeAsString()) ==
          "an envelope of version 2 (expected 1: mixed versions of thresh?)");
    CHECK(Fault("") == "an envelope of version 0 (expected 1: mixed versions of thresh?)");
  }

  TEST_CASE("garbage is refused with its size") {
    CHECK(Fault("no envelope") == "not an envelope: 11 bytes");
    CHECK(Fault(std::string(1000, '\xff')) == "not an envelope: 1000 bytes");
  }

  TEST_CASE("a sender without a uuid of 16 bytes is nobody") {
    wire::Envelope envelope = MakeEnvelope(kMe, std::nullopt);
    for (const std::size_t size : {0, 15, 17}) {
      envelope.mutable_from()->set_uuid(std::string(size, 'x'));
      CHECK(Fault(envelope.SerializeAsString()) == "an envelope without its sender's uuid");
    }
    envelope.clear_from();
    CHECK(Fault(envelope.SerializeAsString()) == "an envelope without its sender's uuid");
  }

  TEST_CASE("cut off at any byte or with any byte changed, it is read or refused, never more") {
    const google::protobuf::LogSilencer quiet;  // It complains of each text that is no UTF-8.
    wire::Envelope sent = MakeEnvelope(kMe, kYou);
    sent.mutable_hello()->set_pid(4711);
    sent.mutable_hello()->add_recipes(std::string("*"));
    const std::string whole = sent.SerializeAsString();
    for (std::size_t size = 0; size < whole.size(); ++size)
      (void)Decode(whole.substr(0, size)).ok();
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int bits = 1; bits < 256; ++bits) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ bits);
        const auto received = Decode(changed);
        if (received.ok()) REQUIRE(received->envelope.version() == kWireVersion);
      }
    }
  }
}

TEST_SUITE("PeerId") {
  TEST_CASE("new peers are all different, in state and in life") {
    const PeerId one = NewPeerId(), two = NewPeerId();
    CHECK(one.uuid != two.uuid);
    CHECK(one.incarnation != two.incarnation);
  }

  TEST_CASE("a routing id is a t, the uuid and the incarnation, 25 bytes") {
    CHECK(RoutingId(kMe) == Bytes("74 000102030405060708090a0b0c0d0e0f 1817161514131211"));
    PeerId next = kMe;
    ++next.incarnation;
    CHECK(RoutingId(next) != RoutingId(kMe));
  }
}
