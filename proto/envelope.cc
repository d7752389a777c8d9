#include "proto/envelope.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace thresh {

PeerId NewPeerId() {
  return NewLife(RandomId());
}

PeerId NewLife(const Hash128& uuid) {
  PeerId peer{.uuid = uuid};
  const Hash128 random = RandomId();
  std::memcpy(&peer.incarnation, random.bytes.data(), sizeof peer.incarnation);
  return peer;
}

std::string RoutingId(const PeerId& peer) {
  std::string id = "t";
  id.append(peer.uuid.View());
  for (unsigned shift = 0; shift < 64; shift += 8) {
    id.push_back(static_cast<char>(peer.incarnation >> shift & 0xff));
  }
  return id;
}

void ToWire(const PeerId& peer, wire::Peer* out) {
  out->mutable_uuid()->assign(peer.uuid.View());
  out->set_incarnation(peer.incarnation);
}

std::optional<PeerId> FromWire(const wire::Peer& peer) {
  const auto uuid = HashFromBytes(peer.uuid());
  if (!uuid) return std::nullopt;
  return PeerId{*uuid, peer.incarnation()};
}

void Address(wire::Envelope* envelope, const PeerId& from, const std::optional<PeerId>& to) {
  envelope->set_version(kWireVersion);
  ToWire(from, envelope->mutable_from());
  if (to) {
    ToWire(*to, envelope->mutable_to());
  } else {
    envelope->clear_to();
  }
}

wire::Envelope MakeEnvelope(const PeerId& from, const std::optional<PeerId>& to) {
  wire::Envelope envelope;
  Address(&envelope, from, to);
  return envelope;
}

zmq::message_t EncodeEnvelope(const wire::Envelope& envelope) {
  zmq::message_t frame(envelope.ByteSizeLong());
  envelope.SerializeWithCachedSizesToArray(static_cast<std::uint8_t*>(frame.data()));
  return frame;
}

Result<Received> DecodeEnvelope(const zmq::message_t& frame) {
  Received received;
  if (frame.size() > std::numeric_limits<int>::max() ||
      !received.envelope.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return NoEnvelope(frame.size());
  }
  const Result<PeerId> from = SenderOf(received.envelope);
  if (!from) return from.error();
  received.from = *from;
  return received;
}

Result<PeerId> SenderOf(const wire::Envelope& envelope) {
  if (envelope.version() != kWireVersion) {
    return Error{Errc::kInvalid, "an envelope of version " + std::to_string(envelope.version()) +
                                     " (expected " + std::to_string(kWireVersion) +
                                     ": mixed versions of thresh?)"};
  }
  const auto from = FromWire(envelope.from());
  if (!from) return Error{Errc::kInvalid, "an envelope without its sender's uuid"};
  return *from;
}

Error NoEnvelope(std::size_t bytes) {
  return {Errc::kInvalid, "not an envelope: " + std::to_string(bytes) + " bytes"};
}

}  // namespace thresh
