#include "fetcher/feed/feed_line.h"

#include <simdjson.h>

#include "fetcher/feed/feed_keys.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

using simdjson::dom::element;

Result<> ReadText(std::string_view key, const element& value, std::string* out) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return ExpectedInFeed(key, "a string", value);
  *out = text;
  return Ok{};
}

Result<> ReadFlag(std::string_view key, const element& value, bool* out) {
  if (value.get(*out) == simdjson::SUCCESS) return Ok{};
  return ExpectedInFeed(key, "true or false", value);
}

Result<> ReadKey(std::string_view key, const element& value, FeedRequest* request) {
  if (key == "url") return ReadText(key, value, &request->url);
  if (key == "recipe") return ReadText(key, value, &request->recipe);
  if (key == "job") return ReadText(key, value, &request->job);
  if (key == "n") {
    if (value.get(request->n) == simdjson::SUCCESS && request->n > 0) return Ok{};
    return ExpectedInFeed(key, "a whole number from 1 on", value);
  }
  if (key == "priority") {
    if (value.get(request->priority) == simdjson::SUCCESS) return Ok{};
    return ExpectedInFeed(key, "a whole number", value);
  }
  if (key == "dont_filter") return ReadFlag(key, value, &request->dont_filter);
  if (key == "resume") return ReadFlag(key, value, &request->resume);
  if (key == "template") return ReadFlag(key, value, &request->templated);
  if (key == "meta") {
    if (!value.is_object()) return ExpectedInFeed(key, "an object", value);
    request->meta = EscapeInJson(std::string(simdjson::minify(value)));
    return Ok{};
  }
  if (key == "method") return ReadMethod(value, request);
  if (key == "headers") return ReadHeaders(value, request);
  if (key == "body") return ReadBody(value, request);
  if (key == "expires") return ReadExpires(value, request);
  if (key == "refresh") return ReadRefresh(value, request);
  return Error{Errc::kInvalid, "unknown key \"" + std::string(key) +
                                   "\" (expected url, recipe, priority, meta, job, n, dont_filter, "
                                   "resume, method, headers, body, template, expires, refresh)"};
}

// What JSON allows, but no value of ours can hold.
std::string WhyNot(simdjson::error_code error) {
  if (error == simdjson::NUMBER_ERROR) {
    return "a number is none, or beyond 64 bits: write it as a string";
  }
  if (error == simdjson::STRING_ERROR) {
    return "a string is none, or has half of a surrogate pair (\\ud83d) alone";
  }
  return simdjson::error_message(error);
}

Result<FeedRequest> ParseObject(std::string_view line) {
  static simdjson::dom::parser parser;  // Keeps its buffers; only the loop's thread is here.
  element root;
  if (const auto why = parser.parse(line.data(), line.size()).get(root)) {
    return Error{Errc::kInvalid, "expected a URL or a JSON object: " + WhyNot(why)};
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return ExpectedInFeed("line", "a JSON object", root);
  FeedRequest request;
  for (const auto& [key, value] : object) {
    if (Result<> read = ReadKey(key, value, &request); !read) return read.error();
  }
  if (request.url.empty()) return Error{Errc::kInvalid, "expected a \"url\""};
  if (Result<> finished = FinishRequest(&request); !finished) return finished.error();
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
