#include "lib/text/text_place.h"

#include <algorithm>

#include "lib/text/utf8.h"

namespace thresh {

TextPlace PlaceOf(std::string_view text, std::size_t offset) {
  TextPlace place;
  offset = std::min(offset, text.size());
  for (std::size_t at = 0; at < offset;) {
    const Utf8Char c = DecodeUtf8(text, at);
    if (c.code_point == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
    at += c.length;
  }
  return place;
}

}  // namespace thresh
