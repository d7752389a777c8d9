#pragma once

// GzipMember: one record of a WARC file is one gzip member, written at its place in the file piece
// by piece. Its head says how long it is (the `sl` extra field of ISO 28500, annex D), so that
// readers can go from record to record without unpacking; others pass over the field.
//
// Sources: RFC 1952; ISO 28500, annex D.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

struct libdeflate_compressor;
struct z_stream_s;

namespace thresh {

class GzipMember {
 public:
  GzipMember();
  ~GzipMember();
  GzipMember(const GzipMember&) = delete;
  GzipMember& operator=(const GzipMember&) = delete;

  /// Begins a member at `offset` of `fd`, which must stay open until End().
  Result<> Begin(int fd, std::uint64_t offset);
  /// Errors: kBusy if the disk is full, kInternal for any other reason.
  Result<> Add(std::string_view bytes);
  /// Ends it; returns the offset behind it.
  [[nodiscard]] Result<std::uint64_t> End();

 private:
  struct Free {
    void operator()(libdeflate_compressor* whole) const noexcept;
  };

  Result<> Deflate(std::string_view bytes, bool last);
  Result<> DeflateWhole();
  Result<> Write(std::string_view bytes);

  // A member that fits into memory is packed at once, in half the time; others piece by piece.
  std::unique_ptr<libdeflate_compressor, Free> whole_;
  std::string waiting_;
  bool in_pieces_ = false;
  std::unique_ptr<z_stream_s> stream_;
  std::string out_;
  int fd_ = -1;
  std::uint64_t begin_ = 0, at_ = 0, unpacked_bytes_ = 0;
  std::uint32_t checksum_ = 0;
};

/// What a member of ours says of itself.
struct MemberHead {
  std::uint32_t packed_bytes = 0;  ///< The whole member.
  std::uint32_t unpacked_bytes = 0;
};
/// Nullopt for a member that does not say; `bytes` are its first, kMemberHeadBytes of them.
[[nodiscard]] std::optional<MemberHead> ReadMemberHead(std::string_view bytes);
inline constexpr std::size_t kMemberHeadBytes = 24;

/// Writes all of `bytes` at `offset`.
/// Errors: kBusy if the disk is full; kInternal with the system's reason.
Result<> WriteAt(int fd, std::string_view bytes, std::uint64_t offset);

}  // namespace thresh
