#include "parser/body/codecs.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace thresh::body {
namespace {

constexpr std::size_t kFirstBytes = 16 << 10;
constexpr int kZstdWindowLog = 23;

// The length that gzip's trailer claims (RFC 1952, 2.3.1), unless deflate cannot be that good.
std::size_t ClaimedBytes(std::string_view packed) {
  constexpr std::size_t kBestRatio = 1032;
  if (packed.size() < 18) return 0;
  std::size_t claimed = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    claimed |= static_cast<std::size_t>(static_cast<unsigned char>(packed[packed.size() - 4 + i]))
               << (8 * i);
  }
  return std::min(claimed, packed.size() * kBestRatio);
}

bool LooksLikeZlib(std::string_view packed) {
  if (packed.size() < 2) return false;
  const unsigned method = static_cast<unsigned char>(packed[0]);
  const unsigned flags = static_cast<unsigned char>(packed[1]);
  return (method & 0x0F) == 8 && (method << 8 | flags) % 31 == 0;
}

// libdeflate wants the whole output at once: again with more room until it fits. `packed` loses
// what was read.
template <typename Decompress>
Unpacked UnpackWhole(Decompress decompress, std::string_view* packed, OutputBuffer& out) {
  while (true) {
    std::size_t in_bytes = 0;
    std::size_t out_bytes = 0;
    const libdeflate_result result = decompress(packed->data(), packed->size(), out.free_space(),
                                                out.free_bytes(), &in_bytes, &out_bytes);
    if (result == LIBDEFLATE_SUCCESS) {
      packed->remove_prefix(in_bytes);
      out.Advance(out_bytes);
      return Unpacked::kDone;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return Unpacked::kBroken;
    if (!out.Grow()) return Unpacked::kFull;
  }
}

}  // namespace

// ---- Memory -----------------------------------------------------------------------

std::size_t OutputBuffer::size() const noexcept {
  return std::min(bytes_.size(), limit_);
}

void OutputBuffer::Reserve(std::size_t wanted) {
  wanted = std::min(std::max(wanted, kFirstBytes), limit_);
  if (bytes_.size() < wanted) bytes_.resize(wanted);
}

bool OutputBuffer::Grow() {
  if (size() >= limit_) return false;
  bytes_.resize(std::min(std::max(2 * size(), kFirstBytes), limit_));
  return true;
}

BlockCache::~BlockCache() {
  for (const Block& block : blocks_) std::free(block.memory);
}

void* BlockCache::Take(std::size_t bytes) noexcept {
  Block* best = nullptr;
  for (Block& block : blocks_) {
    const bool fits = !block.taken && block.bytes >= bytes && block.bytes / 2 <= bytes;
    if (fits && (best == nullptr || block.bytes < best->bytes)) best = &block;
  }
  if (best == nullptr) {
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) return nullptr;
    best = &blocks_.emplace_back(Block{memory, bytes});
  }
  best->taken = true;
  return best->memory;
}

void BlockCache::Give(void* memory) noexcept {
  constexpr std::size_t kMostKept = 24;
  const auto found = std::find_if(blocks_.begin(), blocks_.end(),
                                  [memory](const Block& block) { return block.memory == memory; });
  if (found == blocks_.end()) return;
  found->taken = false;
  if (blocks_.size() <= kMostKept && found->bytes <= (4 << 20)) return;
  std::free(found->memory);
  blocks_.erase(found);
}

// ---- Codings -----------------------------------------------------------------------

libdeflate_decompressor* Codecs::deflate() {
  if (!deflate_) deflate_.reset(libdeflate_alloc_decompressor());
  if (!deflate_) std::abort();  // Out of memory.
  return deflate_.get();
}

Unpacked Codecs::Gzip(std::string_view packed, OutputBuffer& out) {
  out.Reserve(ClaimedBytes(packed));
  const auto decompress = [this](auto... a) {
    return libdeflate_gzip_decompress_ex(deflate(), a...);
  };
  do {
    const Unpacked member = UnpackWhole(decompress, &packed, out);
    if (member != Unpacked::kDone) return member;
  } while (packed.starts_with('\x1F'));
  return Unpacked::kDone;
}

Unpacked Codecs::Deflate(std::string_view packed, OutputBuffer& out) {
  out.Reserve(4 * packed.size());
  if (LooksLikeZlib(packed)) {
    std::string_view rest = packed;
    const Unpacked framed = UnpackWhole(
        [this](auto... a) { return libdeflate_zlib_decompress_ex(deflate(), a...); }, &rest, out);
    if (framed != Unpacked::kBroken) return framed;
  }
  return UnpackWhole(
      [this](auto... a) { return libdeflate_deflate_decompress_ex(deflate(), a...); }, &packed,
      out);
}

Unpacked Codecs::Brotli(std::string_view packed, OutputBuffer& out) {
  const std::unique_ptr<BrotliDecoderState, BrotliFree> decoder(BrotliDecoderCreateInstance(
      [](void* cache, std::size_t bytes) { return static_cast<BlockCache*>(cache)->Take(bytes); },
      [](void* cache, void* block) { static_cast<BlockCache*>(cache)->Give(block); },
      &brotli_blocks_));
  if (!decoder) std::abort();  // Out of memory.
  out.Reserve(4 * packed.size());
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
  std::size_t left_in = packed.size();
  while (true) {
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.free_space());
    const std::size_t room = out.free_bytes();
    std::size_t left_out = room;
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        decoder.get(), &left_in, &next_in, &left_out, &next_out, nullptr);
    out.Advance(room - left_out);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return Unpacked::kDone;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Unpacked::kBroken;
    if (!out.Grow()) return Unpacked::kFull;
  }
}

Unpacked Codecs::Zstd(std::string_view packed, OutputBuffer& out) {
  if (!zstd_) {
    zstd_.reset(ZSTD_createDCtx());
    if (!zstd_) std::abort();  // Out of memory.
    ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  }
  ZSTD_DCtx_reset(zstd_.get(), ZSTD_reset_session_only);
  out.Reserve(4 * packed.size());
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  while (true) {
    // At the limit a byte of our own shows whether there is more to come than the frame's end.
    char beyond = 0;
    const bool at_limit = out.free_bytes() == 0;
    ZSTD_outBuffer chunk{at_limit ? &beyond : out.free_space(), at_limit ? 1 : out.free_bytes(), 0};
    const std::size_t at = in.pos;
    const std::size_t hint = ZSTD_decompressStream(zstd_.get(), &chunk, &in);
    if (ZSTD_isError(hint) != 0) return Unpacked::kBroken;
    if (at_limit && chunk.pos > 0) return Unpacked::kFull;
    out.Advance(chunk.pos);
    if (hint == 0 && in.pos == in.size) return Unpacked::kDone;
    if (chunk.pos == chunk.size) {
      (void)out.Grow();
    } else if (in.pos == in.size && in.pos == at && chunk.pos == 0) {
      return Unpacked::kBroken;  // It waits for what does not come.
    }
  }
}

}  // namespace thresh::body
