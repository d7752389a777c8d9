#pragma once

// StoredPages: the pages of a WARC file, one after another, whoever wrote it.
//
// Threads: none. Reading blocks.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "fetcher/archive/http_message.h"
#include "fetcher/archive/page_records.h"
#include "fetcher/archive/warc_reader.h"
#include "lib/base/hash.h"
#include "lib/base/result.h"

namespace thresh {

struct StoredPage {
  std::string record_id;
  std::string target_url;    ///< After redirects, as far as its writer says.
  std::int64_t date_ms = 0;  ///< Wall clock.
  HttpAnswer answer;
  std::optional<PageFacts> facts;  ///< Of a page that thresh saved.
  std::uint64_t number = 0;        ///< Of its record, from 1: see StoredPages::numbered().
};

class StoredPages {
 public:
  /// Errors: kNotFound, kInvalid for a file that cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<StoredPages>> Open(const std::string& path,
                                                                 std::size_t max_page_bytes);

  /// Of the records that may be pages, in turn, one of `of` is read: the first time the one after
  /// `at` others. The rest are passed over, quickly where the file says how long they are.
  void ReadEach(std::uint64_t of, std::uint64_t at);
  /// How many records that may be pages there were so far, the one that Next() failed at included.
  [[nodiscard]] std::uint64_t numbered() const noexcept { return numbered_; }
  /// Next() failed at that record, not behind it.
  [[nodiscard]] bool is_inside() const noexcept { return inside_; }

  /// The next page; nullopt at the end. Records that are no pages are passed over.
  /// Errors: kTooLarge for a page over max_page_bytes, behind which the next one follows; the
  /// others of WarcReader::Next(), after which there is no next, and kInvalid for a member that is
  /// not as long as it says.
  [[nodiscard]] Result<std::optional<StoredPage>> Next();

 private:
  StoredPages(std::unique_ptr<WarcReader> reader, std::size_t max_page_bytes)
      : reader_(std::move(reader)), max_page_bytes_(max_page_bytes) {}

  [[nodiscard]] Result<std::optional<StoredPage>> ReadPage(const WarcHead& head);
  [[nodiscard]] Result<std::optional<StoredPage>> PassOver(const WarcHead& head);
  [[nodiscard]] std::optional<std::uint64_t> EndOf(const WarcHead& head) const;
  Result<> NoteFacts(const WarcHead& head);
  [[nodiscard]] std::optional<PageFacts> FactsOf(std::string_view record_id);

  std::unique_ptr<WarcReader> reader_;
  const std::size_t max_page_bytes_;
  std::uint64_t of_ = 1, at_ = 0;
  std::uint64_t numbered_ = 0;
  bool inside_ = false;
  std::deque<std::pair<std::string, PageFacts>> facts_;  // Of records that are still to come.
};

/// Which of the pages that thresh saved for one task is the task's: it may have been killed between
/// saving one and the task's end, and have fetched and saved another.
class LastPages {
 public:
  /// Reads what a file says of its pages, not the pages. Files in the order they were written.
  /// Errors: as WarcReader's, but for what a crash tore.
  Result<> Add(const std::string& path);

  /// False if a later page takes this one's place.
  [[nodiscard]] bool Has(const StoredPage& page) const;

 private:
  [[nodiscard]] static Hash128 KeyOf(const PageFacts& facts);

  std::unordered_map<Hash128, Hash128> last_;         // Of a task, its record's id.
  std::unordered_map<Hash128, std::int64_t> counts_;  // Another is: when that was fetched.
};

}  // namespace thresh
