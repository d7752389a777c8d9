#pragma once

// Envelopes to and from frames. Includes generated code: for .cc files only.

#include <optional>

#include <zmq.hpp>

#include "lib/base/result.h"
#include "proto/peer_id.h"
#include "proto/thresh.pb.h"

namespace thresh {

inline constexpr std::uint32_t kWireVersion = 1;

void ToWire(const PeerId& peer, wire::Peer* out);
/// Nullopt unless it has a uuid of 16 bytes.
[[nodiscard]] std::optional<PeerId> FromWire(const wire::Peer& peer);

/// Fills in version and both ends.
void Address(wire::Envelope* envelope, const PeerId& from, const std::optional<PeerId>& to);

/// A new envelope with these.
[[nodiscard]] wire::Envelope MakeEnvelope(const PeerId& from, const std::optional<PeerId>& to);

[[nodiscard]] zmq::message_t EncodeEnvelope(const wire::Envelope& envelope);

/// Errors: kInvalid for one that has another version, or names no sender.
[[nodiscard]] Result<PeerId> SenderOf(const wire::Envelope& envelope);
/// The error of what is no envelope.
[[nodiscard]] Error NoEnvelope(std::size_t bytes);

struct Received {
  wire::Envelope envelope;
  PeerId from;
};
/// Errors: kInvalid for what is no envelope, has another version, or names no sender.
[[nodiscard]] Result<Received> DecodeEnvelope(const zmq::message_t& frame);

}  // namespace thresh
