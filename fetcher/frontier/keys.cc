#include "fetcher/frontier/keys.h"

#include "fetcher/frontier/codec.h"

namespace thresh {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

}  // namespace

namespace keys {

std::string Of(char kind) {
  return std::string(1, kind);
}

std::string Of(char kind, std::uint64_t number) {
  return Encoder().Byte(static_cast<std::uint8_t>(kind)).Fixed(number).Take();
}

std::string Of(char kind, std::string_view name) {
  return Encoder().Byte(static_cast<std::uint8_t>(kind)).Raw(name).Take();
}

std::string Request(const Hash128& url, const Hash128& fingerprint) {
  return Encoder().Byte(kRequest).Raw(url.View()).Raw(fingerprint.View()).Take();
}

std::string Again(const Hash128& fingerprint, TaskId id) {
  return Encoder().Byte(kAgain).Raw(fingerprint.View()).Fixed(id).Take();
}

}  // namespace keys

std::uint64_t HostHash(std::string_view host) {
  return Decoder(HashBytes(host).View()).Fixed();
}

ReadyKey ReadyKey::Of(std::int64_t priority, TaskId id) {
  return {~(static_cast<std::uint64_t>(priority) ^ kSign), id};
}

std::int64_t ReadyKey::priority() const {
  return static_cast<std::int64_t>(~inverted_priority ^ kSign);
}

std::string QueueKey::Encode() const {
  return Encoder()
      .Byte(keys::kQueue)
      .Fixed(host)
      .Fixed(ready.inverted_priority)
      .Fixed(ready.id)
      .Take();
}

std::optional<QueueKey> QueueKey::Decode(std::string_view key) {
  Decoder in(key);
  if (in.Byte() != keys::kQueue) return std::nullopt;
  QueueKey decoded{.host = in.Fixed()};
  decoded.ready.inverted_priority = in.Fixed();
  decoded.ready.id = in.Fixed();
  if (!in.finished()) return std::nullopt;
  return decoded;
}

std::string DelayKey::Encode() const {
  const auto due = static_cast<std::uint64_t>(due_ms) ^ kSign;  // Sorts negative ones first.
  return Encoder().Byte(keys::kDelay).Fixed(due).Fixed(id).Take();
}

std::optional<DelayKey> DelayKey::Decode(std::string_view key) {
  Decoder in(key);
  if (in.Byte() != keys::kDelay) return std::nullopt;
  DelayKey decoded{.due_ms = static_cast<std::int64_t>(in.Fixed() ^ kSign)};
  decoded.id = in.Fixed();
  if (!in.finished()) return std::nullopt;
  return decoded;
}

std::string Place::Key(std::int64_t priority, TaskId id) const {
  if (delayed) return DelayKey{due_ms, id}.Encode();
  return QueueKey{host, ReadyKey::Of(priority, id)}.Encode();
}

}  // namespace thresh
