#pragma once

// A segment: one file of the journal. A header of 64 bytes, then records; docs/formats.md has the
// bytes. A record counts only if its checksum, which covers the segment's random salt, is right:
// what an earlier life of a recycled file left behind is never taken for a record.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/journal/pieces.h"

namespace thresh {

inline constexpr std::uint8_t kJournalVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kRecordHeaderBytes = 24;

enum class RecordType : std::uint8_t { kCommit = 1, kFile = 2, kCheckpoint = 3 };

struct SegmentHeader {
  Hash128 owner;  ///< The sink's uuid.
  std::uint64_t number = 0;
  std::uint64_t salt = 0;
  std::uint64_t first_seq = 0;  ///< Of its first record.
};

[[nodiscard]] std::string EncodeHeader(const SegmentHeader& header);
/// Errors: kInvalid for what is no header, or one of a later version.
[[nodiscard]] Result<SegmentHeader> DecodeHeader(std::string_view bytes);

/// `j-0000000007.wal`
[[nodiscard]] std::string SegmentName(std::uint64_t number);
/// Nullopt for the name of another file.
[[nodiscard]] std::optional<std::uint64_t> SegmentNumber(std::string_view name);

/// What a record with this payload takes in a segment.
[[nodiscard]] constexpr std::size_t RecordBytes(std::size_t payload) {
  return kRecordHeaderBytes + (payload + 7) / 8 * 8;
}

/// Appends a record whose payload is written in its place: behind what BeginRecord() appends, whose
/// place it returns; EndRecord() completes it.
[[nodiscard]] Pieces::Mark BeginRecord(Pieces* out);
void EndRecord(const SegmentHeader& segment, std::uint64_t seq, RecordType type, Pieces::Mark begin,
               Pieces* out);
/// Appends the record's bytes.
void AppendRecord(const SegmentHeader& segment, std::uint64_t seq, RecordType type,
                  std::string_view payload, std::string* out);

struct Record {
  RecordType type = RecordType::kCommit;
  std::uint64_t seq = 0;
  std::uint64_t offset = 0;  ///< Of the record in its file.
  std::string_view payload;  ///< Until the next call.

  [[nodiscard]] std::uint64_t payload_offset() const noexcept {
    return offset + kRecordHeaderBytes;
  }
};

/// Reads one segment from its beginning.
class SegmentReader {
 public:
  /// `window_bytes`: how much is read at once; small for a single record.
  /// Errors: kInvalid with the path for a file that is no segment, or that cannot be read;
  /// kNotFound if there is none.
  [[nodiscard]] static Result<SegmentReader> Open(const std::string& path,
                                                  std::size_t window_bytes = 1 << 20);

  [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }

  /// The next record; nullopt where none follows whose checksum is right.
  /// Errors: kInvalid for a record of a type that a later version wrote, or a file that cannot
  /// be read.
  [[nodiscard]] Result<std::optional<Record>> Next();

  /// Where the last record that was read ends, and the number of the one that would follow.
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
  [[nodiscard]] std::uint64_t next_seq() const noexcept { return next_seq_; }

  /// The first record behind end() that begins at `*offset` or later and could have followed;
  /// `*offset` moves on. For finding out whether what ends here is a tail.
  [[nodiscard]] Result<std::optional<Record>> FindLater(std::uint64_t* offset);

  /// The record at `offset`; its seq is not checked.
  /// Errors: kInvalid if there is none.
  [[nodiscard]] Result<Record> At(std::uint64_t offset);

 private:
  SegmentReader(std::string path, UniqueFd fd, std::size_t window_bytes)
      : path_(std::move(path)), fd_(std::move(fd)), window_bytes_(window_bytes) {}

  Result<> ReadHeader();
  /// `count` bytes at `offset`, or what is left of the file.
  Result<std::string_view> Bytes(std::uint64_t offset, std::size_t count);
  Result<std::optional<Record>> Read(std::uint64_t offset, std::optional<std::uint64_t> seq);

  std::string path_;
  UniqueFd fd_;
  std::size_t window_bytes_ = 0;
  SegmentHeader header_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t end_ = kSegmentHeaderBytes;
  std::uint64_t next_seq_ = 0;
  std::string window_;  // A piece of the file, and where it begins.
  std::uint64_t window_offset_ = 0;
};

}  // namespace thresh
