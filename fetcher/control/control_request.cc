#include "fetcher/control/control_request.h"

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
                          std::pair<std::string_view, Op>{"retried", Op::kRetried}};

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
  return Expected(R"({"op": one of status, watch, ledger, why, dead_retry, retried})",
                  std::string(simdjson::minify(root)));
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

Result<> ReadUrls(const element& root, std::vector<std::string>* urls) {
  simdjson::dom::array values;
  if (root["urls"].get(values) != simdjson::SUCCESS) return Ok{};
  for (const element value : values) {
    std::string_view url;
    if (value.get(url) != simdjson::SUCCESS) {
      return Expected("urls: strings", std::string(simdjson::minify(value)));
    }
    urls->emplace_back(url);
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
  if (Result<> read = ReadText(root, "url", &request.url); !read) return read.error();
  if (Result<> read = ReadText(root, "reason", &request.reason); !read) return read.error();
  if (Result<> read = ReadUrls(root, &request.urls); !read) return read.error();
  if (request.op == Op::kWhy && request.url.empty()) return Expected("a \"url\"", line);
  return request;
}

}  // namespace thresh
