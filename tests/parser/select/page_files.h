#pragma once

// The corpora's pages as UTF-8.

#include <iconv.h>
#include <zlib.h>

#include <string>

#include <doctest/doctest.h>

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
  if (encoding != "UTF-8" && encoding != "utf-8") {
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
  return page.starts_with("\xEF\xBB\xBF") ? page.substr(3) : page;
}

}  // namespace thresh::test
