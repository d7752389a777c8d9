// thresh-bench-transcode: what it costs the sink to make lines of a page's records; see bench/micro
// transcode.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <msgpack.hpp>

#include "bench/stages/measure.h"
#include "lib/base/hash.h"
#include "proto/envelope.h"
#include "sink/effects.h"
#include "sink/format/record_line.h"

namespace {

using namespace thresh;

constexpr std::uint32_t kRows = 20;

// Records of a page as a parser sends them, one map behind the other.
using Records = msgpack::sbuffer;

Records Reviews() {
  Records out;
  msgpack::packer<Records> pack(out);
  // 400 bytes, with what JSON has to escape and what it has not.
  std::string text;
  while (text.size() < 400)
    text += "The barley soup wasn\xE2\x80\x99t \"just right\", it was better. ";
  for (std::uint32_t row = 0; row < kRows; ++row) {
    pack.pack_map(7);
    pack.pack("review_id"), pack.pack("aX3_kQ9-bL2mN8vC7zR1pT" + std::to_string(row));
    pack.pack("business"), pack.pack("Quince & Moth Cr\xC3\xAAperie");
    pack.pack("author"), pack.pack("S\xC3\xB8ren T.");
    pack.pack("location"), pack.pack("Dunlin Bay, WA");
    pack.pack("rating"), pack.pack(4.0);
    pack.pack("date"), pack.pack("2018-03-12");
    pack.pack("text"), pack.pack(text);
  }
  return out;
}

Records Places() {
  Records out;
  msgpack::packer<Records> pack(out);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    pack.pack_map(7);
    pack.pack("place_id"), pack.pack("5f3c0a9d7e21b84" + std::to_string(row % 10));
    pack.pack("name"), pack.pack("Quince & Moth Tea Rooms");
    pack.pack("lat"), pack.pack(45.512345 + row);
    pack.pack("lng"), pack.pack(-122.654321 - row);
    pack.pack("rating"), pack.pack(4.3);
    pack.pack("ratings"), pack.pack(1234 + row);
    pack.pack("address"), pack.pack("17 Fennel Lane");
  }
  return out;
}

// The RESULT that such records come with.
wire::Result ResultOf(const std::string& item) {
  wire::Page page;
  page.set_id(7);
  page.set_fingerprint(std::string(16, '\x5a'));
  page.set_url("http://www.example.com/biz/quince-moth-creperie-8?start=120");
  page.set_root("http://www.example.com/biz/quince-moth-creperie-8");
  page.set_n(12);
  page.set_fetched_at_ms(1'738'324'800'123);
  wire::Result result;
  result.set_id(7);
  result.set_page(page.SerializeAsString());
  result.set_outcome(wire::OUTCOME_DONE);
  wire::Rows& rows = *result.add_rows();
  rows.set_item(item);
  for (std::uint32_t row = 0; row < kRows; ++row) rows.add_row(row);
  return result;
}

void AppendAll(const RecordLines& lines, std::string_view records, std::string* out) {
  std::size_t offset = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const Result<std::size_t> next = AppendRecordLine(lines, row, records, offset, out);
    if (!next) std::abort();
    offset = *next;
  }
}

void MeasurePage(const std::string& item, const Records& packed, const bench::Rounds& rounds) {
  const std::string_view records(packed.data(), packed.size());
  const PageIdentity page{.task_id = 7,
                          .fingerprint = HashFromBytes(std::string(16, '\x5a')).value(),
                          .url = "http://www.example.com/biz/quince-moth-creperie-8?start=120",
                          .root = "http://www.example.com/biz/quince-moth-creperie-8",
                          .n = 12,
                          .fetched_at_ms = 1'738'324'800'123};
  std::string out;
  AppendAll(RecordLines(page, item), records, &out);
  const std::size_t line_bytes = out.size();
  bench::Measure((item + "_lines").c_str(), rounds, line_bytes, [&] {
    out.clear();
    AppendAll(RecordLines(page, item), records, &out);
  });
  const Effects effects(false, "dead");
  const Hash128 source = HashFromBytes(std::string(16, '\x11')).value();
  const wire::Result result = ResultOf(item);
  bench::Measure((item + "_effect").c_str(), rounds, line_bytes, [&] {
    if (effects.Of(source, result, records, std::nullopt).records != kRows) std::abort();
  });
  std::printf("{\"page\":\"%s\",\"records\":%u,\"msgpack_bytes\":%zu,\"line_bytes\":%zu}\n",
              item.c_str(), kRows, records.size(), line_bytes);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Rounds rounds = bench::RoundsOf(argc, argv, {.count = 51, .calls = 500});
  MeasurePage("review", Reviews(), rounds);
  MeasurePage("place", Places(), rounds);
  return 0;
}
