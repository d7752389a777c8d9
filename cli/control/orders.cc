// `thresh pause`, `resume`, `drain` and `cancel`: what an operator orders the fetcher.

#include <cstdio>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "cli/control/ask.h"
#include "cli/control/commands.h"
#include "cli/control/report.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json_object.h"

namespace thresh {
namespace {

using simdjson::dom::element;

// Keeps asking until the answer comes, and shows how far it is. The answer's last line.
Result<std::string> AskAtLength(const DaemonPlace& place, const std::string& request,
                                const std::function<void(const element&)>& progress) {
  std::string answer;
  simdjson::dom::parser parser;
  Result<> asked = AskList(
      {place, "thresh-fetcher"}, request,
      [&](std::string_view line) {
        element root;
        if (parser.parse(line.data(), line.size())["progress"].get(root) == simdjson::SUCCESS) {
          progress(root);
        }
      },
      &answer);
  if (!asked) return asked.error();
  return answer;
}

std::uint64_t NumberIn(const std::string& answer, std::string_view key) {
  simdjson::dom::parser parser;
  std::uint64_t number = 0;
  if (parser.parse(answer)[key].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

int PauseOrResume(const char* command, const PauseOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(command, kExitUsage, place.error().detail);
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", command);
    if (!options.host.empty()) asked.Text("host", options.host);
  }
  Result<std::string> answer = AskLine({*place, "thresh-fetcher"}, request);
  if (!answer) return Complain(command, AskStatus(answer.error()), answer.error().detail);
  if (options.json) return PrintData(command, *answer + "\n", kExitDone);
  simdjson::dom::parser parser;
  element root;
  std::string_view fetching = "?";
  simdjson::dom::array hosts;
  std::string text;
  if (parser.parse(*answer).get(root) != simdjson::SUCCESS ||
      root["fetching"].get(fetching) != simdjson::SUCCESS) {
    return Complain(command, kExitInternal, "expected \"fetching\", found " + *answer);
  }
  text = "fetching: " + std::string(fetching) + "\n";
  if (root["hosts"].get(hosts) == simdjson::SUCCESS) {
    for (const element& host : hosts) {
      std::string_view name;
      if (host.get(name) == simdjson::SUCCESS) text += "paused: " + std::string(name) + "\n";
    }
  }
  return PrintData(command, text, kExitDone);
}

std::string RequestOf(const CancelOptions& options) {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", "cancel");
    if (!options.job.empty()) asked.Text("job", options.job);
    if (options.job_id != 0) asked.Number("job_id", options.job_id);
    if (!options.recipe.empty()) asked.Text("recipe", options.recipe);
    if (!options.host.empty()) asked.Text("host", options.host);
    if (options.all) asked.Bool("all", true);
    if (!options.urls.empty()) {
      asked.List("urls", options.urls,
                 [](const std::string& url, std::string* out) { AppendJsonString(url, out); });
    }
  }
  return request;
}

bool IsNarrowed(const CancelOptions& o) {
  return !o.job.empty() || o.job_id != 0 || !o.recipe.empty() || !o.host.empty() || !o.urls.empty();
}

}  // namespace

int PauseCommand(const PauseOptions& options) {
  return PauseOrResume("pause", options);
}

int ResumeCommand(const PauseOptions& options) {
  return PauseOrResume("resume", options);
}

int DrainCommand(const DrainOptions& options) {
  constexpr const char* kName = "drain";
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  std::uint64_t told = 0;
  const auto progress = [&](const element& now) {
    std::uint64_t left = 0;
    if (now["under_way"].get(left) != simdjson::SUCCESS || left == told) return;
    told = left;
    std::fprintf(stderr, "%s under way\n", Amount(left, "page").c_str());
  };
  Result<std::string> answer = AskAtLength(*place, R"({"op":"drain"})", progress);
  if (!answer) return Complain(kName, AskStatus(answer.error()), answer.error().detail);
  if (options.json) return PrintData(kName, *answer + "\n", kExitDone);
  const std::uint64_t pending = NumberIn(*answer, "pending");
  const std::string waits = Amount(pending, "URL") + (pending == 1 ? " waits" : " wait");
  return PrintData(kName, "nothing is under way; " + waits + " for thresh resume\n", kExitDone);
}

int CancelCommand(const CancelOptions& options) {
  constexpr const char* kName = "cancel";
  if (IsNarrowed(options) == options.all) {
    return Complain(kName, kExitUsage,
                    options.all ? "expected --all, or else what to cancel, found both"
                                : "expected --job, --job-id, --recipe, --host, URLs, or --all");
  }
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  std::uint64_t told = 0;
  const auto progress = [&](const element& now) {
    std::uint64_t count = 0;
    if (now["cancelled"].get(count) != simdjson::SUCCESS || count < told + 100'000) return;
    told = count;
    std::fprintf(stderr, "%s cancelled so far\n", WithThousands(count).c_str());
  };
  Result<std::string> answer = AskAtLength(*place, RequestOf(options), progress);
  if (!answer) return Complain(kName, AskStatus(answer.error()), answer.error().detail);
  const std::uint64_t count = NumberIn(*answer, "cancelled");
  const std::uint64_t under_way = NumberIn(*answer, "under_way");
  const int status = count + under_way > 0 ? kExitDone : kExitNothing;
  if (options.json) return PrintData(kName, *answer + "\n", status);
  if (status == kExitNothing) return Complain(kName, status, "no URL that waits is like that");
  std::string text = Amount(count, "URL") + " cancelled\n";
  if (under_way > 0) {
    text +=
        WithThousands(under_way) + (under_way == 1 ? " more is under way, and ends as it will\n"
                                                   : " more are under way, and end as they will\n");
  }
  return PrintData(kName, text, status);
}

}  // namespace thresh
