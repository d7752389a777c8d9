#include "lib/base/hash.h"

#include <endian.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <xxhash.h>

namespace thresh {
namespace {

// Of JoinParts().
std::size_t JoinedBytes(std::initializer_list<std::string_view> parts) {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += 4 + part.size();
  return bytes;
}

void WriteParts(std::initializer_list<std::string_view> parts, char* out) {
  for (const std::string_view part : parts) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      *out++ = static_cast<char>(part.size() >> shift & 0xff);
    }
    out = std::copy(part.begin(), part.end(), out);
  }
}

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

// Four bytes at once: each becomes two of a word, high half first.
void Hash128::WriteHex(char* out) const noexcept {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  for (std::size_t at = 0; at < bytes.size(); at += 4, out += 8) {
    std::uint32_t four = 0;
    std::memcpy(&four, bytes.data() + at, sizeof four);
    std::uint64_t halves = le32toh(four);
    halves = (halves | halves << 16) & 0x0000FFFF0000FFFF;
    halves = (halves | halves << 8) & 0x00FF00FF00FF00FF;
    halves = (halves >> 4 | halves << 8) & (15 * kEach);
    const std::uint64_t letters = (halves + 6 * kEach) >> 4 & kEach;  // 1 where it is over 9.
    const std::uint64_t digits = htole64(halves + '0' * kEach + ('a' - '0' - 10) * letters);
    std::memcpy(out, &digits, sizeof digits);
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

// Those of most requests fit on the stack.
Hash128 HashParts(std::initializer_list<std::string_view> parts) {
  std::array<char, 512> joined;
  const std::size_t bytes = JoinedBytes(parts);
  if (bytes > joined.size()) return HashBytes(JoinParts(parts));
  WriteParts(parts, joined.data());
  return HashBytes({joined.data(), bytes});
}

std::string JoinParts(std::initializer_list<std::string_view> parts) {
  std::string joined(JoinedBytes(parts), '\0');
  WriteParts(parts, joined.data());
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
