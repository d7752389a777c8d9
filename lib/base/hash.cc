#include "lib/base/hash.h"

#include <sys/random.h>

#include <cstdlib>
#include <memory>

#include <xxhash.h>

namespace thresh {
namespace {

Hash128 FromXxh(XXH128_hash_t digest) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, digest);
  Hash128 hash;
  std::memcpy(hash.bytes.data(), canonical.digest, hash.bytes.size());
  return hash;
}

}  // namespace

std::string Hash128::Hex() const {
  std::string hex(2 * bytes.size(), '\0');
  WriteHex(hex.data());
  return hex;
}

void Hash128::WriteHex(char* out) const noexcept {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t b : bytes) {
    *out++ = kDigits[b >> 4];
    *out++ = kDigits[b & 15];
  }
}

std::optional<Hash128> HashFromBytes(std::string_view raw) {
  Hash128 hash;
  if (raw.size() != hash.bytes.size()) return std::nullopt;
  std::memcpy(hash.bytes.data(), raw.data(), raw.size());
  return hash;
}

Hash128 HashBytes(std::string_view data) {
  return FromXxh(XXH3_128bits(data.data(), data.size()));
}

Hash128 HashParts(std::initializer_list<std::string_view> parts) {
  return HashBytes(JoinParts(parts));
}

std::string JoinParts(std::initializer_list<std::string_view> parts) {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += 4 + part.size();
  std::string joined;
  joined.reserve(bytes);
  for (const std::string_view part : parts) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      joined.push_back(static_cast<char>(part.size() >> shift & 0xff));
    }
    joined.append(part);
  }
  return joined;
}

Hash128 RandomId() {
  Hash128 id;
  if (getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size())) {
    std::abort();  // Up to 256 bytes getrandom(2) neither fails nor returns less.
  }
  return id;
}

}  // namespace thresh
