#include "fetcher/archive/stored_pages.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "fetcher/archive/gzip_member.h"
#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxFactsBytes = 1 << 20;
constexpr std::size_t kMaxFacts = 16;
constexpr std::size_t kMaxHeadBytes = 1 << 20;  // Of HTTP, beside the body.

// W3C's profile of ISO 8601, as WARC-Date has it: a year, or more of it up to any fraction of a
// second. 0 for what is none.
std::int64_t WallClockOf(std::string_view date) {
  std::tm utc{};
  utc.tm_mon = utc.tm_mday = 1;
  int seconds_end = 0;
  const std::string text(date.substr(0, 40));
  const int parts =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &utc.tm_year, &utc.tm_mon,
                  &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &seconds_end);
  const bool is_one = parts > 0 && parts != 4 && utc.tm_mon >= 1 && utc.tm_mon <= 12 &&
                      utc.tm_mday >= 1 && utc.tm_mday <= 31 && utc.tm_hour >= 0 &&
                      utc.tm_hour < 24 && utc.tm_min >= 0 && utc.tm_min < 60 && utc.tm_sec >= 0 &&
                      utc.tm_sec <= 60;
  if (!is_one) return 0;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  std::int64_t ms = static_cast<std::int64_t>(timegm(&utc)) * 1000;
  const auto at = static_cast<std::size_t>(seconds_end);
  if (at > 0 && at < text.size() && text[at] == '.') {
    int scale = 100;
    for (std::size_t i = at + 1; i < text.size() && scale > 0; ++i, scale /= 10) {
      if (text[i] < '0' || text[i] > '9') break;
      ms += (text[i] - '0') * scale;
    }
  }
  return ms;
}

// WARC 1.0 files of some writers have it between < and >.
std::string TargetOf(const WarcHead& head) {
  std::string_view target = head.Get("warc-target-uri");
  if (target.starts_with('<') && target.ends_with('>'))
    target = target.substr(1, target.size() - 2);
  return std::string(target);
}

bool MayBePage(const WarcHead& head) {
  const std::string_view type = head.Get("warc-type");
  const std::string media = InLowerCase(head.Get("content-type"));
  return type == "resource" ||
         (type == "response" && (media.empty() || media.starts_with("application/http")));
}

bool IsFacts(const WarcHead& head) {
  return head.Get("warc-type") == "metadata" &&
         head.Get("content-type") == "application/warc-fields" &&
         head.content_bytes <= kMaxFactsBytes;
}

}  // namespace

Result<std::unique_ptr<StoredPages>> StoredPages::Open(const std::string& path,
                                                       std::size_t max_page_bytes) {
  auto reader = WarcReader::Open(path);
  if (!reader) return reader.error();
  return std::unique_ptr<StoredPages>(new StoredPages(std::move(*reader), max_page_bytes));
}

void StoredPages::ReadEach(std::uint64_t of, std::uint64_t at) {
  of_ = of;
  at_ = at;
}

Result<std::optional<StoredPage>> StoredPages::Next() {
  inside_ = false;
  while (true) {
    const auto head = reader_->Next();
    if (!head) return head.error();
    if (!*head) return std::optional<StoredPage>();
    if (IsFacts(**head)) {
      if (Result<> noted = NoteFacts(**head); !noted) return noted.error();
      continue;
    }
    if (!MayBePage(**head)) continue;
    const bool is_wanted = numbered_++ % of_ == at_;
    inside_ = true;
    auto page = is_wanted ? ReadPage(**head) : PassOver(**head);
    if (!page) return page;
    inside_ = false;
    if (*page) return page;
  }
}

// Where the record's member ends, as its head says: there is one record in it then.
std::optional<std::uint64_t> StoredPages::EndOf(const WarcHead& head) const {
  char bytes[kMemberHeadBytes];
  const ssize_t n =
      ::pread(reader_->source().fd(), bytes, sizeof bytes, static_cast<off_t>(head.offset));
  const auto member = ReadMemberHead({bytes, n > 0 ? static_cast<std::size_t>(n) : 0});
  if (!member) return std::nullopt;
  return head.offset + member->packed_bytes;
}

Result<std::optional<StoredPage>> StoredPages::PassOver(const WarcHead& head) {
  (void)FactsOf(head.Get("warc-record-id"));
  if (const auto end = EndOf(head)) {
    reader_->SeekTo(*end);
    return std::optional<StoredPage>();
  }
  Result<> passed = reader_->ReadBlock([](std::string_view) -> Result<> { return Ok{}; });
  if (!passed) return passed.error();
  return std::optional<StoredPage>();
}

