// `thresh url [--base B] URL…`: what a URL is once it is parsed, or why it is none.

#include "lib/url/url.h"

#include <optional>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/output.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr const char* kName = "url";

void Add(std::string* json, std::string_view key, std::string_view value) {
  json->append(json->size() == 1 ? "" : ",").append(JsonString(key)).append(":");
  json->append(JsonString(value));
}

std::string JsonOf(std::string_view input, const Url& url) {
  std::string json = "{";
  Add(&json, "input", input);
  Add(&json, "href", url.href());
  Add(&json, "origin", url.origin());
  Add(&json, "scheme", url.scheme());
  Add(&json, "username", url.username());
  Add(&json, "password", url.password());
  Add(&json, "host", url.host());
  Add(&json, "hostname", url.hostname());
  json += ",\"port\":" + (url.port() ? std::to_string(*url.port()) : "null");
  Add(&json, "path", url.path());
  if (url.has_query()) Add(&json, "query", url.query());
  if (url.has_fragment()) Add(&json, "fragment", url.fragment());
  return json + "}\n";
}

std::string JsonOf(std::string_view input, const Error& error) {
  std::string json = "{";
  Add(&json, "input", input);
  Add(&json, "error", error.detail);
  return json + "}\n";
}

}  // namespace

int UrlCommand(const UrlOptions& options) {
  std::optional<Url> base;
  if (!options.base.empty()) {
    Result<Url> parsed = Url::Parse(options.base);
    if (!parsed) return Complain(kName, kExitBadInput, "--base: " + parsed.error().detail);
    base = std::move(*parsed);
  }
  Output output(kName);
  int status = kExitDone;
  for (const std::string& input : options.urls) {
    const Result<Url> url = base ? Url::Parse(input, *base) : Url::Parse(input);
    if (url) {
      output.Write(options.json ? JsonOf(input, *url) : url->href() + "\n");
      continue;
    }
    status = kExitBadInput;
    if (options.json) {
      output.Write(JsonOf(input, url.error()));
    } else {
      Complain(kName, status, url.error().detail);
    }
  }
  return output.Finish(status);
}

}  // namespace thresh
