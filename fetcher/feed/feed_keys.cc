#include "fetcher/feed/feed_keys.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "lib/base/duration.h"
#include "lib/base/time.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr std::size_t kMostMethodBytes = 32;
constexpr std::int64_t kMostSeconds = std::int64_t{3653} * 86'400;

// What the fetcher says of each request itself.
constexpr std::array<std::string_view, 4> kOwnHeaders{"connection", "content-length", "host",
                                                      "transfer-encoding"};

// A token (RFC 9110, 5.6.2).
bool IsToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != kOthers.npos);
  });
}

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

std::string Mapped(std::string_view text, int (*map)(int)) {
  std::string mapped(text);
  std::transform(mapped.begin(), mapped.end(), mapped.begin(),
                 [map](unsigned char c) { return static_cast<char>(map(c)); });
  return mapped;
}

bool HasHeader(const FeedRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

// In a template a brace that opens nothing is doubled. Those in strings are the writer's own.
std::string WithDoubledBraces(std::string_view json) {
  std::string text;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    text += c;
    if (in_string && c == '\\') {
      text += json[++at];
    } else if (c == '"') {
      in_string = !in_string;
    } else if (c == '{' && !in_string) {
      text += c;
    }
  }
  return text;
}

// Seconds or a duration, in milliseconds; nullopt if it is neither.
std::optional<std::int64_t> ReadSpan(const element& value) {
  std::int64_t seconds = 0;
  if (value.get(seconds) == simdjson::SUCCESS) {
    if (seconds < 0 || seconds > kMostSeconds) return std::nullopt;
    return seconds * 1000;
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto duration = ParseDuration(text);
  if (!duration) return std::nullopt;
  return duration->count();
}

}  // namespace

Error ExpectedInFeed(std::string_view key, std::string_view what, const element& found) {
  return {Errc::kInvalid, std::string(key) + ": expected " + std::string(what) + ", found " +
                              std::string(simdjson::minify(found)).substr(0, 100)};
}

Result<> ReadMethod(const element& value, FeedRequest* request) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS && IsToken(text) && text.size() <= kMostMethodBytes) {
    request->method = Mapped(text, std::toupper);
    if (request->method != "CONNECT") return Ok{};
  }
  return ExpectedInFeed("method", "a method such as \"POST\"", value);
}

Result<> ReadHeaders(const element& value, FeedRequest* request) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return ExpectedInFeed("headers", "an object", value);
  for (const auto& [name, text] : object) {
    std::string lower = Mapped(name, std::tolower);
    std::string_view content;
    if (!IsToken(name)) {
      return Error{Errc::kInvalid, "headers: expected a header's name, found \"" +
                                       std::string(name.substr(0, 100)) + "\""};
    }
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower) != kOwnHeaders.end()) {
      return Error{Errc::kInvalid, "headers: \"" + lower + "\" is what thresh sets itself"};
    }
    if (HasHeader(*request, lower)) {
      return Error{Errc::kInvalid, "headers: found \"" + lower + "\" twice"};
    }
    if (text.get(content) != simdjson::SUCCESS || !IsOneLine(content)) {
      return ExpectedInFeed("headers", "one line of text for \"" + lower + "\"", text);
    }
    request->headers.emplace_back(std::move(lower), content);
  }
  return Ok{};
}

Result<> ReadBody(const element& value, FeedRequest* request) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    request->body = std::string(text);
    return Ok{};
  }
  if (!value.is_object() && !value.is_array()) {
    return ExpectedInFeed("body", "a string, or an object or array for JSON", value);
  }
  request->json_body = true;
  request->body = simdjson::minify(value);
  return Ok{};
}

Result<> ReadExpires(const element& value, FeedRequest* request) {
  std::string_view text;
  if (const auto span = ReadSpan(value); span && *span > 0) {
    request->expires_in_ms = *span;
    return Ok{};
  }
  if (value.get(text) == simdjson::SUCCESS) {
    if (const auto at_ms = ParseUtc(text)) {
      request->expires_at_ms = *at_ms;
      return Ok{};
    }
  }
  return ExpectedInFeed("expires",
                        "seconds, a duration such as \"6h\", or a time such as "
                        "\"2030-01-31T12:00:00Z\"",
                        value);
}

Result<> ReadRefresh(const element& value, FeedRequest* request) {
  const auto span = ReadSpan(value);
  if (!span || (*span > 0 && *span < 1000)) {
    return ExpectedInFeed("refresh", "a duration such as \"6h\", from a second on", value);
  }
  request->refresh_ms = *span;
  return Ok{};
}

Result<> FinishRequest(FeedRequest* request) {
  if (request->resume && request->dont_filter && request->n == 0) {
    return Error{Errc::kInvalid, "resume: expected \"n\" beside it: which line it is"};
  }
  if (!request->body) return Ok{};
  if (request->method.empty()) request->method = "POST";
  if (!request->json_body) return Ok{};
  if (request->templated) request->body = WithDoubledBraces(*request->body);
  if (!HasHeader(*request, "content-type")) {
    request->headers.emplace_back("content-type", "application/json");
  }
  return Ok{};
}

}  // namespace thresh
