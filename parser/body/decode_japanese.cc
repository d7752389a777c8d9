#include <optional>

#include "parser/body/decode_common.h"
#include "parser/body/decoders.h"
#include "parser/body/indexes.h"

namespace thresh::body {
namespace {

constexpr std::uint32_t kFirstKatakana = 0xFF61;  // Half-width.

// What begins with 8F: a pair of JIS X 0212 (section 13.1.1).
std::size_t DecodeJis0212(std::string_view text, std::size_t at, std::span<const char16_t> index,
                          Utf8Writer& out) {
  const std::size_t left = text.size() - at;
  if (left < 2 || !IsIn(ByteAt(text, at + 1), 0xA1, 0xFE)) {
    out.PutBroken();
    return left < 2 || ByteAt(text, at + 1) < 0x80 ? 1 : 2;
  }
  if (left < 3) {
    out.PutBroken();
    return 2;
  }
  const std::uint32_t lead = ByteAt(text, at + 1);
  const std::uint32_t trail = ByteAt(text, at + 2);
  const bool in_range = IsIn(trail, 0xA1, 0xFE);
  const std::uint32_t c = in_range ? Lookup(index, (lead - 0xA1) * 94 + trail - 0xA1) : 0;
  return 1 + PutPair(c, trail, out);
}

// Section 13.2.1, a step for each byte and one for the end.
class Iso2022JpDecoder {
 public:
  Iso2022JpDecoder(std::span<const char16_t> index, Utf8Writer& out) : index_(index), out_(out) {}

  void Decode(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      if (Step(ByteAt(text, at))) ++at;
    }
    while (!Step(kEnd)) {
    }
  }

 private:
  enum class State { kAscii, kRoman, kKatakana, kLeadByte, kTrailByte, kEscapeStart, kEscape };
  static constexpr std::uint32_t kEnd = 0x100;
  static constexpr std::uint32_t kEsc = 0x1B;

  // False if the byte is to be looked at again.
  bool Step(std::uint32_t b) {
    switch (state_) {
      case State::kEscapeStart: return StartEscape(b);
      case State::kEscape: return EndEscape(b);
      case State::kTrailByte: PutTrail(b); return true;
      default: break;
    }
    if (b == kEnd) return true;
    if (b == kEsc) {
      state_ = State::kEscapeStart;
    } else {
      escaped_ = false;
      PutOne(b);
    }
    return true;
  }

  void PutOne(std::uint32_t b) {
    if (state_ == State::kLeadByte && IsIn(b, 0x21, 0x7E)) {
      lead_ = b;
      state_ = State::kTrailByte;
    } else if (state_ == State::kKatakana && IsIn(b, 0x21, 0x5F)) {
      out_.Put(kFirstKatakana + b - 0x21);
    } else if (state_ == State::kLeadByte || state_ == State::kKatakana || b > 0x7F || b == 0x0E ||
               b == 0x0F) {
      out_.PutBroken();
    } else if (state_ == State::kRoman && b == 0x5C) {
      out_.Put(0xA5);
    } else {
      out_.Put(state_ == State::kRoman && b == 0x7E ? 0x203E : b);
    }
  }

  void PutTrail(std::uint32_t b) {
    state_ = b == kEsc ? State::kEscapeStart : State::kLeadByte;
    const std::uint32_t c =
        IsIn(b, 0x21, 0x7E) ? Lookup(index_, (lead_ - 0x21) * 94 + b - 0x21) : 0;
    out_.Put(c != 0 ? c : kReplacementCharacter);
  }

  bool StartEscape(std::uint32_t b) {
    if (b == 0x24 || b == 0x28) {
      lead_ = b;
      state_ = State::kEscape;
      return true;
    }
    escaped_ = false;
    state_ = output_state_;
    out_.PutBroken();
    return false;
  }

  bool EndEscape(std::uint32_t b) {
    if (const auto next = StateOf(lead_, b)) {
      state_ = output_state_ = *next;
      if (escaped_) out_.PutBroken();  // Two in a row hide something.
      escaped_ = true;
      return true;
    }
    out_.PutBroken();
    escaped_ = false;
    state_ = output_state_;
    Step(lead_);  // It was no escape: what stood in it counts. Never kEsc, so this is one step.
    return false;
  }

  static std::optional<State> StateOf(std::uint32_t lead, std::uint32_t b) {
    if (lead == 0x24)
      return b == 0x40 || b == 0x42 ? std::optional(State::kLeadByte) : std::nullopt;
    switch (b) {
      case 0x42: return State::kAscii;
      case 0x4A: return State::kRoman;
      case 0x49: return State::kKatakana;
      default: return std::nullopt;
    }
  }

  const std::span<const char16_t> index_;
  Utf8Writer& out_;
  State state_ = State::kAscii;
  State output_state_ = State::kAscii;
  std::uint32_t lead_ = 0;
  bool escaped_ = false;  // An escape was the last thing seen.
};

}  // namespace

bool DecodeEucJp(std::string_view text, Utf8Writer& out) {
  const auto jis0208 = Jis0208Index();
  const auto jis0212 = Jis0212Index();
  if (jis0208.empty() || jis0212.empty()) return false;
  DecodeOverAscii(text, out, [&](std::size_t at) -> std::size_t {
    const std::uint32_t lead = ByteAt(text, at);
    if (lead == 0x8F) return DecodeJis0212(text, at, jis0212, out);
    if ((lead != 0x8E && !IsIn(lead, 0xA1, 0xFE)) || at + 1 == text.size()) {
      out.PutBroken();
      return 1;
    }
    const std::uint32_t trail = ByteAt(text, at + 1);
    std::uint32_t c = 0;
    if (lead == 0x8E) {
      c = IsIn(trail, 0xA1, 0xDF) ? kFirstKatakana + trail - 0xA1 : 0;
    } else if (IsIn(trail, 0xA1, 0xFE)) {
      c = Lookup(jis0208, (lead - 0xA1) * 94 + trail - 0xA1);
    }
    return PutPair(c, trail, out);
  });
  return true;
}

bool DecodeShiftJis(std::string_view text, Utf8Writer& out) {
  const auto index = Jis0208Index();
  if (index.empty()) return false;
  const auto single = [](std::uint32_t b) -> std::uint32_t {
    if (b == 0x80) return b;
    if (IsIn(b, 0xA1, 0xDF)) return kFirstKatakana + b - 0xA1;
    return b == 0xA0 || b > 0xFC ? kReplacementCharacter : 0;
  };
  const auto code_point = [&](std::uint32_t lead, std::uint32_t trail) -> std::uint32_t {
    if (!IsIn(trail, 0x40, 0x7E) && !IsIn(trail, 0x80, 0xFC)) return 0;
    const std::uint32_t pointer =
        (lead - (lead < 0xA0 ? 0x81 : 0xC1)) * 188 + trail - (trail < 0x7F ? 0x40 : 0x41);
    if (IsIn(pointer, 8836, 10715)) return 0xE000 - 8836 + pointer;  // Characters users made.
    return Lookup(index, pointer);
  };
  DecodePairs(text, out, single, code_point);
  return true;
}

bool DecodeIso2022Jp(std::string_view text, Utf8Writer& out) {
  const auto index = Jis0208Index();
  if (index.empty()) return false;
  Iso2022JpDecoder(index, out).Decode(text);
  return true;
}

}  // namespace thresh::body
