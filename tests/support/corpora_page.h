#pragma once

// The pages of the corpora: gzip-compressed, in the encoding that their entry names.
// What is compared of them is a value's beginning, counted in characters.

#include <iconv.h>
#include <zlib.h>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/corpora.h"

namespace thresh::test {

inline std::string Gunzipped(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    char chunk[65536];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  REQUIRE(status == Z_STREAM_END);
  return text;
}

inline std::string ToUtf8(std::string page, const std::string& encoding) {
  if (encoding == "UTF-8" || encoding == "utf-8") {
    return page.starts_with("\xEF\xBB\xBF") ? page.substr(3) : page;
  }
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
  std::string utf8(page.size() * 3, '\0');
  char* in = page.data();
  char* out = utf8.data();
  std::size_t in_left = page.size();
  std::size_t out_left = utf8.size();
  CHECK(iconv(converter, &in, &in_left, &out, &out_left) == 0);
  iconv_close(converter);
  utf8.resize(utf8.size() - out_left);
  return utf8;
}

/// A page as UTF-8 without a BOM.
inline std::string CorporaPage(const std::filesystem::path& file, const std::string& encoding) {
  return ToUtf8(Gunzipped(ReadFile(file)), encoding);
}

inline std::string FirstCharacters(const std::string& text, std::size_t count) {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool starts_character = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (starts_character && count-- == 0) break;
  }
  return text.substr(0, bytes);
}

}  // namespace thresh::test
