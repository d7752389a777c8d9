#include "fetcher/archive/gzip_member.h"

#include <libdeflate.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kOutBytes = 64 << 10;
constexpr std::size_t kWholeBytes = 2 << 20;
constexpr int kLevel = 3;  // Twice as quick as the libraries' own, for a twentieth more bytes.
constexpr std::size_t kLengthsAt = 16;
constexpr std::uint64_t kMost = 0xFFFFFFFF;

// Magic, deflate, FEXTRA, no time, no flags, Unix; 12 bytes of extra field: `sl`, 8, two lengths.
constexpr unsigned char kHead[kMemberHeadBytes] = {0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 3, 12, 0,
                                                   's',  'l',  8, 0, 0, 0, 0, 0, 0, 0, 0,  0};

void AppendU32(std::uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

std::uint32_t U32At(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

// What does not fit is not said: 0.
std::uint32_t Fitting(std::uint64_t length) {
  return length > kMost ? 0 : static_cast<std::uint32_t>(length);
}

}  // namespace

void GzipMember::Free::operator()(libdeflate_compressor* whole) const noexcept {
  libdeflate_free_compressor(whole);
}

GzipMember::GzipMember()
    : whole_(libdeflate_alloc_compressor(kLevel)),
      stream_(std::make_unique<z_stream_s>()),
      out_(kOutBytes, '\0') {
  constexpr int kRawDeflate = -MAX_WBITS;
  if (!whole_) std::abort();
  if (deflateInit2(stream_.get(), kLevel, Z_DEFLATED, kRawDeflate, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
}

GzipMember::~GzipMember() {
  deflateEnd(stream_.get());
}

Result<> GzipMember::Begin(int fd, std::uint64_t offset) {
  waiting_.clear();
  in_pieces_ = false;
  fd_ = fd;
  begin_ = at_ = offset;
  unpacked_bytes_ = 0;
  checksum_ = 0;
  return Write({reinterpret_cast<const char*>(kHead), sizeof kHead});
}

Result<> GzipMember::Add(std::string_view bytes) {
  if (!in_pieces_ && waiting_.size() + bytes.size() <= kWholeBytes) {
    waiting_.append(bytes);
    return Ok{};
  }
  if (!in_pieces_) {
    in_pieces_ = true;
    deflateReset(stream_.get());
    if (Result<> added = Add(std::exchange(waiting_, {})); !added) return added;
  }
  while (!bytes.empty()) {  // zlib counts in 32 bits.
    const std::string_view part = bytes.substr(0, 1 << 30);
    bytes.remove_prefix(part.size());
    checksum_ = static_cast<std::uint32_t>(crc32(
        checksum_, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size())));
    unpacked_bytes_ += part.size();
    if (Result<> written = Deflate(part, false); !written) return written;
  }
  return Ok{};
}

Result<std::uint64_t> GzipMember::End() {
  if (Result<> written = in_pieces_ ? Deflate({}, true) : DeflateWhole(); !written) {
    return written.error();
  }
  std::string tail;
  AppendU32(checksum_, &tail);
  AppendU32(static_cast<std::uint32_t>(unpacked_bytes_), &tail);
  if (Result<> written = Write(tail); !written) return written.error();
  // Last of all: a member whose lengths are there has been written to its end.
  std::string lengths;
  AppendU32(Fitting(at_ - begin_), &lengths);
  AppendU32(Fitting(unpacked_bytes_), &lengths);
  if (Result<> written = WriteAt(fd_, lengths, begin_ + kLengthsAt); !written) {
    return written.error();
  }
  return at_;
}

Result<> GzipMember::Deflate(std::string_view bytes, bool last) {
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_->avail_in = static_cast<uInt>(bytes.size());
  do {
    stream_->next_out = reinterpret_cast<Bytef*>(out_.data());
    stream_->avail_out = static_cast<uInt>(out_.size());
    if (deflate(stream_.get(), last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) std::abort();
    const std::size_t made = out_.size() - stream_->avail_out;
    if (Result<> written = Write({out_.data(), made}); !written) return written;
  } while (stream_->avail_out == 0);
  return Ok{};
}

Result<> GzipMember::DeflateWhole() {
  checksum_ = libdeflate_crc32(0, waiting_.data(), waiting_.size());
  unpacked_bytes_ = waiting_.size();
  out_.resize(
      std::max(libdeflate_deflate_compress_bound(whole_.get(), waiting_.size()), kOutBytes));
  const std::size_t made = libdeflate_deflate_compress(whole_.get(), waiting_.data(),
                                                       waiting_.size(), out_.data(), out_.size());
  if (made == 0) std::abort();  // It had the room that it asked for.
  return Write({out_.data(), made});
}

Result<> GzipMember::Write(std::string_view bytes) {
  if (Result<> written = WriteAt(fd_, bytes, at_); !written) return written;
  at_ += bytes.size();
  return Ok{};
}

std::optional<MemberHead> ReadMemberHead(std::string_view bytes) {
  if (bytes.size() < kMemberHeadBytes) return std::nullopt;
  if (std::memcmp(bytes.data(), kHead, 4) != 0 ||
      std::memcmp(bytes.data() + 10, kHead + 10, kLengthsAt - 10) != 0) {
    return std::nullopt;
  }
  const MemberHead head{U32At(bytes, kLengthsAt), U32At(bytes, kLengthsAt + 4)};
  if (head.packed_bytes <= kMemberHeadBytes) return std::nullopt;
  return head;
}

Result<> WriteAt(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int why = n < 0 ? errno : ENOSPC;
      return Error{why == ENOSPC || why == EDQUOT ? Errc::kBusy : Errc::kInternal,
                   std::string("cannot write: ") + std::strerror(why)};
    }
    offset += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return Ok{};
}

}  // namespace thresh
