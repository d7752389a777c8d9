#include "sink/output/chunk_reader.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

}  // namespace

struct ChunkReader::Zstd {
  std::unique_ptr<ZSTD_DStream, FreeStream> stream{ZSTD_createDStream()};
  std::string compressed;
  std::size_t used_bytes = 0;  // Of `compressed`.
  std::size_t expected = 0;    // 0: at the end of a frame.
};

Result<std::unique_ptr<ChunkReader>> ChunkReader::Open(const std::string& path) {
  std::unique_ptr<ChunkReader> reader(new ChunkReader(path));
  reader->fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!reader->fd_) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
                 "cannot read " + path + ": " + std::strerror(errno)};
  }
  if (path.ends_with(".zst")) reader->zstd_ = std::make_unique<Zstd>();
  return reader;
}

ChunkReader::ChunkReader(std::string path) : path_(std::move(path)) {}
ChunkReader::~ChunkReader() = default;

Result<std::string> ChunkReader::Next() {
  return zstd_ ? Decompress() : ReadFile();
}

Result<std::string> ChunkReader::ReadFile() {
  std::string chunk(kChunkBytes, '\0');
  ssize_t n = 0;
  do {
    n = ::read(fd_.get(), chunk.data(), chunk.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return Error{Errc::kInvalid, "cannot read " + path_ + ": " + std::strerror(errno)};
  chunk.resize(static_cast<std::size_t>(n));
  return chunk;
}

Result<std::string> ChunkReader::Decompress() {
  std::string chunk(kChunkBytes, '\0');
  ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
  while (out.pos == 0) {
    if (zstd_->used_bytes == zstd_->compressed.size()) {
      Result<std::string> more = ReadFile();
      if (!more) return more;
      if (more->empty() && zstd_->expected != 0) {
        return Error{Errc::kInvalid, path_ + ": its end is missing"};
      }
      if (more->empty()) break;
      zstd_->compressed = std::move(*more);
      zstd_->used_bytes = 0;
    }
    ZSTD_inBuffer in{zstd_->compressed.data(), zstd_->compressed.size(), zstd_->used_bytes};
    zstd_->expected = ZSTD_decompressStream(zstd_->stream.get(), &out, &in);
    zstd_->used_bytes = in.pos;
    if (ZSTD_isError(zstd_->expected) != 0) {
      return Error{Errc::kInvalid, path_ + ": no zstd: " + ZSTD_getErrorName(zstd_->expected)};
    }
  }
  chunk.resize(out.pos);
  return chunk;
}

}  // namespace thresh
