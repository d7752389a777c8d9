#include "sink/fetchers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/base/log.h"

namespace thresh {
namespace {

constexpr std::int64_t kRemindMs = 5000;

}  // namespace

void Fetchers::Restore(const JournalState& known) {
  for (const auto& [uuid, source] : known.sources) {
    auto& slot = sources_[uuid];
    slot = std::make_unique<Source>(memory_);
    slot->Restore(source);
  }
}

Fetchers::Session& Fetchers::SessionOf(const std::string& routing_id, const PeerId& from) {
  Session& session = sessions_[from.uuid];
  if (session.peer != from) session = {.peer = from, .greet = true};
  session.routing_id = routing_id;
  return session;
}

const Hash128* Fetchers::AnotherKnown(const Hash128& uuid) const {
  for (const auto& [other, source] : sources_) {
    if (other != uuid && (source->highest() > 0 || source->unclosed_count() > 0)) return &other;
  }
  return nullptr;
}

// Ids of the fetcher's present life do not count: a result may be quicker than a SYNC.
std::string Fetchers::WhyNot(const PeerId& from, std::uint64_t next_id) const {
  const Hash128& uuid = from.uuid;
  const auto known = sources_.find(uuid);
  if (known != sources_.end()) {
    const std::uint64_t highest = known->second->HighestBefore(from.incarnation);
    if (highest == 0 || highest < next_id) return {};
    return "the fetcher's state is older than the sink's journal, which knows its task " +
           std::to_string(highest) + ", while it would give out " + std::to_string(next_id) +
           " as a new one: pages would be lost. Bring back the newest copy of the frontier, or "
           "begin anew with an empty state folder and another output folder";
  }
  const Hash128* other = AnotherKnown(uuid);
  if (other == nullptr || accept_new_) return {};
  return "the sink's journal is that of another fetcher (state " + other->Hex() + ", this one is " +
         uuid.Hex() +
         "). Bring back that fetcher's state; or, if it is gone for good, start thresh-sink once "
         "with --accept-new-fetcher, which forgets its tasks";
}

void Fetchers::Greet(const std::string& routing_id, const PeerId& from) {
  SessionOf(routing_id, from).greet = true;
}

void Fetchers::TakeSync(const std::string& routing_id, const PeerId& from, std::uint64_t next_id,
                        std::uint64_t low, Batch* batch) {
  Session& session = SessionOf(routing_id, from);
  session.refused = WhyNot(from, next_id);
  session.synced = session.refused.empty();
  if (!session.synced) {
    log::Error("fetcher.refused", {{"why", session.refused}});
    return;
  }
  Source& source = Admit(from.uuid, batch);
  if (source.Close(low, {})) batch->closings.push_back({from.uuid, low, {}});
  source.Ask();
}

Source& Fetchers::Admit(const Hash128& uuid, Batch* batch) {
  auto& slot = sources_[uuid];
  if (!slot) {
    slot = std::make_unique<Source>(memory_);
    while (const Hash128* other = AnotherKnown(uuid)) {
      log::Warn("fetcher.forgotten", {{"uuid", other->Hex()}});
      batch->forgotten.push_back(*other);
      sources_.erase(batch->forgotten.back());
    }
  }
  return *slot;
}

void Fetchers::TakeLow(const std::string& routing_id, const PeerId& from, std::uint64_t low,
                       const std::vector<std::uint64_t>& ids, Batch* batch) {
  Session& session = SessionOf(routing_id, from);
  // One that we do not know yet is greeted; then it sends SYNC.
  const auto source = sources_.find(from.uuid);
  if (!session.synced || source == sources_.end()) return;
  if (source->second->Close(low, ids)) batch->closings.push_back({from.uuid, low, ids});
}

std::optional<Source::Begun> Fetchers::Begin(const PeerId& from, std::uint64_t id) {
  const Hash128& uuid = from.uuid;
  auto source = sources_.find(uuid);
  if (source == sources_.end()) {
    // A parser may be quicker than its fetcher. Where there is another one it has to wait.
    if (AnotherKnown(uuid) != nullptr) return std::nullopt;
    source = sources_.emplace(uuid, std::make_unique<Source>(memory_)).first;
  }
  return source->second->Begin(id, from.incarnation);
}

void Fetchers::AnswerLate(const Hash128& uuid, std::string ack) {
  const auto session = sessions_.find(uuid);
  if (session == sessions_.end() || !session->second.synced) return;
  session->second.late.push_back(std::move(ack));
}

void Fetchers::Commit(Batch* batch, Committed&& done) {
  for (std::size_t i = 0; i < batch->effects.size(); ++i) {
    Effect& effect = batch->effects[i];
    const auto source = sources_.find(effect.source);
    if (source == sources_.end()) continue;  // Forgotten meanwhile.
    source->second->Commit(effect.id, std::move(effect.ack), done.places[i]);
  }
  for (auto& [at, ack] : done.acks) {
    for (auto& [uuid, source] : sources_) source->Load(at, ack);
  }
}

std::vector<Location> Fetchers::TakeWanted() {
  std::vector<Location> wanted;
  for (auto& [uuid, session] : sessions_) {
    const auto source = sources_.find(uuid);
    if (!session.synced || source == sources_.end()) continue;
    const std::vector<Location> more = source->second->TakeWanted();
    wanted.insert(wanted.end(), more.begin(), more.end());
  }
  return wanted;
}

std::vector<ToFetcher> Fetchers::TakeMessages(std::int64_t now_ms) {
  std::vector<ToFetcher> messages;
  for (auto& [uuid, session] : sessions_) {
    ToFetcher message{.routing_id = session.routing_id, .to = session.peer};
    message.refused = std::exchange(session.refused, {});
    const auto source = sources_.find(uuid);
    if (session.synced && source != sources_.end()) {
      source->second->Remind(now_ms - kRemindMs);
      Source::Outgoing outgoing = source->second->TakeOutgoing(now_ms);
      message.acks = std::move(outgoing.acks);
      std::move(session.late.begin(), session.late.end(), std::back_inserter(message.acks));
      session.late.clear();
      message.synced = outgoing.synced;
    }
    const bool greet = std::exchange(session.greet, false);
    const bool says = greet || message.synced || !message.acks.empty() || !message.refused.empty();
    if (says) messages.push_back(std::move(message));
  }
  return messages;
}

std::size_t Fetchers::unclosed_count() const {
  std::size_t count = 0;
  for (const auto& [uuid, source] : sources_) count += source->unclosed_count();
  return count;
}

}  // namespace thresh
