#include "sink/source.h"

#include <algorithm>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kWindowBytes = 8 << 20;  // Sent and not closed.
constexpr std::size_t kMaxWanted = 256;

}  // namespace

Source::~Source() {
  for (auto& [id, entry] : entries_) DropAck(entry);
}

void Source::Restore(const JournalState::Source& known) {
  closed_ = known.closed;
  highest_ = restored_highest_ = known.highest;
  std::map<Location, std::uint64_t> by_place;
  for (const auto& [id, at] : known.open) by_place.emplace(at, id);
  for (const auto& [at, id] : by_place) {
    Entry& entry = entries_[id];
    entry.at = at;
    entry.order = next_order_++;
    entry.state = State::kWaiting;
    waiting_.emplace(entry.order, id);
  }
}

Source::Begun Source::Begin(std::uint64_t id, std::uint64_t life) {
  std::uint64_t& highest = highest_by_life_[life];
  highest = std::max(highest, id);
  if (closed_.Contains(id)) return Begun::kLate;
  const auto [found, first] = entries_.try_emplace(id);
  Entry& entry = found->second;
  if (!first) {
    if (entry.state == State::kSent) Wait(entry);
    return Begun::kAgain;
  }
  highest_ = std::max(highest_, id);
  entry.order = next_order_++;
  in_batch_.emplace(entry.order, id);
  return Begun::kNew;
}

void Source::Commit(std::uint64_t id, std::string ack, Location at) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;  // Closed by another result of its fetcher's.
  Entry& entry = found->second;
  Wait(entry);
  entry.at = at;
  entry.ack_bytes = ack.size();
  // Without a place to read it back from, it stays.
  const bool fits = memory_.used_bytes + ack.size() <= memory_.limit_bytes;
  if (fits || at == Location{}) KeepAck(entry, std::move(ack));
}

bool Source::Close(std::uint64_t low, const std::vector<std::uint64_t>& ids) {
  bool news = low > closed_.low();
  while (!entries_.empty() && entries_.begin()->first < low) Erase(entries_.begin());
  closed_.CloseBelow(low);
  for (const std::uint64_t id : ids) {
    news = news || !closed_.Contains(id);
    const auto entry = entries_.find(id);
    if (entry != entries_.end()) Erase(entry);
    closed_.Close(id);
  }
  highest_ = std::max(highest_, closed_.highest());
  return news;
}

std::uint64_t Source::HighestBefore(std::uint64_t life) const {
  std::uint64_t highest = restored_highest_;
  for (const auto& [other, known] : highest_by_life_) {
    if (other != life) highest = std::max(highest, known);
  }
  return highest;
}

void Source::Ask() {
  for (const auto& [order, id] : IdsByOrder(sent_)) {
    Wait(entries_.at(id));
  }
  asked_up_to_ = next_order_ - 1;
}

void Source::Remind(std::int64_t sent_before_ms) {
  if (none_sent_before_ms_ > sent_before_ms) return;
  none_sent_before_ms_ = std::numeric_limits<std::int64_t>::max();
  for (const auto& [order, id] : IdsByOrder(sent_)) {
    Entry& entry = entries_.at(id);
    if (entry.sent_ms <= sent_before_ms) {
      Wait(entry);
    } else {
      none_sent_before_ms_ = std::min(none_sent_before_ms_, entry.sent_ms);
    }
  }
}

Source::Outgoing Source::TakeOutgoing(std::int64_t now_ms) {
  Outgoing out;
  while (!waiting_.empty()) {
    Entry& entry = entries_.at(waiting_.begin()->second);
    if (!entry.ack || !HasRoom(entry)) break;
    out.acks.push_back(*entry.ack);
    Move(entry, waiting_, sent_);
    entry.state = State::kSent;
    entry.sent_ms = now_ms;
    none_sent_before_ms_ = std::min(none_sent_before_ms_, now_ms);
    sent_bytes_ += entry.ack_bytes;
    if (memory_.used_bytes > memory_.limit_bytes && entry.at != Location{}) DropAck(entry);
  }
  const auto is_due = [&](const auto& orders) {
    return !orders.empty() && orders.begin()->first <= *asked_up_to_;
  };
  if (asked_up_to_ && !is_due(waiting_) && !is_due(in_batch_)) {
    out.synced = true;
    asked_up_to_.reset();
  }
  return out;
}

std::vector<Location> Source::TakeWanted() {
  std::vector<Location> wanted;
  for (const auto& [order, id] : waiting_) {
    Entry& entry = entries_.at(id);
    if (entry.ack || entry.wanted || !HasRoom(entry) || wanted.size() == kMaxWanted) break;
    entry.wanted = true;
    wanted.push_back(entry.at);
  }
  return wanted;
}

void Source::Load(Location at, std::string ack) {
  for (const auto& [order, id] : waiting_) {
    Entry& entry = entries_.at(id);
    if (entry.at != at) continue;
    entry.wanted = false;
    entry.ack_bytes = ack.size();
    if (!entry.ack) KeepAck(entry, std::move(ack));
    return;
  }
}

// One ACK may be larger than the whole window.
bool Source::HasRoom(const Entry& entry) const {
  return sent_bytes_ == 0 || sent_bytes_ + entry.ack_bytes <= kWindowBytes;
}

void Source::Wait(Entry& entry) {
  if (entry.state == State::kSent) sent_bytes_ -= entry.ack_bytes;
  Move(entry, Holder(entry), waiting_);
  entry.state = State::kWaiting;
}

// Most come to the end, and nothing is allocated for it.
void Source::Move(const Entry& entry, IdsByOrder& from, IdsByOrder& to) {
  to.insert(to.end(), from.extract(entry.order));
}

Source::IdsByOrder& Source::Holder(const Entry& entry) {
  switch (entry.state) {
    case State::kInBatch: return in_batch_;
    case State::kWaiting: return waiting_;
    default: return sent_;
  }
}

void Source::Erase(std::map<std::uint64_t, Entry>::iterator found) {
  Entry& entry = found->second;
  if (entry.state == State::kSent) sent_bytes_ -= entry.ack_bytes;
  Holder(entry).erase(entry.order);
  DropAck(entry);
  entries_.erase(found);
}

void Source::KeepAck(Entry& entry, std::string ack) {
  DropAck(entry);
  memory_.used_bytes += ack.size();
  entry.ack = std::move(ack);
}

void Source::DropAck(Entry& entry) {
  if (!entry.ack) return;
  memory_.used_bytes -= entry.ack->size();
  entry.ack.reset();
}

}  // namespace thresh
