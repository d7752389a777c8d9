#pragma once

// WarcReader: the records of a WARC file, one after another: packed record by record, as a whole,
// or not at all. Any software's, of the versions 0.17 to 1.1. The bytes are hostile: heads are
// bounded, and blocks are given in pieces.
//
// Threads: none. Reading blocks.
//
// Source: WARC 1.1 (ISO 28500:2017), 4 and 5.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fetcher/archive/gzip_source.h"
#include "lib/base/result.h"

namespace thresh {

struct WarcHead {
  std::string version;                                      ///< `1.1`
  std::vector<std::pair<std::string, std::string>> fields;  ///< Names in lower case.
  std::uint64_t content_bytes = 0;                          ///< Of its block.
  std::uint64_t offset = 0;  ///< In the file: where its member begins.

  /// The first field of this name, in lower case; empty if there is none.
  [[nodiscard]] std::string_view Get(std::string_view name) const;
};

class WarcReader {
 public:
  /// Errors: kNotFound, kInvalid for a file that cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<WarcReader>> Open(const std::string& path);

  /// The next record's head, whatever of the last one's block was not read; nullopt at the end.
  /// Errors, after which there is no next: kTransient if the file ends inside a record: it was torn
  /// there; kInvalid for what is no WARC. The detail has the path and the offset.
  [[nodiscard]] Result<std::optional<WarcHead>> Next();

  /// The rest of the record's block, piece by piece. Errors: as Next(), and those of `take`.
  Result<> ReadBlock(const std::function<Result<>(std::string_view)>& take);
  /// The same as one text. Errors: kTooLarge, if there are more than `max_bytes`.
  [[nodiscard]] Result<std::string> ReadBlock(std::size_t max_bytes);

  /// Goes to where a record's member begins, WarcHead::offset of it.
  void SeekTo(std::uint64_t offset);
  /// Passes over what is left of the record's member; returns where that ends, its checksum read.
  /// Errors: as Next().
  [[nodiscard]] Result<std::uint64_t> SkipMember();
  [[nodiscard]] const GzipSource& source() const noexcept { return *source_; }
  /// Says what is wrong with the record that was read last, and where it is.
  [[nodiscard]] Error Fault(Errc code, const std::string& what) const;

 private:
  WarcReader(std::string path, std::unique_ptr<GzipSource> source)
      : path_(std::move(path)), source_(std::move(source)) {}

  Result<std::optional<std::string>> ReadLine();
  Result<bool> SkipToRecord();
  Result<> ReadField(std::string line, WarcHead* head);

  const std::string path_;
  std::unique_ptr<GzipSource> source_;
  std::uint64_t left_bytes_ = 0;  // Of the record's block.
  std::uint64_t head_bytes_ = 0;  // Of the head being read.
  std::uint64_t record_at_ = 0;
};

}  // namespace thresh
