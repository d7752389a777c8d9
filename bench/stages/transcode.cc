// thresh-bench-transcode: what it costs the sink to make lines of a page's records; see bench/micro
// transcode.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/stages/measure.h"
#include "bench/stages/results.h"
#include "lib/base/hash.h"
#include "sink/effects.h"
#include "sink/format/record_line.h"

namespace {

using namespace thresh;
using bench::kRows;

void AppendAll(const PageIdentity& page, const std::string& item, std::string_view records,
               LineBuffer* out) {
  static RecordLines lines;
  lines.Begin(page, item, false, nullptr);
  std::size_t offset = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const Result<std::size_t> next = AppendRecordLine(lines, row, records, offset, out);
    if (!next) std::abort();
    offset = *next;
  }
}

void MeasurePage(const std::string& item, const bench::Records& packed,
                 const bench::Rounds& rounds) {
  const std::string_view records(packed.data(), packed.size());
  const PageIdentity page{.task_id = 7,
                          .fingerprint = HashFromBytes(std::string(16, '\x5a')).value(),
                          .url = "http://www.example.com/biz/quince-moth-creperie-8?start=120",
                          .root = "http://www.example.com/biz/quince-moth-creperie-8",
                          .n = 12,
                          .fetched_at_ms = 1'738'324'800'123};
  LineBuffer out;
  AppendAll(page, item, records, &out);
  const std::size_t line_bytes = out.size();
  bench::Measure((item + "_lines").c_str(), rounds, line_bytes, [&] {
    out.Clear();
    AppendAll(page, item, records, &out);
  });
  Effects effects(false, "dead");
  const Hash128 source = HashFromBytes(std::string(16, '\x11')).value();
  const wire::Result result = bench::ResultOf(7, item);
  bench::Measure((item + "_effect").c_str(), rounds, line_bytes, [&] {
    if (effects.Of(source, result, records, std::nullopt).records != kRows) std::abort();
    effects.GiveBack(effects.TakeMemory());
  });
  std::printf("{\"page\":\"%s\",\"records\":%u,\"msgpack_bytes\":%zu,\"line_bytes\":%zu}\n",
              item.c_str(), kRows, records.size(), line_bytes);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Rounds rounds = bench::RoundsOf(argc, argv, {.count = 51, .calls = 500});
  MeasurePage("review", bench::Reviews(), rounds);
  MeasurePage("place", bench::Places(), rounds);
  return 0;
}
