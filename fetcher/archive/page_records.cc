#include "fetcher/archive/page_records.h"

#include <algorithm>
#include <charconv>

#include "fetcher/archive/http_message.h"
#include "lib/base/time.h"

namespace thresh {
namespace {

constexpr std::string_view kFingerprint = "thresh-fingerprint";

void AddField(std::string_view name, std::string_view value, std::string* out) {
  if (value.empty()) return;
  const std::size_t from = out->size();
  out->append(name).append(": ").append(value);
  // JSON text may have line ends, but only where a space does as well.
  std::replace_if(
      out->begin() + static_cast<std::ptrdiff_t>(from), out->end(),
      [](char c) { return c == '\r' || c == '\n'; }, ' ');
  out->append("\r\n");
}

// A secret's name stands between braces in a URL; no URI has braces (RFC 3986, 2).
std::string UriOf(std::string_view url) {
  std::string uri;
  for (const char c : url) {
    if (c == '{' || c == '}') {
      uri.append(c == '{' ? "%7B" : "%7D");
    } else {
      uri.push_back(c);
    }
  }
  return uri;
}

std::string FactsBlock(const RawPage& page) {
  const TaskSeed& seed = page.task.seed;
  std::string block;
  AddField(kFingerprint, Fingerprint(seed).Hex(), &block);
  AddField("thresh-id", std::to_string(page.task.id), &block);
  AddField("thresh-attempts", std::to_string(page.task.attempts), &block);
  if (seed.dont_filter) AddField("thresh-dont-filter", "1", &block);
  AddField("thresh-url", seed.url, &block);
  if (UriOf(page.final_url) != page.final_url) {
    AddField("thresh-final-url", page.final_url, &block);
  }
  AddField("thresh-recipe", seed.recipe, &block);
  AddField("thresh-root", seed.root->url, &block);
  AddField("thresh-n", std::to_string(seed.root->n), &block);
  AddField("thresh-fetched-at-ms", std::to_string(page.fetched_at_ms), &block);
  AddField("thresh-meta", seed.root->meta, &block);
  return block;
}

template <typename Number>
void Read(std::string_view text, Number* number) {
  std::from_chars(text.data(), text.data() + text.size(), *number);
}

std::optional<Hash128> HashOfHex(std::string_view hex) {
  Hash128 hash;
  if (hex.size() != 2 * hash.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    const char* const at = hex.data() + 2 * i;
    const auto [end, fault] = std::from_chars(at, at + 2, hash.bytes[i], 16);
    if (fault != std::errc() || end != at + 2) return std::nullopt;
  }
  return hash;
}

void ReadFact(std::string_view name, std::string_view value, PageFacts* facts) {
  if (name == "thresh-id") return Read(value, &facts->id);
  if (name == "thresh-attempts") return Read(value, &facts->attempts);
  if (name == "thresh-n") return Read(value, &facts->n);
  if (name == "thresh-fetched-at-ms") return Read(value, &facts->fetched_at_ms);
  if (name == "thresh-counts") facts->counts = value == "1";
  if (name == "thresh-dont-filter") facts->dont_filter = value == "1";
  if (name == "thresh-url") facts->url = value;
  if (name == "thresh-final-url") facts->final_url = value;
  if (name == "thresh-recipe") facts->recipe = value;
  if (name == "thresh-root") facts->root = value;
  if (name == "thresh-meta") facts->meta = value;
}

}  // namespace

std::vector<WarcRecord> RecordsOf(const RawPage& page) {
  const std::string target = UriOf(page.final_url);
  const std::string id = NewRecordId();
  const Request plain;
  const Request& request = page.task.seed.request ? *page.task.seed.request : plain;
  std::vector<WarcRecord> records;
  records.push_back({.type = "metadata",
                     .id = NewRecordId(),
                     .date_ms = page.fetched_at_ms,
                     .target_uri = target,
                     .concurrent_to = id,
                     .content_type = "application/warc-fields",
                     .head = FactsBlock(page)});
  if (const Result<Url> url = Url::Parse(page.final_url); url) {
    records.push_back({.type = "request",
                       .id = NewRecordId(),
                       .date_ms = page.fetched_at_ms,
                       .target_uri = target,
                       .concurrent_to = id,
                       .content_type = "application/http;msgtype=request",
                       .head = RequestHead(request, *url, page.agent),
                       .body = {.memory = SharedBytes(request.body)},
                       .has_payload = !request.body.empty()});
  }
  records.push_back({.type = "response",
                     .id = id,
                     .date_ms = page.fetched_at_ms,
                     .target_uri = target,
                     .content_type = "application/http;msgtype=response",
                     .head = AnswerHead(page.status, page.headers),
                     .body = page.body,
                     .has_payload = true});
  return records;
}

WarcRecord CountingNote(const Task& task, std::int64_t fetched_at_ms) {
  WarcRecord note{.type = "metadata",
                  .id = NewRecordId(),
                  .date_ms = WallClockMs(),
                  .target_uri = UriOf(task.seed.url),
                  .content_type = "application/warc-fields"};
  AddField(kFingerprint, Fingerprint(task.seed).Hex(), &note.head);
  AddField("thresh-id", std::to_string(task.id), &note.head);
  AddField("thresh-fetched-at-ms", std::to_string(fetched_at_ms), &note.head);
  AddField("thresh-counts", "1", &note.head);
  return note;
}

std::optional<PageFacts> ParseFacts(std::string_view block) {
  std::optional<PageFacts> facts;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 2);
    if (name == kFingerprint) {
      const auto fingerprint = HashOfHex(value);
      if (!fingerprint) return std::nullopt;
      facts.emplace().fingerprint = *fingerprint;
    } else if (facts) {
      ReadFact(name, value, &*facts);
    }
  }
  return facts;
}

}  // namespace thresh
