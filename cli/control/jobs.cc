// `thresh jobs`: jobs that have not ended, and how far they are.

#include <algorithm>
#include <string>
#include <vector>

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

constexpr const char* kName = "jobs";

std::string RequestOf(const JobsOptions& options, const std::string& from, std::uint64_t limit) {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", kName);
    asked.Number("limit", std::min<std::uint64_t>(limit, 1000));
    if (!options.job.empty()) asked.Text("job", options.job);
    if (!from.empty()) asked.Text("from", from);
  }
  return request;
}

std::string Text(const element& job, std::string_view key) {
  std::string_view text;
  return job[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string Line(const element& job) {
  const auto count = [&](const char* key) {
    std::uint64_t value = 0;
    return job[key].get(value) == simdjson::SUCCESS ? value : 0;
  };
  const auto number = [&](const char* key) { return WithThousands(count(key)); };
  const std::string label = Text(job, "job");
  std::string line = "job " + Text(job, "id") + (label.empty() ? "" : " (" + label + ")") + ": " +
                     number("pending") + " pending, " + number("done") + " done, " +
                     number("dead") + " dead, " + number("dropped") + " dropped, " +
                     Amount(count("records"), "record") + ", recipe " + Text(job, "recipe") + ", " +
                     Text(job, "url");
  return line + "\n";
}

}  // namespace

int JobsCommand(const JobsOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  simdjson::dom::parser parser;
  std::string from, text;
  std::uint64_t left = options.limit;
  do {
    Result<std::string> answer =
        AskLine({*place, "thresh-fetcher"}, RequestOf(options, from, left));
    if (!answer) return Complain(kName, AskStatus(answer.error()), answer.error().detail);
    element root;
    simdjson::dom::array jobs;
    if (parser.parse(*answer).get(root) != simdjson::SUCCESS ||
        root["jobs"].get(jobs) != simdjson::SUCCESS) {
      return Complain(kName, kExitInternal, "expected \"jobs\", found " + *answer);
    }
    for (const element& job : jobs) {
      text += options.json ? std::string(simdjson::minify(job)) + "\n" : Line(job);
    }
    left -= std::min<std::uint64_t>(left, jobs.size());
    from = Text(root, "next");
  } while (left > 0 && !from.empty());
  const int status = text.empty() ? kExitNothing : kExitDone;
  if (status == kExitNothing) return Complain(kName, status, "no job is open");
  const int printed = PrintData(kName, text, status);
  if (!from.empty()) Complain(kName, 0, "there are more: --limit lists them");
  return printed;
}

}  // namespace thresh
