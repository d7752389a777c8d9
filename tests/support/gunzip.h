#pragma once

// Reads the packed pages of the corpora.

#include <zlib.h>

#include <filesystem>
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

/// What a file holds once unpacked, or as it is if it was not packed. A broken one fails the test.
inline std::string ReadUnpacked(const std::filesystem::path& path) {
  const gzFile file = ::gzopen(path.c_str(), "rb");
  REQUIRE_MESSAGE(file != nullptr, "cannot read ", path.string());
  std::string text;
  char chunk[65536];
  int size = 0;
  while ((size = ::gzread(file, chunk, sizeof chunk)) > 0) {
    text.append(chunk, static_cast<std::size_t>(size));
  }
  ::gzclose(file);
  REQUIRE_MESSAGE(size == 0, "cannot unpack ", path.string());
  return text;
}

}  // namespace thresh::test
