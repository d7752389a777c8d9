#include "lib/metrics/statistics.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <simdjson.h>

#include "lib/base/handles.h"
#include "lib/base/time.h"
#include "lib/io/file.h"
#include "lib/text/json_object.h"

namespace thresh {
namespace {

using Counts = std::map<std::string, std::uint64_t>;
using simdjson::dom::element;

constexpr std::size_t kMostUnwrittenBytes = 1 << 20;

Counts Largest(const Counts& counts) {
  if (counts.size() <= StatisticsLine::kMostReasons) return counts;
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Counts kept;
  for (const auto& [reason, count] : sorted) {
    const bool fits = kept.size() + 1 < StatisticsLine::kMostReasons;
    kept[fits ? reason : std::string(StatisticsLine::kOthers)] += count;
  }
  return kept;
}

void Take(const element& from, std::string_view key, std::uint64_t* to) {
  if (from[key].get(*to) != simdjson::SUCCESS) *to = 0;
}

void Take(const element& from, std::string_view key, Counts* to) {
  simdjson::dom::object object;
  if (from[key].get(object) != simdjson::SUCCESS) return;
  for (const auto& [name, value] : object) {
    std::uint64_t count = 0;
    if (value.get(count) == simdjson::SUCCESS) (*to)[std::string(name)] = count;
  }
}

void TakeLatency(const element& from, StatisticsLine* line) {
  simdjson::dom::array pairs;
  if (from["latency_us"].get(pairs) != simdjson::SUCCESS) return;
  for (const element pair : pairs) {
    std::uint64_t up_to = 0, count = 0;
    if (pair.at(0).get(up_to) == simdjson::SUCCESS && pair.at(1).get(count) == simdjson::SUCCESS) {
      line->latency_us.emplace_back(up_to, count);
    }
  }
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Every second line; the first and the last one stay.
void Thin(const std::string& path) {
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return;
  const std::vector<std::string_view> lines = LinesOf(*text);
  const std::string unfinished = path + ".tmp";
  {
    const UniqueFile file(std::fopen(unfinished.c_str(), "we"));
    if (!file) return;
    for (std::size_t i = lines.size() % 2 == 0 ? 1 : 0; i < lines.size(); i += 2) {
      const std::string_view line = i <= 1 ? lines[0] : lines[i];
      std::fwrite(line.data(), 1, line.size(), file.get());
      std::fputc('\n', file.get());
    }
    if (std::fflush(file.get()) != 0) {
      std::remove(unfinished.c_str());
      return;
    }
  }
  std::rename(unfinished.c_str(), path.c_str());
}

}  // namespace

bool StatisticsLine::SameAs(const StatisticsLine& o) const {
  return pid == o.pid && done == o.done && records == o.records && dead == o.dead &&
         pages == o.pages && body_bytes == o.body_bytes && failures == o.failures &&
         latency_us == o.latency_us && queued == o.queued && in_flight == o.in_flight &&
         waiting == o.waiting && leased == o.leased && awaiting_ack == o.awaiting_ack &&
         parsers == o.parsers;
}

std::string StatisticsLine::ToJson() const {
  std::string json;
  {
    JsonObject out(&json);
    out.Text("at", FormatUtc(at_ms));
    out.Number("every_ms", every_ms);
    out.Number("pid", pid);
    out.Number("done", done);
    out.Number("records", records);
    out.Counts("dead", Largest(dead));
    out.Number("pages", pages);
    out.Number("body_bytes", body_bytes);
    out.Counts("failures", Largest(failures));
    out.Number("queued", queued);
    out.Number("in_flight", in_flight);
    out.Number("waiting", waiting);
    out.Number("leased", leased);
    out.Number("awaiting_ack", awaiting_ack);
    out.Number("parsers", parsers);
    out.List("latency_us", latency_us, [](const auto& pair, std::string* list) {
      *list += '[' + std::to_string(pair.first) + ',' + std::to_string(pair.second) + ']';
    });
  }
  return json;
}

Result<StatisticsLine> StatisticsLine::FromJson(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  std::string_view at;
  std::optional<std::int64_t> at_ms;
  if (parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS && root.is_object() &&
      root["at"].get(at) == simdjson::SUCCESS) {
    at_ms = ParseUtc(at);
  }
  if (!at_ms) {
    return Error{Errc::kInvalid,
                 "expected a line of statistics, found " + std::string(json.substr(0, 80))};
  }
  StatisticsLine line{.at_ms = *at_ms};
  Take(root, "every_ms", &line.every_ms);
  Take(root, "pid", &line.pid);
  Take(root, "done", &line.done);
  Take(root, "records", &line.records);
  Take(root, "dead", &line.dead);
  Take(root, "pages", &line.pages);
  Take(root, "body_bytes", &line.body_bytes);
  Take(root, "failures", &line.failures);
  Take(root, "queued", &line.queued);
  Take(root, "in_flight", &line.in_flight);
  Take(root, "waiting", &line.waiting);
  Take(root, "leased", &line.leased);
  Take(root, "awaiting_ack", &line.awaiting_ack);
  Take(root, "parsers", &line.parsers);
  TakeLatency(root, &line);
  return line;
}

StatisticsFile::StatisticsFile(uv_loop_t& loop, std::string path)
    : path_(std::move(path)), worker_(loop) {
  const Result<std::string> text = ReadWholeFile(path_);
  if (!text || text->empty()) return;
  const std::vector<std::string_view> lines = LinesOf(*text);
  lines_ = lines.size();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const Result<StatisticsLine> read = StatisticsLine::FromJson(*line);
    if (!read) continue;
    every_ms_ = std::clamp(read->every_ms, kFirstEveryMs, kMostEveryMs);
    break;
  }
  if (!text->ends_with('\n')) unwritten_ = "\n";  // A process was killed here.
}

StatisticsFile::~StatisticsFile() {
  if (latest_) Append(*std::exchange(latest_, std::nullopt));
  worker_.Finish();
  if (worker_.busy()) worker_.Finish();  // What its end has begun.
}

void StatisticsFile::Note(StatisticsLine line) {
  const bool is_due = !last_ || line.at_ms < last_->at_ms ||
                      line.at_ms - last_->at_ms >= static_cast<std::int64_t>(every_ms_);
  if (!is_due || (last_ && last_->SameAs(line))) {
    latest_ = std::move(line);
    return;
  }
  // After a silence: what it was until now.
  const auto silence = static_cast<std::int64_t>(2 * every_ms_);
  if (latest_ && line.at_ms - last_->at_ms > silence && latest_->SameAs(*last_)) Append(*latest_);
  latest_.reset();
  Append(line);
}

void StatisticsFile::Append(const StatisticsLine& line) {
  last_ = line;
  last_->every_ms = every_ms_;
  if (unwritten_.size() > kMostUnwrittenBytes) return;  // The disk hangs.
  unwritten_ += last_->ToJson() + "\n";
  ++unwritten_lines_;
  if (!worker_.busy()) Write();
}

void StatisticsFile::Write() {
  if (unwritten_lines_ == 0) return;
  const bool thin = lines_ + unwritten_lines_ > kMostLines;
  if (thin) {
    lines_ = (lines_ + 1) / 2;
    every_ms_ = std::min(every_ms_ * 2, kMostEveryMs);
  }
  lines_ += std::exchange(unwritten_lines_, 0);
  worker_.Start(
      [path = path_, lines = std::exchange(unwritten_, {}), thin] { WriteOut(path, lines, thin); },
      [this] { Write(); });
}

void StatisticsFile::WriteOut(const std::string& path, const std::string& lines, bool thin) {
  if (thin) Thin(path);
  const UniqueFile file(std::fopen(path.c_str(), "ae"));
  if (!file) return;
  std::fwrite(lines.data(), 1, lines.size(), file.get());
  std::fflush(file.get());
}

Result<std::vector<StatisticsLine>> ReadStatistics(const std::string& path) {
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return text.error();
  std::vector<StatisticsLine> lines;
  for (const std::string_view line : LinesOf(*text)) {
    Result<StatisticsLine> read = StatisticsLine::FromJson(line);
    if (read) lines.push_back(std::move(*read));
  }
  if (lines.empty())
    return Error{Errc::kInvalid, path + ": expected lines of statistics, found none"};
  return lines;
}

}  // namespace thresh
