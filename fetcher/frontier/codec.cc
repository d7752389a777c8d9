#include "fetcher/frontier/codec.h"

namespace thresh {

Encoder& Encoder::Fixed(std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) Byte(static_cast<std::uint8_t>(value >> shift));
  return *this;
}

Encoder& Encoder::Number(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) Byte(static_cast<std::uint8_t>(value | 0x80));
  return Byte(static_cast<std::uint8_t>(value));
}

Encoder& Encoder::Signed(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return Number(value < 0 ? ~(bits << 1) : bits << 1);
}

Encoder& Encoder::Text(std::string_view text) {
  return Number(text.size()).Raw(text);
}

std::uint8_t Decoder::Byte() {
  const std::string_view one = Raw(1);
  return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
}

std::uint64_t Decoder::Fixed() {
  std::uint64_t value = 0;
  for (const char c : Raw(8)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

std::uint64_t Decoder::Number() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = Byte();
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::int64_t Decoder::Signed() {
  const std::uint64_t bits = Number();
  return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

std::string_view Decoder::Text() {
  return Raw(Number());
}

std::string_view Decoder::Raw(std::size_t length) {
  if (length > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return bytes;
}

Hash128 Decoder::Hash() {
  return HashFromBytes(Raw(16)).value_or(Hash128{});
}

}  // namespace thresh
