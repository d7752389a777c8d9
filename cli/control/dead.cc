// `thresh dead list` and `thresh dead retry`: what could not be had, and asking for it again.

#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "cli/commands.h"
#include "cli/control/ask.h"
#include "cli/control/report.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr const char* kList = "dead list";
constexpr const char* kRetry = "dead retry";

// Prints the letters that were not asked for again.
class LetterPrinter {
 public:
  LetterPrinter(std::string reason, std::set<std::string> retried)
      : reason_(std::move(reason)), retried_(std::move(retried)) {}

  void Take(std::string_view line) {
    element letter;
    if (parser_.parse(line.data(), line.size()).get(letter) != simdjson::SUCCESS) return;
    std::string_view id, reason;
    // A rejected row is of a page that is done: its id is no dead letter's.
    const bool row = letter["row"].error() == simdjson::SUCCESS;
    if (letter["id"].get(id) != simdjson::SUCCESS) id = {};
    if (letter["reason"].get(reason) != simdjson::SUCCESS) reason = {};
    if (!row && retried_.contains(std::string(id))) return;
    if (!reason_.empty() && reason != reason_) return;
    ++count_;
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  const std::string reason_;
  const std::set<std::string> retried_;
  simdjson::dom::parser parser_;
  std::uint64_t count_ = 0;
};

Result<std::set<std::string>> AskRetried(const DaemonPlace& place) {
  Result<std::string> answer = AskLine({place, "thresh-fetcher"}, R"({"op":"retried"})");
  if (!answer) return answer.error();
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array ids;
  std::set<std::string> retried;
  if (parser.parse(*answer).get(root) != simdjson::SUCCESS ||
      root["ids"].get(ids) != simdjson::SUCCESS) {
    return Error{Errc::kInternal, "expected \"ids\", found " + *answer};
  }
  for (const element& id : ids) {
    std::string_view text;
    if (id.get(text) == simdjson::SUCCESS) retried.emplace(text);
  }
  return retried;
}

std::string RequestOf(const DeadRetryOptions& options) {
  std::string request = R"({"op":"dead_retry")";
  if (!options.reason.empty()) request += ",\"reason\":" + JsonString(options.reason);
  if (!options.urls.empty()) {
    request += ",\"urls\":[";
    for (const std::string& url : options.urls) {
      if (request.back() != '[') request += ',';
      AppendJsonString(url, &request);
    }
    request += ']';
  }
  return request + "}";
}

}  // namespace

int DeadListCommand(const DeadListOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kList, kExitUsage, place.error().detail);
  Result<std::set<std::string>> retried = AskRetried(*place);
  LetterPrinter printer(options.reason, retried ? *retried : std::set<std::string>{});
  std::string request = R"({"op":"dead")";
  if (!options.reason.empty()) request += ",\"reason\":" + JsonString(options.reason);
  Result<> listed = AskList({*place, "thresh-sink"}, request + "}",
                            [&](std::string_view line) { printer.Take(line); });
  if (!listed) return Complain(kList, AskStatus(listed.error()), listed.error().detail);
  if (!retried) {
    std::fprintf(stderr, "thresh dead list: letters asked for again are among these: %s\n",
                 retried.error().detail.c_str());
  }
  return PrintData(kList, "", printer.count() > 0 ? kExitDone : kExitNothing);
}

int DeadRetryCommand(const DeadRetryOptions& options) {
  const bool narrowed = !options.reason.empty() || !options.urls.empty();
  if (narrowed == options.all) {
    return Complain(kRetry, kExitUsage,
                    options.all ? "expected --all, or else --reason or URLs, found both"
                                : "expected --reason REASON, URLs, or --all");
  }
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kRetry, kExitUsage, place.error().detail);
  Result<std::string> answer = AskLine({*place, "thresh-fetcher"}, RequestOf(options));
  if (!answer) return Complain(kRetry, AskStatus(answer.error()), answer.error().detail);
  simdjson::dom::parser parser;
  element root;
  std::uint64_t retried = 0;
  if (parser.parse(*answer).get(root) != simdjson::SUCCESS ||
      root["retried"].get(retried) != simdjson::SUCCESS) {
    return Complain(kRetry, kExitInternal, "expected \"retried\", found " + *answer);
  }
  const int status = retried > 0 ? kExitDone : kExitNothing;
  if (options.json) return PrintData(kRetry, *answer + "\n", status);
  if (retried == 0) return Complain(kRetry, status, "no dead letter is like that");
  const std::string letters = Amount(retried, "dead letter") + (retried == 1 ? " is" : " are");
  return PrintData(kRetry, letters + " asked for again\n", status);
}

}  // namespace thresh
