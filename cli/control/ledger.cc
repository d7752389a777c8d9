// `thresh ledger`: how many tasks there have been, and how they ended.

#include <map>
#include <string>

#include <simdjson.h>

#include "cli/commands.h"
#include "cli/control/ask.h"
#include "cli/control/report.h"
#include "cli/run/crawl_status.h"
#include "cli/run/summary.h"
#include "lib/base/exit_codes.h"
#include "lib/text/numbers.h"

namespace thresh {
namespace {

constexpr const char* kName = "ledger";

std::string With(std::uint64_t count, const std::string& details) {
  return WithThousands(count) + (details.empty() ? "" : "  (" + details + ")");
}

std::string Sources(const CrawlStatus& l) {
  std::string text = "fed " + WithThousands(l.fed) + ", followed " + WithThousands(l.followed);
  if (l.recrawled > 0) text += ", recrawled " + WithThousands(l.recrawled);
  if (l.retried > 0) text += ", retried " + WithThousands(l.retried);
  return text;
}

}  // namespace

int LedgerCommand(const LedgerOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  Result<std::string> answer = AskLine({*place, "thresh-fetcher"}, R"({"op":"ledger"})");
  if (!answer) return Complain(kName, AskStatus(answer.error()), answer.error().detail);
  Result<CrawlStatus> read = ParseStatus(*answer);
  if (!read) return Complain(kName, kExitInternal, read.error().detail);
  const CrawlStatus& l = *read;
  const std::uint64_t created = l.fed + l.followed + l.recrawled + l.retried;
  const bool balanced = created == l.ended() + l.pending;
  const int status = balanced ? kExitDone : kExitInternal;
  if (options.json) return PrintData(kName, *answer + "\n", status);
  Columns columns;
  columns.Add("created", With(created, Sources(l)));
  columns.Add("done",
              With(l.done, l.unchanged > 0 ? "unchanged " + WithThousands(l.unchanged) : ""));
  if (l.redirects > 0) columns.Add("redirects", WithThousands(l.redirects));
  columns.Add("dead", With(l.dead_count(), ReasonList(l.dead)));
  columns.Add("dropped", With(l.dropped_count(), ReasonList(l.dropped)));
  columns.Add("pending", WithThousands(l.pending));
  columns.Add("balanced", balanced ? "yes" : "no: this is a fault of thresh, please report it");
  return PrintData(kName, columns.Text(), status);
}

}  // namespace thresh
