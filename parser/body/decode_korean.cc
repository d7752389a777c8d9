#include "parser/body/decode_common.h"
#include "parser/body/decoders.h"
#include "parser/body/indexes.h"

namespace thresh::body {

bool DecodeEucKr(std::string_view text, Utf8Writer& out) {
  const auto index = EucKrIndex();
  if (index.empty()) return false;
  const auto code_point = [&](std::uint32_t lead, std::uint32_t trail) -> std::uint32_t {
    if (!IsIn(trail, 0x41, 0xFE)) return 0;
    return Lookup(index, (lead - 0x81) * 190 + trail - 0x41);
  };
  const auto single = [](std::uint32_t b) {
    return b == 0x80 || b == 0xFF ? kReplacementCharacter : 0;
  };
  DecodePairs(text, out, single, code_point);
  return true;
}

}  // namespace thresh::body
