#pragma once

// The decoders of the Encoding standard (sections 8 to 14), each from the first byte to the last
// of a body. Bytes that stand for nothing become U+FFFD; an ASCII byte in the place of a trail
// byte stays, so that no markup is swallowed. Each returns false only if ICU lacks the converter
// that its index comes from.

#include <string_view>

#include "parser/body/charset_table.h"
#include "parser/body/utf8_writer.h"

namespace thresh::body {

/// Broken sequences become U+FFFD, one for each maximal subpart.
void RepairUtf8(std::string_view text, Utf8Writer& out);

void DecodeUtf16(std::string_view text, bool big_endian, Utf8Writer& out);
void DecodeUserDefined(std::string_view text, Utf8Writer& out);

[[nodiscard]] bool DecodeSingleByte(std::string_view text, const Charset& charset, Utf8Writer& out);
[[nodiscard]] bool DecodeGb18030(std::string_view text, Utf8Writer& out);
[[nodiscard]] bool DecodeBig5(std::string_view text, Utf8Writer& out);
[[nodiscard]] bool DecodeEucKr(std::string_view text, Utf8Writer& out);
[[nodiscard]] bool DecodeEucJp(std::string_view text, Utf8Writer& out);
[[nodiscard]] bool DecodeShiftJis(std::string_view text, Utf8Writer& out);
[[nodiscard]] bool DecodeIso2022Jp(std::string_view text, Utf8Writer& out);

}  // namespace thresh::body
