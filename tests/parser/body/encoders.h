#pragma once

// Bodies packed by the libraries' own encoders; for gzip and deflate that is zlib's, where the
// product reads with libdeflate.

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace thresh::test {

/// `window_bits` as zlib has it: 31 is gzip, 15 zlib's frame, -15 bare deflate.
inline std::string ZlibPacked(std::string_view text, int window_bits) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, text.size() > 10'000'000 ? 1 : 9, Z_DEFLATED, window_bits, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string Gzipped(std::string_view text) {
  return ZlibPacked(text, 31);
}

inline std::string BrotliPacked(std::string_view text) {
  std::string packed(BrotliEncoderMaxCompressedSize(text.size()) + 64, '\0');
  std::size_t size = packed.size();
  REQUIRE(BrotliEncoderCompress(5, 24, BROTLI_MODE_GENERIC, text.size(),
                                reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                reinterpret_cast<std::uint8_t*>(packed.data())) == BROTLI_TRUE);
  packed.resize(size);
  return packed;
}

inline std::string ZstdPacked(std::string_view text, int level = 3) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), level);
  REQUIRE(ZSTD_isError(size) == 0);
  packed.resize(size);
  return packed;
}

/// A frame that does not say how long it is, with a window of 1 << `window_log` bytes.
inline std::string ZstdStreamed(std::string_view text, int window_log) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  REQUIRE(ZSTD_isError(ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue)) == 0);
  REQUIRE(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  return packed;
}

struct Packing {
  const char* coding;
  std::string (*pack)(std::string_view text);
};

/// Each coding as it may come.
inline constexpr Packing kPackings[] = {
    {"gzip", [](std::string_view t) { return ZlibPacked(t, 31); }},
    {"x-gzip", [](std::string_view t) { return ZlibPacked(t, 31); }},
    {"deflate", [](std::string_view t) { return ZlibPacked(t, 15); }},
    {"deflate", [](std::string_view t) { return ZlibPacked(t, -15); }},
    {"br", [](std::string_view t) { return BrotliPacked(t); }},
    {"zstd", [](std::string_view t) { return ZstdPacked(t); }},
    {"zstd", [](std::string_view t) { return ZstdStreamed(t, 20); }},
};

}  // namespace thresh::test