Result<> StoredPages::NoteFacts(const WarcHead& head) {
  const Result<std::string> block = reader_->ReadBlock(kMaxFactsBytes);
  if (!block) return block.error();
  if (auto facts = ParseFacts(*block); facts && !facts->counts) {
    facts_.emplace_back(head.Get("warc-concurrent-to"), std::move(*facts));
    if (facts_.size() > kMaxFacts) facts_.pop_front();
  }
  return Ok{};
}

std::optional<PageFacts> StoredPages::FactsOf(std::string_view record_id) {
  const auto found = std::find_if(facts_.begin(), facts_.end(),
                                  [&](const auto& entry) { return entry.first == record_id; });
  if (found == facts_.end()) return std::nullopt;
  std::optional<PageFacts> facts(std::move(found->second));
  facts_.erase(found);
  return facts;
}

Result<std::optional<StoredPage>> StoredPages::ReadPage(const WarcHead& head) {
  StoredPage page{.record_id = std::string(head.Get("warc-record-id")),
                  .target_url = TargetOf(head),
                  .date_ms = WallClockOf(head.Get("warc-date")),
                  .number = numbered_};
  page.facts = FactsOf(page.record_id);
  if (page.facts && !page.facts->final_url.empty()) page.target_url = page.facts->final_url;
  Result<std::string> block = reader_->ReadBlock(max_page_bytes_ + kMaxHeadBytes);
  if (!block) return block.error();
  // Who passes over it goes by what it says, so that has to be true.
  if (const auto said = EndOf(head)) {
    const Result<std::uint64_t> end = reader_->SkipMember();
    if (!end) return end.error();
    if (*end != *said)
      return reader_->Fault(Errc::kInvalid, "its member is not as long as it says");
  }
  if (head.Get("warc-type") == "resource") {  // The thing itself, without HTTP around it.
    page.answer = {
        200, {{"content-type", std::string(head.Get("content-type"))}}, std::move(*block)};
    return std::optional(std::move(page));
  }
  Result<HttpAnswer> answer = ParseAnswer(*block);
  if (answer) page.answer = std::move(*answer);  // Else its status is 0.
  return std::optional(std::move(page));
}

Hash128 LastPages::KeyOf(const PageFacts& facts) {
  return HashParts({facts.fingerprint.View(), std::to_string(facts.id)});
}

Result<> LastPages::Add(const std::string& path) {
  auto reader = WarcReader::Open(path);
  if (!reader) return reader.error();
  const int fd = (*reader)->source().fd();
  struct stat now {};
  if (::fstat(fd, &now) != 0) return Error{Errc::kInvalid, path + ": " + std::strerror(errno)};
  std::uint64_t at = 0;
  bool is_page = false;  // The member behind a page's request is the page: not looked into.
  std::optional<std::pair<Hash128, Hash128>> task;
  while (true) {
    char bytes[kMemberHeadBytes];
    const ssize_t n = ::pread(fd, bytes, sizeof bytes, static_cast<off_t>(at));
    const auto member = ReadMemberHead({bytes, n > 0 ? static_cast<std::size_t>(n) : 0});
    // Not of ours, or torn.
    if (!member || at + member->packed_bytes > static_cast<std::uint64_t>(now.st_size)) return Ok{};
    if (std::exchange(is_page, false)) {
      if (task) last_.insert_or_assign(task->first, task->second);
      task.reset();
    } else {
      (*reader)->SeekTo(at);
      const auto head = (*reader)->Next();
      if (!head || !*head) return Ok{};  // Told when the pages are read.
      is_page = (*head)->Get("warc-type") == "request";
      if (IsFacts(**head)) {
        const Result<std::string> block = (*reader)->ReadBlock(kMaxFactsBytes);
        if (!block) return Ok{};
        const auto facts = ParseFacts(*block);
        if (facts && facts->counts) {
          counts_.insert_or_assign(KeyOf(*facts), facts->fetched_at_ms);
        } else if (facts) {
          task = {KeyOf(*facts), HashBytes((*head)->Get("warc-concurrent-to"))};
        }
      }
    }
    at += member->packed_bytes;
  }
}

bool LastPages::Has(const StoredPage& page) const {
  if (!page.facts) return true;
  if (const auto counts = counts_.find(KeyOf(*page.facts)); counts != counts_.end()) {
    return counts->second == page.facts->fetched_at_ms;
  }
  const auto found = last_.find(KeyOf(*page.facts));
  return found == last_.end() || found->second == HashBytes(page.record_id);
}

}  // namespace thresh
