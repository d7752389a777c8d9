// `thresh why URL`: what has become of it.

#include <optional>
#include <string>

#include <simdjson.h>

#include "cli/commands.h"
#include "cli/control/ask.h"
#include "cli/control/report.h"
#include "cli/page/point_out.h"
#include "cli/run/run_record.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr const char* kName = "why";
constexpr std::size_t kBodyWidth = 60;

std::string Text(const element& task, std::string_view key) {
  std::string_view text;
  return task[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// `, POST {"page":2}`; nothing for a plain GET.
std::string Request(const element& task) {
  const std::string method = Text(task, "method"), body = Text(task, "body_start");
  if (body.empty()) return method.empty() || method == "GET" ? "" : ", " + method;
  std::uint64_t bytes = 0;
  if (task["body_bytes"].get(bytes) != simdjson::SUCCESS) bytes = 0;
  std::string text = ", " + method + " " + CutLine(body, kBodyWidth);
  if (bytes > body.size()) text += "… (" + std::to_string(bytes) + " bytes)";
  return text;
}

// `task 7, recipe quotes: dead (http_404) after 1 request, 2026-…Z`
std::string Sentence(const element& task) {
  std::uint64_t attempts = 0;
  if (task["attempts"].get(attempts) != simdjson::SUCCESS) attempts = 0;
  const std::string reason = Text(task, "reason"), at = Text(task, "at"), due = Text(task, "due");
  std::string line = "task " + Text(task, "id") + ", recipe " + Text(task, "recipe");
  line += Request(task) + ": " + Text(task, "state");
  if (!reason.empty()) line += " (" + reason + ")";
  if (attempts > 0) {
    line += " after " + std::to_string(attempts) + (attempts == 1 ? " request" : " requests");
  }
  if (!at.empty()) line += ", " + at;
  if (!due.empty()) line += ", due " + due;
  line += "\n";
  simdjson::dom::array hops;
  if (task["redirects"].get(hops) != simdjson::SUCCESS) return line;
  for (const element& hop : hops) {
    std::uint64_t status = 0;
    if (hop["status"].get(status) != simdjson::SUCCESS) status = 0;
    line += "    " + std::to_string(status) + " to " + Text(hop, "url") + "\n";
  }
  return line;
}

// A fetcher that was started for the question has no recipes: the run has written theirs down.
std::string Question(const std::string& url, const std::string& state) {
  const Result<std::optional<RunRecord>> run = ReadRunRecord(state);
  std::string names;
  if (run && *run) {
    for (const std::string& name : (*run)->recipes) {
      names += (names.empty() ? "" : ",") + JsonString(name);
    }
  }
  return R"({"op":"why","url":)" + JsonString(url) + R"(,"recipes":[)" + names + "]}";
}

}  // namespace

int WhyCommand(const WhyOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  Result<std::string> answer =
      AskLine({*place, "thresh-fetcher"}, Question(options.url, place->state));
  if (!answer) return Complain(kName, AskStatus(answer.error()), answer.error().detail);
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array tasks;
  if (parser.parse(*answer).get(root) != simdjson::SUCCESS ||
      root["tasks"].get(tasks) != simdjson::SUCCESS) {
    return Complain(kName, kExitInternal, "expected \"tasks\", found " + *answer);
  }
  const int status = tasks.size() > 0 ? kExitDone : kExitNothing;
  if (options.json) return PrintData(kName, *answer + "\n", status);
  const std::string url = Text(root, "url");
  if (tasks.size() == 0) {
    return Complain(kName, status,
                    url +
                        ": never seen: it was not fed, and no page that is done "
                        "has a link to it that a recipe follows");
  }
  std::string text = url + "\n";
  for (const element& task : tasks) text += "  " + Sentence(task);
  return PrintData(kName, text, status);
}

}  // namespace thresh
