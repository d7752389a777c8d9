#include "parser/body/decode_common.h"
#include "parser/body/decoders.h"
#include "parser/body/indexes.h"

namespace thresh::body {
namespace {

// "Index gb18030 ranges code point" (section 5); 0 for none.
std::uint32_t RangesCodePoint(std::span<const char16_t> four_byte, std::uint32_t pointer) {
  constexpr std::uint32_t kFirstSupplementary = 189000;
  if (pointer < kFirstSupplementary) return Lookup(four_byte, pointer);
  const std::uint32_t c = 0x10000 + pointer - kFirstSupplementary;
  return c <= 0x10FFFF ? c : 0;
}

// Section 10.2.1, for what begins with a lead byte at `at`.
class GbSequence {
 public:
  GbSequence(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t Decode(std::span<const char16_t> index, std::span<const char16_t> four_byte,
                     Utf8Writer& out) const {
    if (left() < 2) return Broken(1, out);
    if (IsIn(Byte(1), 0x30, 0x39)) return DecodeFour(four_byte, out);
    const std::uint32_t trail = Byte(1);
    if (trail < 0x40 || trail == 0x7F || trail == 0xFF) return PutPair(0, trail, out);
    const std::uint32_t pointer = (Byte(0) - 0x81) * 190 + trail - (trail < 0x7F ? 0x40 : 0x41);
    return PutPair(Lookup(index, pointer), trail, out);
  }

 private:
  [[nodiscard]] std::size_t left() const noexcept { return text_.size() - at_; }
  [[nodiscard]] std::uint32_t Byte(std::size_t n) const { return ByteAt(text_, at_ + n); }

  static std::size_t Broken(std::size_t bytes, Utf8Writer& out) {
    out.PutBroken();
    return bytes;
  }

  std::size_t DecodeFour(std::span<const char16_t> four_byte, Utf8Writer& out) const {
    if (left() < 3) return Broken(2, out);
    if (!IsIn(Byte(2), 0x81, 0xFE)) return Broken(1, out);
    if (left() < 4) return Broken(3, out);
    if (!IsIn(Byte(3), 0x30, 0x39)) return Broken(1, out);
    const std::uint32_t pointer =
        (Byte(0) - 0x81) * 12600 + (Byte(1) - 0x30) * 1260 + (Byte(2) - 0x81) * 10 + Byte(3) - 0x30;
    const std::uint32_t c = RangesCodePoint(four_byte, pointer);
    out.Put(c != 0 ? c : kReplacementCharacter);
    return 4;
  }

  const std::string_view text_;
  const std::size_t at_;
};

}  // namespace

bool DecodeGb18030(std::string_view text, Utf8Writer& out) {
  const auto index = Gb18030Index();
  const auto four_byte = Gb18030FourByteIndex();
  if (index.empty() || four_byte.empty()) return false;
  DecodeOverAscii(text, out, [&](std::size_t at) -> std::size_t {
    const std::uint32_t lead = ByteAt(text, at);
    if (lead != 0x80 && lead != 0xFF) return GbSequence(text, at).Decode(index, four_byte, out);
    out.Put(lead == 0x80 ? 0x20AC : kReplacementCharacter);
    return 1;
  });
  return true;
}

bool DecodeBig5(std::string_view text, Utf8Writer& out) {
  const auto index = Big5Index();
  if (index.empty()) return false;
  const auto code_point = [&](std::uint32_t lead, std::uint32_t trail) -> std::uint32_t {
    if (!IsIn(trail, 0x40, 0x7E) && !IsIn(trail, 0xA1, 0xFE)) return 0;
    const std::uint32_t pointer = (lead - 0x81) * 157 + trail - (trail < 0x7F ? 0x40 : 0x62);
    // Four pairs are a letter and an accent: the letter goes out first (section 12.1.1).
    if (pointer == 1133 || pointer == 1135) out.Put(0xCA);
    if (pointer == 1164 || pointer == 1166) out.Put(0xEA);
    if (pointer == 1133 || pointer == 1164) return 0x304;
    if (pointer == 1135 || pointer == 1166) return 0x30C;
    return Lookup(index, pointer);
  };
  const auto single = [](std::uint32_t b) {
    return b == 0x80 || b == 0xFF ? kReplacementCharacter : 0;
  };
  DecodePairs(text, out, single, code_point);
  return true;
}

}  // namespace thresh::body
