// What a crawl says when it has ended, and its exit status.

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/control/report.h"
#include "cli/numbers.h"
#include "cli/run/crawl.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr std::size_t kShownDeadLetters = 5;

}  // namespace

RunSummary Crawl::Summary() const {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  RunSummary summary{.now = totals_.Now(),
                     .before = totals_.before(),
                     .resumed = folder_.resumed() && totals_.any(),
                     .seconds = elapsed.count(),
                     .out = options_.out,
                     .restarts = supervisor_.restarts(),
                     .fills = sink_watch_.fills()};
  if (feeder_) {
    summary.duplicates = feeder_->counts().duplicates;
    summary.now.refused = feeder_->counts().refused;
  }
  return summary;
}

// With records on stdout the dead letters' file goes with the run: the first of them are shown.
void Crawl::PrintDeadLetters() const {
  Result<std::string> letters = ReadWholeFile(folder_.state() + "/dead.ndjson");
  if (!letters) return;
  std::size_t begin = 0;
  for (std::size_t shown = 0; shown < kShownDeadLetters && begin < letters->size(); ++shown) {
    const std::size_t end = std::min(letters->find('\n', begin), letters->size());
    std::fprintf(stderr, "  dead       %s\n", letters->substr(begin, end - begin).c_str());
    begin = end + 1;
  }
  if (begin < letters->size())
    std::fprintf(stderr, "  dead       and more; -o DIR keeps them all\n");
}

void Crawl::PrintSummary(const RunSummary& summary) const {
  if (feeder_) {
    for (const std::string& refusal : feeder_->counts().first_refusals) {
      std::fprintf(stderr, "thresh %s: refused %s\n", options_.command(), refusal.c_str());
    }
  }
  if (failed_ == 0 && interrupted_ == 0 && NothingWasLeft(summary)) {
    std::fprintf(stderr, "%s\n", NothingLeftLine(summary.now).c_str());
    return;
  }
  if (failed_ == 0 || totals_.any()) {
    std::fputs(SummaryOf(summary).c_str(), stderr);
  }
  if (options_.out == "-") PrintDeadLetters();
}

int Crawl::Finish() {
  progress_.Clear();
  const RunSummary summary = Summary();
  PrintSummary(summary);
  if (failed_ != 0) {
    return Complain(options_.command(), failed_, failure_);
  }
  if (interrupted_ != 0) {
    const char* remedy = options_.out == "-" ? "" : "; the same command goes on";
    std::fprintf(stderr, "thresh %s: interrupted with %s left%s\n", options_.command(),
                 Amount(summary.now.pending, "URL").c_str(), remedy);
    return 128 + interrupted_;
  }
  return ExitStatus(summary);
}

int Crawl::ExitStatus(const RunSummary& summary) const {
  if (feeder_ && !feeder_->source_failure().empty()) {
    return Complain(options_.command(), kExitBadInput, feeder_->source_failure());
  }
  if (summary.now.refused > 0) return kExitBadInput;
  // A letter that was asked for again has another task, and perhaps another letter.
  if (summary.now.dead_count() > summary.now.retried) return kExitSomeDead;
  if (options_.downloads && summary.now.done > 0) return kExitDone;
  return summary.now.records == 0 ? kExitNothing : kExitDone;
}

}  // namespace thresh
