#include "sink/parsers.h"

namespace thresh {
namespace {

constexpr std::uint64_t kWindowBytes = 8 << 20;

}  // namespace

void Parsers::Hear(const std::string& routing_id, const PeerId& from, std::uint64_t result_bytes) {
  Session& session = sessions_[routing_id];
  if (session.peer != from) session = {.peer = from};  // A new life: all credit is void.
  session.received_bytes += result_bytes;
}

void Parsers::BeginWriting() {
  for (auto& [id, session] : sessions_) session.writing_bytes = session.received_bytes;
}

void Parsers::Written() {
  for (auto& [id, session] : sessions_) session.written_bytes = session.writing_bytes;
}

void Parsers::AllWritten() {
  BeginWriting();
  Written();
}

void Parsers::Grant(const GrantFn& send) {
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const auto entry = next++;
    Session& session = entry->second;
    const std::uint64_t total = session.written_bytes + kWindowBytes;
    if (total - session.granted_bytes < kWindowBytes / 4) continue;
    if (send(entry->first, session.peer, total)) {
      session.granted_bytes = total;
    } else {
      sessions_.erase(entry);
    }
  }
}

}  // namespace thresh
