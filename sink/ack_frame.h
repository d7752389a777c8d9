#pragma once

// The frame of an ACK, put together from entries that are serialised already. Includes generated
// code by way of proto/envelope.h: for .cc files only.

#include <string>
#include <vector>

#include <zmq.hpp>

#include "proto/peer_id.h"

namespace thresh {

/// An envelope with an Ack of these entries, each a serialised wire::Ack::Entry.
[[nodiscard]] zmq::message_t AckFrame(const PeerId& from, const PeerId& to,
                                      const std::vector<std::string>& entries, bool synced);

}  // namespace thresh
