#pragma once

// Codecs: the libraries that undo one coding each. What they need is made once and used again.

#include <brotli/decode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thresh::body {

enum class Unpacked {
  kDone,
  kBroken,  ///< Damaged, cut short, or not of this coding.
  kFull,    ///< Longer than the limit.
};

/// Where a codec writes: a string that grows as far as the limit. Its size stays what it has
/// grown to, so that it need not be cleared again for the next body.
class OutputBuffer {
 public:
  OutputBuffer(std::string* bytes, std::size_t limit) : bytes_(*bytes), limit_(limit) {}

  /// Room for `wanted` bytes in all, or for as many as the limit allows.
  void Reserve(std::size_t wanted);
  /// More room, twice what there was. False at the limit.
  [[nodiscard]] bool Grow();

  [[nodiscard]] char* free_space() noexcept { return bytes_.data() + used_; }
  [[nodiscard]] std::size_t free_bytes() const noexcept { return size() - used_; }
  void Advance(std::size_t bytes) noexcept { used_ += bytes; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), used_}; }

 private:
  [[nodiscard]] std::size_t size() const noexcept;

  std::string& bytes_;
  const std::size_t limit_;
  std::size_t used_ = 0;
};

/// Blocks that a library gave back, for when it wants them again: brotli's decoder cannot be used
/// twice.
class BlockCache {
 public:
  BlockCache() = default;
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  void* Take(std::size_t bytes) noexcept;
  void Give(void* block) noexcept;

 private:
  struct Block {
    void* memory = nullptr;
    std::size_t bytes = 0;
    bool taken = false;
  };
  std::vector<Block> blocks_;
};

class Codecs {
 public:
  /// Members one after another; what comes after the last and begins none is passed over.
  Unpacked Gzip(std::string_view packed, OutputBuffer& out);
  /// With zlib's frame, as the name means, or without, as some servers take it.
  Unpacked Deflate(std::string_view packed, OutputBuffer& out);
  Unpacked Brotli(std::string_view packed, OutputBuffer& out);
  /// Frames one after another, with windows of up to 8 MiB (RFC 9659).
  Unpacked Zstd(std::string_view packed, OutputBuffer& out);

 private:
  struct DeflateFree {
    void operator()(libdeflate_decompressor* d) const noexcept { libdeflate_free_decompressor(d); }
  };
  struct ZstdFree {
    void operator()(ZSTD_DCtx* d) const noexcept { ZSTD_freeDCtx(d); }
  };
  struct BrotliFree {
    void operator()(BrotliDecoderState* d) const noexcept { BrotliDecoderDestroyInstance(d); }
  };

  [[nodiscard]] libdeflate_decompressor* deflate();

  std::unique_ptr<libdeflate_decompressor, DeflateFree> deflate_;
  std::unique_ptr<ZSTD_DCtx, ZstdFree> zstd_;
  BlockCache brotli_blocks_;
};

}  // namespace thresh::body
