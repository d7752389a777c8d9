#include "sink/ack_frame.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/envelope.h"

using namespace thresh;

namespace {

const PeerId kSink = NewPeerId(), kFetcher = NewPeerId();

wire::Ack::Entry EntryOf(std::uint64_t id, std::size_t links) {
  wire::Ack::Entry entry;
  entry.set_id(id);
  entry.set_outcome(wire::OUTCOME_DONE);
  for (std::size_t i = 0; i < links; ++i)
    entry.add_links()->set_url("http://x/" + std::to_string(i));
  return entry;
}

// What the frame says, and what Protocol Buffers make of the same message.
void Compare(const std::vector<wire::Ack::Entry>& entries, bool synced) {
  wire::Envelope expected = MakeEnvelope(kSink, kFetcher);
  expected.mutable_ack()->set_synced(synced);
  std::vector<std::string> serialised;
  for (const wire::Ack::Entry& entry : entries) {
    *expected.mutable_ack()->add_entries() = entry;
    serialised.push_back(entry.SerializeAsString());
  }
  const zmq::message_t frame = AckFrame(kSink, kFetcher, serialised, synced);
  const Result<Received> received = DecodeEnvelope(frame);
  REQUIRE(received.ok());
  CHECK(received->from == kSink);
  CHECK(received->envelope.has_ack());
  CHECK(received->envelope.SerializeAsString() == expected.SerializeAsString());
  CHECK(frame.size() == expected.ByteSizeLong());
}

}  // namespace

TEST_SUITE("AckFrame") {
  TEST_CASE("it is the message that Protocol Buffers would make of its entries") {
    Compare({EntryOf(1, 0)}, false);
    Compare({EntryOf(1, 3), EntryOf(2, 0), EntryOf(1ULL << 60, 1)}, true);
  }

  TEST_CASE("without entries it greets, or ends the answer to a SYNC") {
    Compare({}, false);
    Compare({}, true);
  }

  TEST_CASE("entries that are empty, and those whose sizes take one byte more to say") {
    Compare({wire::Ack::Entry()}, true);
    for (std::size_t links = 6; links < 14; ++links) Compare({EntryOf(7, links)}, false);
    Compare(std::vector<wire::Ack::Entry>(3, EntryOf(7, 40'000)), true);
  }
}
