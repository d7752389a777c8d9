#pragma once

// Records to lines: a MessagePack map becomes one line of NDJSON, with the keys that say
// which page it comes from behind its own fields.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/format/fill_counts.h"
#include "sink/format/line_buffer.h"

namespace thresh {

/// What every record of a page says of the page (docs/adr/0003-page-identity.md).
struct PageIdentity {
  std::uint64_t task_id = 0;
  Hash128 fingerprint;
  bool dont_filter = false;
  std::string_view url;
  std::string_view root;
  std::uint64_t n = 0;
  std::int64_t fetched_at_ms = 0;
  std::string_view meta;  ///< JSON text, or empty.
};

/// The record's `_id`: the same however often its page is fetched or extracted.
/// docs/formats.md has the bytes.
[[nodiscard]] Hash128 RecordId(const PageIdentity& page, std::string_view item, std::uint32_t row);

/// What the records of one item of a page have in common. One that is used for page after page
/// keeps its memory.
class RecordLines {
 public:
  /// `name_item` adds `_item`: for an output that mixes items.
  RecordLines(const PageIdentity& page, std::string_view item, bool name_item = false) {
    Begin(page, item, name_item, nullptr);
  }
  RecordLines() = default;
  RecordLines(const RecordLines&) = delete;
  RecordLines& operator=(const RecordLines&) = delete;

  /// The next records are of this item and page. `fills`, if given, counts them, and must live as
  /// long as they are appended.
  void Begin(const PageIdentity& page, std::string_view item, bool name_item, FillCounts* fills);

  [[nodiscard]] const std::string& item() const noexcept { return item_; }
  [[nodiscard]] FillCounts* fills() noexcept { return fills_ != nullptr ? fills_ : &uncounted_; }
  /// What ends each line, behind the record's own fields.
  void AppendPageKeys(std::uint32_t row, LineBuffer* out);

 private:
  std::string item_;
  FillCounts* fills_ = nullptr;
  FillCounts uncounted_;  // For those whom nobody counts.
  std::string id_bytes_;  // Of the last row.
  std::string behind_id_;
};

/// Appends the line of the map that begins at `offset` of `records`, newline included, and
/// returns where the next one begins. UTF-8 is not escaped.
/// Errors: kInvalid for what is no map, has a key that is no string or begins with `_`,
/// is nested over 64 deep, or holds what JSON cannot say (binary, extensions); what has been
/// counted of it then stays counted.
[[nodiscard]] Result<std::size_t> AppendRecordLine(RecordLines& lines, std::uint32_t row,
                                                   std::string_view records, std::size_t offset,
                                                   LineBuffer* out);

}  // namespace thresh
