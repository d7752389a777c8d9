#include "fetcher/archive/gzip_source.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kInBytes = 64 << 10;
constexpr std::size_t kFirstInBytes = 512;  // Enough for a record's head, mostly.
constexpr std::size_t kOutBytes = 256 << 10;
constexpr int kGzipOnly = 16 + MAX_WBITS;

}  // namespace

Result<std::unique_ptr<GzipSource>> GzipSource::Open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
                 "cannot read " + path + ": " + std::strerror(errno)};
  }
  std::unique_ptr<GzipSource> source(new GzipSource(std::move(fd)));
  if (Result<> filled = source->Fill(); !filled) {
    return Error{filled.error().code, "cannot read " + path + ": " + filled.error().detail};
  }
  source->packed_ = source->in_end_ >= 2 && source->in_.starts_with("\x1F\x8B");
  return source;
}

GzipSource::GzipSource(UniqueFd fd)
    : fd_(std::move(fd)),
      in_(kInBytes, '\0'),
      out_(kOutBytes, '\0'),
      read_bytes_(kInBytes),
      stream_(std::make_unique<z_stream_s>()) {
  if (inflateInit2(stream_.get(), kGzipOnly) != Z_OK) std::abort();
}

GzipSource::~GzipSource() {
  inflateEnd(stream_.get());
}

void GzipSource::SeekTo(std::uint64_t offset) {
  in_at_ = in_end_ = out_at_ = out_end_ = 0;
  file_at_ = member_at_ = offset;
  in_member_ = false;
  read_bytes_ = kFirstInBytes;
  inflateReset(stream_.get());
}

std::uint64_t GzipSource::offset() const noexcept {
  const bool inside = in_member_ || out_at_ != out_end_;
  return packed_ && inside ? member_at_ : file_at_ - (in_end_ - in_at_);
}

Result<> GzipSource::Fill() {
  if (in_at_ < in_end_) return Ok{};
  ssize_t n = 0;
  do {
    n = ::pread(fd_.get(), in_.data(), read_bytes_, static_cast<off_t>(file_at_));
  } while (n < 0 && errno == EINTR);
  if (n < 0) return Error{Errc::kInvalid, std::strerror(errno)};
  read_bytes_ = std::min(2 * read_bytes_, in_.size());
  in_at_ = 0;
  in_end_ = static_cast<std::size_t>(n);
  file_at_ += in_end_;
  return Ok{};
}

Result<std::string_view> GzipSource::Peek() {
  if (!packed_) {
    if (Result<> filled = Fill(); !filled) return filled.error();
    return std::string_view(in_).substr(in_at_, in_end_ - in_at_);
  }
  while (out_at_ == out_end_) {
    if (Result<> filled = Fill(); !filled) return filled.error();
    if (in_at_ == in_end_) {
      if (in_member_) return Error{Errc::kTransient, "the file ends inside a gzip member"};
      return std::string_view();
    }
    if (Result<> unpacked = Inflate(); !unpacked) return unpacked.error();
  }
  return std::string_view(out_).substr(out_at_, out_end_ - out_at_);
}

void GzipSource::Skip(std::size_t n) {
  (packed_ ? out_at_ : in_at_) += n;
}

Result<std::uint64_t> GzipSource::SkipMember() {
  while (in_member_) {
    if (Result<> filled = Fill(); !filled) return filled.error();
    if (in_at_ == in_end_) return Error{Errc::kTransient, "the file ends inside a gzip member"};
    if (Result<> unpacked = Inflate(); !unpacked) return unpacked.error();
  }
  out_at_ = out_end_;
  return file_at_ - (in_end_ - in_at_);
}

// Stops at each member's end, so that what is skipped next is of one member only.
Result<> GzipSource::Inflate() {
  if (!in_member_) {
    member_at_ = file_at_ - (in_end_ - in_at_);
    in_member_ = true;
  }
  stream_->next_in = reinterpret_cast<Bytef*>(in_.data() + in_at_);
  stream_->avail_in = static_cast<uInt>(in_end_ - in_at_);
  stream_->next_out = reinterpret_cast<Bytef*>(out_.data());
  stream_->avail_out = static_cast<uInt>(out_.size());
  const int status = inflate(stream_.get(), Z_NO_FLUSH);
  in_at_ = in_end_ - stream_->avail_in;
  out_at_ = 0;
  out_end_ = out_.size() - stream_->avail_out;
  if (status == Z_STREAM_END) {
    in_member_ = false;
    inflateReset(stream_.get());
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    return Error{Errc::kInvalid, "the gzip member is damaged"};
  }
  return Ok{};
}

}  // namespace thresh
