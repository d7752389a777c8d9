#include "cli/run/summary.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "cli/numbers.h"

namespace thresh {
namespace {

constexpr std::size_t kMostReasons = 20;  // In a line for people.

// What was found most often to stand in the way, and in how many of the looks.
std::string HeldBack(const CrawlStatus& s) {
  std::uint64_t looks = 0;
  const std::pair<const std::string, std::uint64_t>* most = nullptr;
  for (const auto& entry : s.held_back) {
    looks += entry.second;
    if (most == nullptr || entry.second > most->second) most = &entry;
  }
  if (most == nullptr) return "nothing for long";
  return most->first + " (" + std::to_string(most->second * 100 / looks) + " % of the time)";
}

// Fetcher and sink first: they are what a person would want to know of.
std::string Restarts(const std::map<std::string, std::uint64_t>& restarts) {
  std::string text;
  const auto add = [&](const char* program, const char* name) {
    const auto found = restarts.find(program);
    if (found == restarts.end()) return;
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + WithThousands(found->second);
  };
  add("thresh-fetcher", "fetcher");
  add("thresh-sink", "sink");
  add("thresh-parser", "parsers");
  return text;
}

std::string Balance(const CrawlStatus& s) {
  std::string text = "fed " + std::to_string(s.fed) + " + followed " + std::to_string(s.followed);
  if (s.recrawled > 0) text += " + recrawled " + std::to_string(s.recrawled);
  if (s.retried > 0) text += " + retried " + std::to_string(s.retried);
  return text + " = done " + std::to_string(s.done) + " + dead " + std::to_string(s.dead_count()) +
         " + dropped " + std::to_string(s.dropped_count()) + " + pending " +
         std::to_string(s.pending);
}

std::string TakenUp(const CrawlStatus& before) {
  std::string text = "taken up again with " + WithThousands(before.done) + " done, ";
  if (before.dead_count() > 0) text += WithThousands(before.dead_count()) + " failed, ";
  if (before.dropped_count() > 0) text += WithThousands(before.dropped_count()) + " dropped, ";
  return text + WithThousands(before.pending) + " queued";
}

}  // namespace

std::string ReasonList(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> shown(counts.begin(), counts.end());
  std::uint64_t others = 0;
  if (shown.size() > kMostReasons) {
    std::stable_sort(shown.begin(), shown.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (std::size_t i = kMostReasons; i < shown.size(); ++i) others += shown[i].second;
    shown.resize(kMostReasons);
  }
  std::string text;
  for (const auto& [reason, count] : shown) {
    text += (text.empty() ? "" : ", ") + WithThousands(count) + " " + reason;
  }
  if (others == 0) return text;
  return text + ", " + WithThousands(others) + " for " +
         Amount(counts.size() - kMostReasons, "other reason");
}

std::string SummaryOf(const RunSummary& r) {
  const CrawlStatus& s = r.now;
  std::uint64_t ended = s.done + s.dead_count();
  if (r.resumed) ended -= std::min(ended, r.before.done + r.before.dead_count());
  // A fetcher that was killed did not tell what it counted last.
  const std::uint64_t pages =
      std::max(s.pages, s.done - std::min(s.done, r.resumed ? r.before.done : 0));
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.0f pages/s", static_cast<double>(ended) / r.seconds);
  std::string text = Amount(pages, "page") + " (" + AsBytes(s.body_bytes) + ") in " +
                     AsDuration(r.seconds) + ", " + rate + "; " + Amount(s.records, "record") +
                     (r.resumed ? " in all\n" : "\n");
  if (r.resumed) text += "  " + TakenUp(r.before) + "\n";
  text += FillLines(r.fills, s.records);
  if (!s.dead.empty()) {
    text += "  failed     " + ReasonList(s.dead);
    if (r.out != "-") text += "; see " + r.out + "/dead.ndjson";
    text += "\n";
  }
  if (!s.dropped.empty()) text += "  dropped    " + ReasonList(s.dropped) + "\n";
  // Feeding a list again to go on makes duplicates of all that it has.
  if (r.duplicates > 0 && !r.resumed) {
    text += "  duplicates " + WithThousands(r.duplicates) + " fed again\n";
  }
  if (s.refused > 0) text += "  refused    " + Amount(s.refused, "feed line") + "\n";
  const std::string restarts = Restarts(r.restarts);
  if (!restarts.empty()) text += "  restarted  " + restarts + "\n";
  text += "  held back  " + HeldBack(s) + "\n";
  text += "  balance    " + Balance(s) + "\n";
  return text;
}

bool NothingWasLeft(const RunSummary& r) {
  return r.resumed && r.before.pending == 0 && r.before.ended() > 0 && r.now.pending == 0 &&
         r.now.ended() == r.before.ended();
}

std::string NothingLeftLine(const CrawlStatus& s) {
  if (s.ended() == s.done) return "all " + WithThousands(s.done) + " done; --fresh starts over";
  std::string text =
      "all " + WithThousands(s.ended()) + " ended: " + WithThousands(s.done) + " done";
  if (!s.dead.empty()) text += ", " + WithThousands(s.dead_count()) + " dead";
  if (!s.dropped.empty()) text += ", " + WithThousands(s.dropped_count()) + " dropped";
  return text + "; --fresh starts over";
}

}  // namespace thresh
