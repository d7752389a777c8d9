#pragma once

// What each decoder is fed: every byte, every pair, and noise that is full of its own structure.

#include <cstdint>
#include <string>
#include <string_view>

namespace thresh::test {

/// Every byte, then each byte above 0x7F with each byte behind it.
inline std::string AllPairs() {
  std::string text;
  for (int b = 0; b < 256; ++b) text.push_back(static_cast<char>(b));
  for (int lead = 0x80; lead < 256; ++lead) {
    for (int trail = 0; trail < 256; ++trail) {
      text.push_back(static_cast<char>(lead));
      text.push_back(static_cast<char>(trail));
    }
  }
  return text;
}

/// A generator that is the same everywhere (xorshift64*).
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}
  std::uint32_t Below(std::uint32_t limit) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>((state_ * 0x2545F4914F6CDD1DULL) >> 33) % limit;
  }
  char Between(std::uint32_t first, std::uint32_t last) {
    return static_cast<char>(first + Below(last - first + 1));
  }

 private:
  std::uint64_t state_;
};

/// Random bytes; bytes that mean something to some decoder; sequences of four and of three bytes;
/// escapes with short runs of ASCII behind them; and an end within a sequence.
inline std::string NoiseFor(std::uint64_t seed) {
  using namespace std::string_view_literals;
  constexpr auto kEdges =
      "0123456789@AZaz~\x1B$(BJI\\\x80\x81\x8E\x8F\xA0\xA1\xA2\xC0\xE0\xF0\xF3\xFE\xFF\x7F\n\x0E"sv;
  constexpr std::string_view kEscapes[] = {"\x1B$B", "\x1B(B", "\x1B(J", "\x1B(I",
                                           "\x1B$@", "\x1B$",  "\x1B"};
  Noise noise(seed);
  std::string text = "x";  // No byte order mark.
  for (int i = 0; i < 60'000; ++i) text.push_back(noise.Between(0, 255));
  for (int i = 0; i < 60'000; ++i) {
    text.push_back(kEdges[noise.Below(static_cast<std::uint32_t>(kEdges.size()))]);
  }
  for (int i = 0; i < 20'000; ++i) {
    text.push_back(noise.Between(0x81, 0xFE));
    text.push_back(noise.Between(0x30, 0x39));
    text.push_back(noise.Between(0x81, 0xFE));
    text.push_back(noise.Between(0x30, 0x39));
  }
  for (int i = 0; i < 20'000; ++i) {
    text.push_back('\x8F');
    text.push_back(noise.Between(0x9F, 0xFF));
    text.push_back(noise.Between(0x9F, 0xFF));
  }
  for (int i = 0; i < 10'000; ++i) {
    text += kEscapes[noise.Below(7)];
    for (std::uint32_t left = noise.Below(9); left > 0; --left) {
      text.push_back(noise.Between(0x20, 0x7F));
    }
  }
  return text + "\x1B$B\x81\x30\x81";
}

}  // namespace thresh::test
