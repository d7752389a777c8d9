#include "cli/feed/feed_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include "lib/base/ascii_text.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::size_t kMostRowBytes = 1 << 20;

std::string FeedLineOf(const std::string& url, const std::string& recipe) {
  if (recipe.empty()) return url;
  return "{\"url\":" + JsonString(url) + ",\"recipe\":" + JsonString(recipe) + "}";
}

// The URLs of its sitemaps, and of the robots.txt files that name them: of the hosts that it is
// for.
std::set<std::string> SitemapsOf(const Recipe& recipe) {
  std::set<std::string> urls;
  for (const std::string& sitemap : recipe.sitemaps) {
    if (sitemap != "robots") {
      urls.insert(sitemap);
      continue;
    }
    for (const auto* list : {&recipe.start_urls, &recipe.allow}) {
      for (const std::string& text : *list) {
        const std::size_t scheme = text.find("://");
        if (scheme == std::string::npos) continue;
        const std::size_t slash = text.find('/', scheme + 3);
        if (slash >= LiteralPrefix(text)) continue;  // A part of a host is none.
        const auto url = Url::Parse(text.substr(0, slash));
        if (url && url->is_http()) urls.insert(url->origin() + "/robots.txt");
      }
    }
  }
  return urls;
}

// Where the row that begins at `at` ends: at a line end that stands in no quotes. npos if it is not
// there; then `*quoted` says whether quotes are open. RFC 4180, 2.
std::size_t EndOfCsvRow(std::string_view text, std::size_t at, bool* quoted) {
  *quoted = false;
  for (bool at_begin = true; at < text.size(); ++at) {
    const char c = text[at];
    if (*quoted) {
      const bool doubled = c == '"' && at + 1 < text.size() && text[at + 1] == '"';
      if (doubled) ++at;
      *quoted = c != '"' || doubled;
    } else if (c == '\n') {
      return at;
    } else {
      *quoted = c == '"' && at_begin;
      at_begin = c == ',';
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string FirstCsvField(const std::string& row) {
  std::string field;
  if (!row.starts_with('"')) field = row.substr(0, row.find(','));
  for (std::size_t i = 1; row.starts_with('"') && i < row.size(); ++i) {
    if (row[i] == '"') {
      if (i + 1 >= row.size() || row[i + 1] != '"') break;
      ++i;
    }
    field.push_back(row[i]);
  }
  std::erase_if(field, [](char c) { return c == '\n' || c == '\r'; });
  return field;
}

void FeedSource::AddUrl(std::string url, std::string recipe) {
  Part part;
  part.recipe = std::move(recipe);
  part.range.emplace(std::move(url));
  parts_.push_back(std::move(part));
}

Result<> FeedSource::AddFile(const std::string& path, std::string recipe) {
  Part part;
  part.recipe = std::move(recipe);
  part.path = path;
  part.csv = part.heading_possible = path.ends_with(".csv") || path.ends_with(".CSV");
  part.fd = UniqueFd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!part.fd) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
                 "cannot read " + path + ": " + std::strerror(errno)};
  }
  struct stat status {};
  if (::fstat(part.fd.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return Error{Errc::kInvalid, "cannot read " + path + ": it is a folder"};
  }
  parts_.push_back(std::move(part));
  return Ok{};
}

Result<bool> FeedSource::AddStarts(const Recipe& recipe) {
  for (const std::string& url : recipe.start_urls) AddUrl(url, recipe.name);
  for (const StartSpec& start : recipe.starts) {
    Result<StartLines> lines = StartLines::Open(recipe, start);
    if (!lines) return lines.error();
    Part part;
    part.start.emplace(std::move(*lines));
    parts_.push_back(std::move(part));
  }
  const std::set<std::string> sitemaps = SitemapsOf(recipe);
  if (sitemaps.empty() && !recipe.sitemaps.empty()) {
    return Error{Errc::kInvalid, recipe.file +
                                     ": sitemaps: expected start_urls, or allow with a whole host "
                                     "(https://HOST/*), whose robots.txt to ask for"};
  }
  for (const std::string& url : sitemaps) AddUrl(url, "sitemap");
  return !recipe.start_urls.empty() || !recipe.starts.empty() || !recipe.sitemaps.empty();
}

FeedSource::Status FeedSource::Next(std::string* line) {
  while (!parts_.empty()) {
    Part& part = parts_.front();
    if (part.range) {
      if (const auto url = part.range->Next()) {
        *line = FeedLineOf(*url, part.recipe);
        return Status::kLine;
      }
      part.range.reset();
    }
    if (part.start) {
      if (auto started = part.start->Next()) {
        *line = std::move(*started);
        return Status::kLine;
      }
      if (failure_.empty()) failure_ = part.start->failure();
    }
    if (!part.fd) {
      parts_.pop_front();
      continue;
    }
    std::string text;
    const Status status = NextOfFile(part, &text);
    if (status == Status::kWait) return status;
    if (status == Status::kEnd) {
      parts_.pop_front();
    } else if (text.front() == '{') {
      *line = std::move(text);
      return Status::kLine;
    } else {
      part.range.emplace(std::move(text));
    }
  }
  return Status::kEnd;
}

// The next URL or JSON line of a file.
FeedSource::Status FeedSource::NextOfFile(Part& part, std::string* text) {
  std::string raw;
  for (;;) {
    const Status status = ReadRawLine(part, &raw);
    if (status != Status::kLine) return status;
    *text = TrimBlanks(raw, " \t\r");
    if (part.csv) *text = TrimBlanks(FirstCsvField(*text), " \t\r");
    if (text->empty() || text->front() == '#') continue;
    const bool first = std::exchange(part.heading_possible, false);
    if (first && text->find("://") == std::string::npos) continue;
    return Status::kLine;
  }
}

FeedSource::Status FeedSource::ReadRawLine(Part& part, std::string* line) {
  for (;;) {
    bool quoted = false;
    const std::size_t end = part.csv ? EndOfCsvRow(part.buffer, part.consumed, &quoted)
                                     : part.buffer.find('\n', part.consumed);
    if (end != std::string::npos) {
      *line = part.buffer.substr(part.consumed, end - part.consumed);
      part.consumed = end + 1;
      if (part.csv)
        part.line += 1 + static_cast<std::size_t>(std::count(line->begin(), line->end(), '\n'));
      return Status::kLine;
    }
    part.buffer.erase(0, std::exchange(part.consumed, 0));
    const bool too_long = quoted && part.buffer.size() > kMostRowBytes;
    if (too_long || (part.at_end && quoted)) {
      failure_ = part.path + ":" + std::to_string(part.line) +
                 ": expected \" at the end of a field" +
                 (too_long ? " within " + std::to_string(kMostRowBytes) + " bytes" : "");
      return Status::kEnd;
    }
    if (part.at_end) {
      if (part.buffer.empty()) return Status::kEnd;
      *line = std::exchange(part.buffer, {});
      return Status::kLine;
    }
    pollfd ready{.fd = part.fd.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 0) == 0) return Status::kWait;
    char chunk[64 << 10];
    const ssize_t n = ::read(part.fd.get(), chunk, sizeof chunk);
    if (n > 0) part.buffer.append(chunk, static_cast<std::size_t>(n));
    if (part.buffer.size() >= 3 && std::exchange(part.bom_possible, false) &&
        part.buffer.starts_with("\xEF\xBB\xBF")) {
      part.consumed = 3;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) failure_ = "cannot read " + part.path + ": " + std::strerror(errno);
    part.at_end = n <= 0;
  }
}

}  // namespace thresh
