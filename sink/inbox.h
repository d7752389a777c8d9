#pragma once

// Inbox: envelopes out of frames, read into memory that is kept from one to the next: nearly all
// are RESULTs that look alike.
//
// Threads: none.

#include <cstddef>
#include <memory>
#include <string>

#include <zmq.hpp>

#include "lib/base/result.h"
#include "proto/peer_id.h"

namespace thresh {

namespace wire {
class Envelope;
}  // namespace wire

/// When memory that is kept for messages has to be renewed: what one large message took is given
/// back, and so is what many odd ones took little by little.
class Wear {
 public:
  /// One of so many bytes was read into it. True: it is not to be kept.
  [[nodiscard]] bool Add(std::size_t bytes) noexcept {
    constexpr std::size_t kLarge = 16 << 10, kMost = 4 << 20;
    bytes_ += bytes;
    if (bytes <= kLarge && bytes_ <= kMost) return false;
    bytes_ = 0;
    return true;
  }

 private:
  std::size_t bytes_ = 0;
};

class Inbox {
 public:
  Inbox();
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  struct Message {
    const wire::Envelope& envelope;  ///< Until the next call.
    PeerId from;
  };
  /// An absent `from`, `to` or `source` may be there and empty: it is nobody's either way. A RESULT
  /// without a source is no message.
  /// Errors: as DecodeEnvelope().
  [[nodiscard]] Result<Message> Read(const zmq::message_t& frame);

 private:
  void Empty();

  std::unique_ptr<wire::Envelope> envelope_;
  std::string text_;  // Of the envelope.
  Wear wear_;
  bool worn_ = false;
};

}  // namespace thresh
