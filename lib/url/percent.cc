#include "lib/url/percent.h"

#include <array>
#include <cstddef>

#include "lib/url/ascii.h"
#include "lib/url/percent_table.h"

namespace thresh {
namespace {

void AppendEncodedByte(char c, std::string* out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  const std::array<char, 3> encoded = {'%', kHex[byte >> 4], kHex[byte & 15]};
  out->append(encoded.data(), encoded.size());
}

}  // namespace

void AppendPercentEncoded(std::string_view bytes, PercentSet set, std::string* out) {
  std::size_t plain = 0;  // Where the run begins that is copied as it is.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!IsPercentEncoded(bytes[i], set)) continue;
    out->append(bytes.substr(plain, i - plain));
    AppendEncodedByte(bytes[i], out);
    plain = i + 1;
  }
  out->append(bytes.substr(plain));
}

std::string PercentEncodeComponent(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  AppendPercentEncoded(value, PercentSet::kComponent, &out);
  return out;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool triple = text[i] == '%' && i + 2 < text.size();
    const int high = triple ? HexValue(text[i + 1]) : -1;
    const int low = triple ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      out.push_back(text[i]);
    } else {
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
  }
  return out;
}

}  // namespace thresh
