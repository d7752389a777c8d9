#include "sink/inbox.h"

#include <string>
#include <utility>

#include "proto/envelope.h"

namespace thresh {
namespace {

// A message's Clear() frees its submessages, and with them the memory of theirs.
template <typename Message>
std::unique_ptr<Message> Cleared(Message* message) {
  std::unique_ptr<Message> owned(message);
  if (owned) owned->Clear();
  return owned;
}

std::unique_ptr<wire::Result> ClearedResult(wire::Result* result) {
  if (result == nullptr) return nullptr;
  std::unique_ptr<wire::Peer> source = Cleared(result->release_source());
  std::unique_ptr<wire::Result> owned = Cleared(result);
  owned->set_allocated_source(source.release());
  return owned;
}

}  // namespace

Inbox::Inbox() : envelope_(std::make_unique<wire::Envelope>()) {}
Inbox::~Inbox() = default;

Result<Inbox::Message> Inbox::Read(const zmq::message_t& frame) {
  Empty();
  worn_ = wear_.Add(frame.size());
  if (worn_) {
    Result<Received> received = DecodeEnvelope(frame);
    if (!received) return received.error();
    *envelope_ = std::move(received->envelope);
    return Message{*envelope_, received->from};
  }
  text_.assign(frame.data<char>(), frame.size());
  if (!envelope_->MergeFromString(text_)) return NoEnvelope(frame.size());
  // What was kept for a RESULT stays empty if none came.
  const bool none = envelope_->has_result() && envelope_->result().source().uuid().empty();
  if (none) envelope_->clear_result();
  const Result<PeerId> from = SenderOf(*envelope_);
  if (!from) return from.error();
  return Message{*envelope_, *from};
}

void Inbox::Empty() {
  if (worn_) {
    envelope_ = std::make_unique<wire::Envelope>();
    return;
  }
  std::unique_ptr<wire::Peer> from = Cleared(envelope_->release_from());
  std::unique_ptr<wire::Peer> to = Cleared(envelope_->release_to());
  std::unique_ptr<wire::Result> result = ClearedResult(envelope_->release_result());
  envelope_->Clear();
  envelope_->set_allocated_from(from.release());
  envelope_->set_allocated_to(to.release());
  if (result) envelope_->set_allocated_result(result.release());
}

}  // namespace thresh
