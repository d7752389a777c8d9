#pragma once

// The table of all metrics: their names, what they count and in what. `/metrics`, `thresh top` and
// the web page take their names from here; docs/metrics.md lists them, and a test compares.
//
// Names follow Prometheus: base units, `_total` for what only grows.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thresh {

enum class Metric : std::uint8_t {
  // Of the state: they go on where they were after a restart.
  kTasksCreated,
  kTasksDone,
  kTasksDead,
  kTasksDropped,
  kTasksPending,
  kRecords,
  // Of a process's life.
  kTasks,
  kJobsUnreported,
  kPagesFetched,
  kFetchedBytes,
  kResponses,
  kFetchFailures,
  kFeedDuplicates,
  kFeedRefused,
  kFetchSeconds,
  kParseSeconds,
  kCommitSeconds,
  kBufferBytes,
  kSpoolBytes,
  kFetchingPaused,
  kHostsPaused,
  kHostPages,
  kHostInFlight,
  kParsers,
  kParserPages,
  kParserLeased,
  kParserMemory,
  kResultsCommitted,
  kResultsLate,
  kTasksUnclosed,
  kJournalBytes,
  kJournalSegments,
  kFileBytes,
  kDiskPaused,
  // Of each process.
  kUp,
  kCpuSeconds,
  kMemory,
  kStartTime,
  kBuildInfo,
};

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

struct MetricInfo {
  std::string_view name;
  MetricKind kind;
  std::string_view label;  ///< Empty: it has none.
  std::string_view help;
};

constexpr std::array kMetrics{
    MetricInfo{"thresh_tasks_created_total", MetricKind::kCounter, "origin",
               "URLs that became tasks, by where they came from."},
    MetricInfo{"thresh_tasks_done_total", MetricKind::kCounter, "",
               "Tasks whose records are in the output."},
    MetricInfo{"thresh_tasks_dead_total", MetricKind::kCounter, "reason",
               "Tasks that ended as dead letters."},
    MetricInfo{"thresh_tasks_dropped_total", MetricKind::kCounter, "reason",
               "Tasks that a rule or an operator refused."},
    MetricInfo{"thresh_tasks_pending", MetricKind::kGauge, "", "Tasks that have not ended."},
    MetricInfo{"thresh_records_total", MetricKind::kCounter, "", "Records in the output."},
    MetricInfo{"thresh_tasks", MetricKind::kGauge, "state", "Pending tasks, by where they are."},
    MetricInfo{"thresh_jobs_unreported", MetricKind::kGauge, "",
               "Jobs that have ended and are not yet in jobs.ndjson."},
    MetricInfo{"thresh_pages_fetched_total", MetricKind::kCounter, "",
               "Answers that came, with whatever status."},
    MetricInfo{"thresh_fetched_bytes_total", MetricKind::kCounter, "",
               "Bodies of those answers, as they were sent."},
    MetricInfo{"thresh_responses_total", MetricKind::kCounter, "status",
               "Answers that came, by HTTP status."},
    MetricInfo{"thresh_fetch_failures_total", MetricKind::kCounter, "reason",
               "Requests that brought no page, each attempt counted."},
    MetricInfo{"thresh_feed_duplicates_total", MetricKind::kCounter, "",
               "Feed lines with a URL that was known."},
    MetricInfo{"thresh_feed_refused_total", MetricKind::kCounter, "",
               "Feed lines answered with an error."},
    MetricInfo{"thresh_fetch_seconds", MetricKind::kHistogram, "",
               "From a request's start to its end."},
    MetricInfo{"thresh_parse_seconds", MetricKind::kHistogram, "",
               "Time a parser took for a page."},
    MetricInfo{"thresh_commit_seconds", MetricKind::kHistogram, "",
               "Time the sink took for a batch: journal, sync, files."},
    MetricInfo{"thresh_page_buffer_bytes", MetricKind::kGauge, "",
               "Bodies that the fetcher holds in memory."},
    MetricInfo{"thresh_spool_bytes", MetricKind::kGauge, "",
               "Large bodies that the fetcher holds on the disk."},
    MetricInfo{"thresh_fetching_paused", MetricKind::kGauge, "",
               "1 while an operator has paused all fetching."},
    MetricInfo{"thresh_hosts_paused", MetricKind::kGauge, "", "Hosts that an operator has paused."},
    MetricInfo{"thresh_host_pages_per_second", MetricKind::kGauge, "host",
               "Requests ended a second, of the busiest hosts; all others together."},
    MetricInfo{"thresh_host_in_flight", MetricKind::kGauge, "host",
               "Requests under way, of the busiest hosts."},
    MetricInfo{"thresh_parsers", MetricKind::kGauge, "", "Parsers that have joined."},
    MetricInfo{"thresh_parser_pages_total", MetricKind::kCounter, "pid",
               "Pages that a parser has parsed."},
    MetricInfo{"thresh_parser_leased", MetricKind::kGauge, "pid", "Pages that a parser has."},
    MetricInfo{"thresh_parser_memory_bytes", MetricKind::kGauge, "pid",
               "Memory that a parser has said to take."},
    MetricInfo{"thresh_results_committed_total", MetricKind::kCounter, "kind",
               "Effects written: pages, dead letters, jobs."},
    MetricInfo{"thresh_results_late_total", MetricKind::kCounter, "",
               "Results dropped, as the task had one before."},
    MetricInfo{"thresh_tasks_unclosed", MetricKind::kGauge, "",
               "Tasks in the journal whose end the fetcher has not confirmed."},
    MetricInfo{"thresh_journal_bytes", MetricKind::kGauge, "", "Size of the sink's journal."},
    MetricInfo{"thresh_journal_segments", MetricKind::kGauge, "", "Files of the sink's journal."},
    MetricInfo{"thresh_output_file_bytes", MetricKind::kGauge, "file",
               "Size of an output file that is being written."},
    MetricInfo{"thresh_disk_paused", MetricKind::kGauge, "process",
               "1 while a process cannot write."},
    MetricInfo{"thresh_up", MetricKind::kGauge, "process", "1 if the process answers."},
    MetricInfo{"thresh_process_cpu_seconds_total", MetricKind::kCounter, "process",
               "CPU time that a process has taken."},
    MetricInfo{"thresh_process_resident_memory_bytes", MetricKind::kGauge, "process",
               "Memory of a process, pages it shares with others included."},
    MetricInfo{"thresh_process_start_time_seconds", MetricKind::kGauge, "process",
               "When a process began, in seconds since 1970."},
    MetricInfo{"thresh_build_info", MetricKind::kGauge, "version",
               "1; the version of thresh-web stands in the label."},
};

static_assert(kMetrics.size() == static_cast<std::size_t>(Metric::kBuildInfo) + 1);

[[nodiscard]] constexpr const MetricInfo& InfoOf(Metric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}
[[nodiscard]] constexpr std::optional<Metric> MetricNamed(std::string_view name) {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    if (kMetrics[i].name == name) return static_cast<Metric>(i);
  }
  return std::nullopt;
}

}  // namespace thresh
