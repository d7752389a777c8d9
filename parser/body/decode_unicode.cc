#include "lib/text/utf8.h"
#include "parser/body/decode_common.h"
#include "parser/body/decoders.h"
#include "parser/body/indexes.h"

namespace thresh::body {

void RepairUtf8(std::string_view text, Utf8Writer& out) {
  std::size_t valid_from = 0;
  for (std::size_t at = 0; at < text.size();) {
    at += AsciiRun(text, at);
    if (at == text.size()) break;
    const Utf8Char c = DecodeUtf8(text, at);
    if (!c.valid) {
      out.Copy(text.substr(valid_from, at - valid_from));
      out.PutBroken();
      valid_from = at + c.length;
    }
    at += c.length;
  }
  out.Copy(text.substr(valid_from));
}

void DecodeUtf16(std::string_view text, bool big_endian, Utf8Writer& out) {
  std::uint32_t lead = 0;  // A surrogate that waits for its other half.
  std::size_t at = 0;
  for (; at + 1 < text.size(); at += 2) {
    const std::uint32_t first = ByteAt(text, at);
    const std::uint32_t second = ByteAt(text, at + 1);
    const std::uint32_t unit = big_endian ? first << 8 | second : second << 8 | first;
    const bool is_trail = IsIn(unit, 0xDC00, 0xDFFF);
    if (lead != 0 && is_trail) {
      out.Put(0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00));
      lead = 0;
      continue;
    }
    if (lead != 0) out.PutBroken();
    lead = IsIn(unit, 0xD800, 0xDBFF) ? unit : 0;
    if (lead == 0) out.Put(is_trail ? kReplacementCharacter : unit);
  }
  if (lead != 0 || at < text.size()) out.PutBroken();
}

void DecodeUserDefined(std::string_view text, Utf8Writer& out) {
  DecodeOverAscii(text, out, [&](std::size_t at) -> std::size_t {
    out.Put(0xF780 + ByteAt(text, at) - 0x80);
    return 1;
  });
}

bool DecodeSingleByte(std::string_view text, const Charset& charset, Utf8Writer& out) {
  const auto index = SingleByteIndex(charset);
  if (index.empty()) return false;
  DecodeOverAscii(text, out, [&](std::size_t at) -> std::size_t {
    const std::uint32_t c = index[ByteAt(text, at) - 0x80];
    out.Put(c != 0 ? c : kReplacementCharacter);
    return 1;
  });
  return true;
}

}  // namespace thresh::body
