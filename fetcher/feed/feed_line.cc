#include "fetcher/feed/feed_line.h"

#include <array>

#include <simdjson.h>

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr std::array<std::string_view, 4> kNotBuilt{"method", "headers", "body", "expires"};

Error Expected(std::string_view key, std::string_view what, const element& found) {
  return {Errc::kInvalid, std::string(key) + ": expected " + std::string(what) + ", found " +
                              std::string(simdjson::minify(found)).substr(0, 100)};
}

Result<> ReadText(std::string_view key, const element& value, std::string* out) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return Expected(key, "a string", value);
  *out = text;
  return Ok{};
}

Result<> ReadKey(std::string_view key, const element& value, FeedRequest* request) {
  if (key == "url") return ReadText(key, value, &request->url);
  if (key == "recipe") return ReadText(key, value, &request->recipe);
  if (key == "job") return ReadText(key, value, &request->job);
  if (key == "n") {
    if (value.get(request->n) == simdjson::SUCCESS && request->n > 0) return Ok{};
    return Expected(key, "a whole number from 1 on", value);
  }
  if (key == "priority") {
    if (value.get(request->priority) == simdjson::SUCCESS) return Ok{};
    return Expected(key, "a whole number", value);
  }
  if (key == "dont_filter") {
    if (value.get(request->dont_filter) == simdjson::SUCCESS) return Ok{};
    return Expected(key, "true or false", value);
  }
  if (key == "meta") {
    if (!value.is_object()) return Expected(key, "an object", value);
    request->meta = simdjson::minify(value);
    return Ok{};
  }
  for (const std::string_view name : kNotBuilt) {
    if (key == name) return Error{Errc::kInvalid, "\"" + std::string(key) + "\" is not built yet"};
  }
  return Error{Errc::kInvalid,
               "unknown key \"" + std::string(key) +
                   "\" (expected url, recipe, priority, meta, job, n, dont_filter)"};
}

Result<FeedRequest> ParseObject(std::string_view line) {
  static simdjson::dom::parser parser;  // Keeps its buffers; only the loop's thread is here.
  element root;
  if (const auto why = parser.parse(line.data(), line.size()).get(root)) {
    return Error{Errc::kInvalid,
                 "expected a URL or a JSON object: " + std::string(simdjson::error_message(why))};
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Expected("line", "a JSON object", root);
  FeedRequest request;
  for (const auto& [key, value] : object) {
    if (Result<> read = ReadKey(key, value, &request); !read) return read.error();
  }
  if (request.url.empty()) return Error{Errc::kInvalid, "expected a \"url\""};
  return request;
}

}  // namespace

Result<FeedRequest> ParseFeedLine(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  if (line.empty()) return Error{Errc::kInvalid, "expected a URL or a JSON object, found nothing"};
  if (line.front() == '{') return ParseObject(line);
  return FeedRequest{.url = std::string(line)};
}

}  // namespace thresh
