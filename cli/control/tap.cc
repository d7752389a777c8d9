// `thresh tap`: some of what passes a stage, as it passes.

#include <chrono>
#include <cstdio>
#include <string>

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

constexpr const char* kName = "tap";
constexpr std::chrono::hours kLong{24 * 365};

std::string RequestOf(const TapOptions& options) {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", kName);
    asked.Text("stage", options.stage);
    asked.Real("per_s", options.per_s);
    if (!options.recipe.empty()) asked.Text("recipe", options.recipe);
    if (!options.host.empty()) asked.Text("host", options.host);
  }
  return request;
}

// As it is safe to show: what pages say may move a cursor.
std::string Shown(const element& event, std::string_view key) {
  std::string_view text;
  if (event[key].get(text) != simdjson::SUCCESS) return {};
  const std::string quoted = JsonString(text);
  return quoted.substr(1, quoted.size() - 2);
}

std::uint64_t Number(const element& event, std::string_view key) {
  std::uint64_t number = 0;
  return event[key].get(number) == simdjson::SUCCESS ? number : 0;
}

std::string Milliseconds(const element& event) {
  double ms = 0;
  if (event["ms"].get(ms) != simdjson::SUCCESS) return "?";
  char text[32];
  std::snprintf(text, sizeof text, ms < 10 ? "%.1f ms" : "%.0f ms", ms);
  return text;
}

// `12:00:00.123  200  18.2 KB  12 ms  page  https://…`
std::string Line(const std::string& stage, const element& event) {
  std::string line = Shown(event, "at");
  line = line.size() > 23 ? line.substr(11, 12) : line;
  if (stage == "fetch") {
    const std::string failure = Shown(event, "failure");
    line += "  " + (failure.empty() ? std::to_string(Number(event, "status")) : failure) + "  " +
            AsBytes(Number(event, "bytes")) + "  " + Milliseconds(event);
  } else if (stage == "parse") {
    line += "  parser " + std::to_string(Number(event, "pid")) + "  " + Milliseconds(event);
  } else {
    line += "  " + Shown(event, "outcome") + "  " + Amount(Number(event, "records"), "record");
  }
  line += "  " + Shown(event, "recipe") + "  " + Shown(event, "url");
  const std::uint64_t skipped = Number(event, "skipped");
  if (skipped > 0) line += "  (after " + WithThousands(skipped) + " not shown)";
  return line;
}

bool Print(const std::string& line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
         std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
}

}  // namespace

int TapCommand(const TapOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  const Daemon daemon{*place, options.stage == "sink" ? "thresh-sink" : "thresh-fetcher", true};
  simdjson::dom::parser parser;
  std::uint64_t shown = 0;
  std::string refused;
  bool written = true;
  const auto take = [&](std::string_view line) {
    element event;
    if (parser.parse(line.data(), line.size()).get(event) != simdjson::SUCCESS) return false;
    bool ok = true;
    if (event["ok"].get(ok) == simdjson::SUCCESS) {
      if (!ok) refused = Shown(event, "error");
      return !ok;
    }
    written = Print(options.json ? std::string(line) : Line(options.stage, event));
    return !written || ++shown == options.count;
  };
  Result<> asked = AskDaemon(daemon, RequestOf(options), take, kLong);
  if (!asked) return Complain(kName, AskStatus(asked.error()), asked.error().detail);
  if (!refused.empty()) return Complain(kName, kExitBadInput, refused);
  return written ? kExitDone : kExitCannotWrite;
}

}  // namespace thresh
