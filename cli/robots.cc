// `thresh robots --agent A FILE URL…`: what a robots.txt says of these URLs to this crawler.

#include "fetcher/politeness/robots.h"

#include <chrono>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/fetch_page.h"
#include "cli/page/output.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr const char* kName = "robots";

// The path of what was typed: a path as it is, a URL as it would be asked for.
Result<std::string> PathOf(const std::string& typed) {
  if (typed.empty() || typed.front() == '/') return std::string(RobotsPathOf(typed));
  Result<Url> url = Url::Parse(typed);
  if (!url) return url.error();
  if (!url->is_http()) {
    return Error{Errc::kInvalid, "expected an http or https URL or a path, found " + typed};
  }
  return std::string(url->path_and_query());
}

// As it was written, but for what would break the line or the terminal.
std::string Printable(std::string_view text) {
  const std::string whole = RepairUtf8(text);
  std::string out;
  for (std::size_t at = 0; at < whole.size();) {
    const Utf8Char c = DecodeUtf8(whole, at);
    const bool is_control = c.code_point < 0x20 || (c.code_point >= 0x7F && c.code_point < 0xA0);
    out += is_control ? "?" : whole.substr(at, c.length);
    at += c.length;
  }
  return out;
}

std::string RuleText(const Robots::Rule& rule) {
  return (rule.allow ? "Allow: " : "Disallow: ") + rule.text;
}

std::string LineOf(const std::string& typed, const Robots::Verdict& verdict) {
  const std::string rule = verdict.rule != nullptr ? Printable(RuleText(*verdict.rule)) : "-";
  return (verdict.allowed ? "allow\t" : "deny\t") + rule + "\t" + Printable(typed) + "\n";
}

std::string JsonOf(const std::string& typed, const Robots::Verdict& verdict) {
  std::string json =
      "{\"url\":" + JsonString(typed) + ",\"allowed\":" + (verdict.allowed ? "true" : "false");
  if (verdict.rule != nullptr) {
    json += ",\"rule\":" + JsonString(RuleText(*verdict.rule)) +
            ",\"line\":" + std::to_string(verdict.rule->line);
  }
  return json + "}\n";
}

std::string Seconds(std::chrono::milliseconds delay) {
  std::string text = std::to_string(delay.count() / 1000);
  if (const auto ms = delay.count() % 1000; ms != 0) {
    text += "." + std::to_string(1000 + ms).substr(1);
  }
  return text;
}

std::string Summary(const Robots& robots) {
  std::string text;
  for (const Robots::Rule& rule : robots.rules()) text += Printable(RuleText(rule)) + "\n";
  if (robots.crawl_delay()) text += "Crawl-delay: " + Seconds(*robots.crawl_delay()) + "\n";
  for (const std::string& url : robots.sitemaps()) text += "Sitemap: " + Printable(url) + "\n";
  return text;
}

}  // namespace

int RobotsCommand(const RobotsCommandOptions& options) {
  const Result<std::string> body = ReadInput(options.file);
  if (!body) return Complain(kName, kExitBadInput, body.error().detail);
  const Robots robots = Robots::Parse(*body, options.agent);
  Output output(kName);
  if (options.urls.empty()) output.Write(Summary(robots));
  int status = kExitDone;
  for (const std::string& typed : options.urls) {
    const Result<std::string> asked = PathOf(typed);
    if (!asked) {
      status = Complain(kName, kExitBadInput, asked.error().detail);
      continue;
    }
    const Robots::Verdict verdict = robots.Match(*asked);
    output.Write(options.json ? JsonOf(typed, verdict) : LineOf(typed, verdict));
  }
  return output.Finish(status);
}

}  // namespace thresh
