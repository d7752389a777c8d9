#include "fetcher/control/control_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include <simdjson.h>

namespace thresh {
namespace {

using simdjson::dom::element;
using Op = ControlRequest::Op;

constexpr std::array kOps{std::pair<std::string_view, Op>{"status", Op::kStatus},
                          std::pair<std::string_view, Op>{"watch", Op::kWatch},
                          std::pair<std::string_view, Op>{"ledger", Op::kLedger},
                          std::pair<std::string_view, Op>{"why", Op::kWhy},
                          std::pair<std::string_view, Op>{"dead_retry", Op::kDeadRetry},
                          std::pair<std::string_view, Op>{"retried", Op::kRetried},
                          std::pair<std::string_view, Op>{"metrics", Op::kMetrics},
                          std::pair<std::string_view, Op>{"hosts", Op::kHosts},
                          std::pair<std::string_view, Op>{"parsers", Op::kParsers},
                          std::pair<std::string_view, Op>{"pause", Op::kPause},
                          std::pair<std::string_view, Op>{"resume", Op::kResume},
                          std::pair<std::string_view, Op>{"drain", Op::kDrain},
                          std::pair<std::string_view, Op>{"cancel", Op::kCancel},
                          std::pair<std::string_view, Op>{"jobs", Op::kJobs},
                          std::pair<std::string_view, Op>{"search", Op::kSearch},
                          std::pair<std::string_view, Op>{"tap", Op::kTap}};
constexpr std::uint64_t kMostListed = 1000;

Error Expected(std::string_view what, std::string_view found) {
  return {Errc::kInvalid,
          "expected " + std::string(what) + ", found " + std::string(found.substr(0, 100))};
}

Result<Op> OpOf(const element& root) {
  std::string_view name;
  if (root["op"].get(name) == simdjson::SUCCESS) {
    for (const auto& [known, op] : kOps) {
      if (known == name) return op;
    }
  }
  std::string names;
  for (const auto& [known, op] : kOps) names += (names.empty() ? "" : ", ") + std::string(known);
  return Expected("{\"op\": one of " + names + "}", std::string(simdjson::minify(root)));
}

Result<> ReadText(const element& root, std::string_view key, std::string* out) {
  element value;
  if (root[key].get(value) != simdjson::SUCCESS || value.is_null()) return Ok{};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return Expected(std::string(key) + ": a string", std::string(simdjson::minify(value)));
  }
  *out = text;
  return Ok{};
}

template <typename Number>
Result<> ReadNumber(const element& root, std::string_view key, const char* what, Number* out) {
  element value;
  if (root[key].get(value) != simdjson::SUCCESS || value.is_null()) return Ok{};
  if (value.get(*out) == simdjson::SUCCESS) return Ok{};
  return Expected(std::string(key) + ": " + what, std::string(simdjson::minify(value)));
}

Result<> ReadTexts(const element& root, ControlRequest* r) {
  const std::pair<std::string_view, std::string*> texts[] = {
      {"url", &r->url}, {"reason", &r->reason}, {"recipe", &r->recipe}, {"host", &r->host},
      {"job", &r->job}, {"stage", &r->stage},   {"from", &r->from}};
  for (const auto& [key, out] : texts) {
    if (Result<> read = ReadText(root, key, out); !read) return read;
  }
  return Ok{};
}

Result<> ReadNumbers(const element& root, ControlRequest* r) {
  if (Result<> read = ReadNumber(root, "limit", "a number", &r->limit); !read) return read;
  if (Result<> read = ReadNumber(root, "job_id", "a number", &r->job_id); !read) return read;
  if (Result<> read = ReadNumber(root, "per_s", "a number", &r->per_s); !read) return read;
  if (Result<> read = ReadNumber(root, "all", "true or false", &r->all); !read) return read;
  r->limit = std::clamp<std::uint64_t>(r->limit, 1, kMostListed);
  return Ok{};
}

Result<> ReadList(const element& root, std::string_view key, std::vector<std::string>* out) {
  element list;
  if (root[key].get(list) != simdjson::SUCCESS || list.is_null()) return Ok{};
  simdjson::dom::array values;
  if (list.get(values) != simdjson::SUCCESS) {
    return Expected(std::string(key) + ": a list of strings", std::string(simdjson::minify(list)));
  }
  for (const element value : values) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return Expected(std::string(key) + ": strings", std::string(simdjson::minify(value)));
    }
    out->emplace_back(text);
  }
  return Ok{};
}

}  // namespace

Result<ControlRequest> ParseControlLine(std::string_view line) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return Expected("a JSON object with \"op\"", line);
  }
  ControlRequest request;
  Result<Op> op = OpOf(root);
  if (!op) return op.error();
  request.op = *op;
  if (Result<> read = ReadTexts(root, &request); !read) return read.error();
  if (Result<> read = ReadNumbers(root, &request); !read) return read.error();
  if (Result<> read = ReadList(root, "urls", &request.urls); !read) return read.error();
  if (Result<> read = ReadList(root, "recipes", &request.recipes); !read) return read.error();
  if (element urls;
      request.urls.empty() && root["urls"].get(urls) == simdjson::SUCCESS && !urls.is_null()) {
    return Expected("urls: some, or no such key for any", "[]");  // None is not all.
  }
  const bool needs_url = request.op == Op::kWhy || request.op == Op::kSearch;
  if (needs_url && request.url.empty()) return Expected("a \"url\"", line);
  if (request.op == Op::kTap && request.stage != "fetch" && request.stage != "parse") {
    return Expected("\"stage\": fetch or parse (the sink has a socket of its own)", line);
  }
  return request;
}

}  // namespace thresh
