#pragma once

// WarcWriter: appends records to WARC files in a folder, one gzip member a record, and begins a
// new file when one is large. A file's name ends in `.warc.gz` from its first byte on.
//
// A crash can only tear what was written after the last Sync(), at the end of the newest file.
// Opening the folder again cuts what is torn: the file then ends with a whole page.
//
// Threads: one at a time. Calls block on the disk.
//
// Source: WARC 1.1 (ISO 28500:2017).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fetcher/archive/gzip_member.h"
#include "fetcher/archive/raw_body.h"
#include "fetcher/archive/sha1.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

struct WarcOptions {
  std::string folder;
  std::string software;                     ///< Of `warcinfo`: who wrote it.
  std::uint64_t max_file_bytes = 1U << 30;  ///< A file that has more is not gone on with.
};

/// A record to be written. Its block is `head` and, right behind it, `body`.
struct WarcRecord {
  std::string type;           ///< `response`, `request`, `metadata`: WARC-Type.
  std::string id;             ///< `<urn:uuid:…>`, see NewRecordId().
  std::int64_t date_ms = 0;   ///< Wall clock.
  std::string target_uri;     ///< Empty: none.
  std::string concurrent_to;  ///< The id of a record of the same request; empty: none.
  std::string content_type;
  std::string head;
  RawBody body;
  bool has_payload = false;  ///< `body` is the payload: its digest is written, too.
};

/// A `<urn:uuid:…>` that no other record has (RFC 9562, version 4).
[[nodiscard]] std::string NewRecordId();

class WarcWriter {
 public:
  /// Makes the folder if need be, and cuts what a crash has torn.
  /// Errors: kInvalid for a folder that cannot be used; kInternal.
  [[nodiscard]] static Result<std::unique_ptr<WarcWriter>> Open(WarcOptions options);

  /// Writes all the records, or none, one behind the other in the same file.
  /// Errors: kBusy if the disk is full, kInternal for any other reason.
  Result<> Append(const std::vector<WarcRecord>& records);

  /// What was appended survives a power cut. Errors: kInternal: it may not; do not go on.
  Result<> Sync();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  explicit WarcWriter(WarcOptions options) : options_(std::move(options)) {}

  Result<> GoOnWith(const std::string& path);
  Result<> BeginFile();
  Result<> AppendOne(const WarcRecord& record);
  [[nodiscard]] Result<std::string> HeadOf(const WarcRecord& record);

  const WarcOptions options_;
  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;    // Of whole pages.
  std::uint64_t serial_ = 0;  // The next file's.
  bool name_synced_ = true;   // The file's name is durable.
  GzipMember member_;
  Sha1 sha1_;
};

/// The file's bytes up to where it is torn: all of them, if it ends with a whole record that ends a
/// page (a response, or warcinfo). Only what a crash may have torn is looked at.
/// Errors: kInternal with the system's reason.
[[nodiscard]] Result<std::uint64_t> WholeBytesOf(const std::string& path);

}  // namespace thresh
