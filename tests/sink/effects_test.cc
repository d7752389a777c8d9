#include "sink/effects.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/envelope.h"
#include "tests/support/hex.h"

using namespace thresh;
using thresh::test::Bytes;

namespace {

// Results of one fetcher's pages.
struct EffectsFixture {
  EffectsFixture() {
    wire::Page page;
    page.set_id(7);
    page.set_fingerprint(std::string(16, 'f'));
    page.set_url("http://x/");
    result.set_id(7);
    result.set_page(page.SerializeAsString());
    result.set_outcome(wire::OUTCOME_DONE);
  }
  void Rows(const std::string& item, const std::vector<std::uint32_t>& rows) {
    wire::Rows& of_item = *result.add_rows();
    of_item.set_item(item);
    for (const std::uint32_t row : rows) of_item.add_row(row);
  }
  Effect Of(const std::string& records, std::optional<std::uint64_t> room = std::nullopt) {
    return effects.Of(source, result, Bytes(records), room);
  }
  // The fields that a file's lines begin with.
  static std::vector<std::string> Fields(const Effect& effect, const std::string& file) {
    std::vector<std::string> fields;
    for (const auto& [name, lines] : effect.lines) {
      if (name != file) continue;
      std::string_view rest = lines;
      while (!rest.empty()) {
        fields.emplace_back(rest.substr(0, rest.find(",\"_id\"")));
        rest.remove_prefix(rest.find('\n') + 1);
      }
    }
    return fields;
  }

  const Hash128 source = HashFromBytes(std::string(16, 's')).value();
  wire::Result result;
  Effects effects{false, "dead"};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE("Effects") {
  TEST_CASE_FIXTURE(EffectsFixture, "records go to their items' files, an ACK tells how many") {
    Rows("a", {0, 2});
    Rows("b", {1});
    const Effect effect = Of("81a16101 81a16102 81a16103");
    CHECK(Fields(effect, "a.ndjson") == Texts{R"({"a":1)", R"({"a":2)"});
    CHECK(Fields(effect, "b.ndjson") == Texts{R"({"a":3)"});
    wire::Ack::Entry ack;
    REQUIRE(ack.ParseFromString(effect.ack));
    CHECK(ack.records() == 3);
    CHECK(ack.outcome() == wire::OUTCOME_DONE);
    CHECK(effects.fills().at("a").records() == 2);
  }

  TEST_CASE_FIXTURE(EffectsFixture, "a page that comes back to an item has one piece of lines") {
    Rows("a", {0});
    Rows("b", {1});
    Rows("a", {2});
    const Effect effect = Of("81a16101 81a16102 81a16103");
    CHECK(effect.lines.size() == 2);
    CHECK(Fields(effect, "a.ndjson") == Texts{R"({"a":1)", R"({"a":3)"});
    CHECK(Fields(effect, "b.ndjson") == Texts{R"({"a":2)"});
  }

  TEST_CASE_FIXTURE(EffectsFixture,
                    "however often it comes back, its lines take their own memory") {
    constexpr std::uint32_t kRows = 6000;
    std::string records;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      Rows(row % 2 == 0 ? "a" : "b", {row});
      records += "81a16101";
    }
    const Effect effect = Of(records);
    CHECK(effect.records == kRows);
    std::size_t lines_bytes = 0, memory_bytes = 0;
    for (const auto& [name, lines] : effect.lines) lines_bytes += lines.size();
    const LineMemory memory = effects.TakeMemory();
    for (const LineBlock& block : memory) memory_bytes += block.capacity;
    CHECK(lines_bytes > kRows * 100);
    CHECK(memory_bytes < 4 * lines_bytes);
    CHECK(Fields(effect, "b.ndjson").size() == kRows / 2);
  }

  TEST_CASE_FIXTURE(EffectsFixture, "a page with a broken record is a dead letter, and no more") {
    Rows("a", {0});
    Rows("b", {1});
    const Effect effect = Of("81a16101 81a1");
    REQUIRE(effect.lines.size() == 1);
    CHECK(effect.lines[0].first == "dead.ndjson");
    CHECK(effect.lines[0].second.find("found cut off") != std::string_view::npos);
    CHECK(effect.lines[0].second.find('\n') == effect.lines[0].second.size() - 1);
    CHECK(effect.records == 0);
    CHECK(effects.fills().empty());
    result.clear_rows();
    Rows("a", {0});
    CHECK(Fields(Of("81a16101"), "a.ndjson") == Texts{R"({"a":1)"});
    CHECK(effects.fills().at("a").records() == 1);
  }

  TEST_CASE_FIXTURE(EffectsFixture, "rejected rows are dead letters beside the records") {
    Rows("a", {0});
    for (std::uint32_t row = 1; row < 3; ++row) {
      wire::Rejected& rejected = *result.add_rejected();
      rejected.set_item("a");
      rejected.set_row(row);
      rejected.set_field("price");
    }
    const Effect effect = Of("81a16101");
    CHECK(Fields(effect, "a.ndjson").size() == 1);
    CHECK(Fields(effect, "dead.ndjson").size() == 2);
  }

  TEST_CASE_FIXTURE(EffectsFixture, "no more records are written than there is room for") {
    Rows("a", {0, 1, 2});
    CHECK(Of("81a16101 81a16102 81a16103", 2).records == 2);
    CHECK(Of("81a16101 81a16102 81a16103", 0).lines.empty());
    CHECK(effects.fills().at("a").records() == 2);
  }

  TEST_CASE_FIXTURE(EffectsFixture,
                    "lines stay as they were for as long as their memory is there") {
    Rows("a", {0, 1});
    const std::string text = std::string("db 00004000") + std::string(2 * 0x4000, '4');
    std::vector<Effect> before;
    for (int i = 0; i < 100; ++i) before.push_back(Of("81a161" + text + "81a16102"));
    const LineMemory memory = effects.TakeMemory();
    CHECK(memory.size() > 1);
    const Texts expected = Fields(before.front(), "a.ndjson");
    CHECK(expected == Texts{R"({"a":")" + std::string(0x4000, 'D') + '"', R"({"a":2)"});
    for (int i = 0; i < 100; ++i) (void)Of("81a16103 81a16104");
    effects.GiveBack(effects.TakeMemory());
    for (int i = 0; i < 100; ++i) (void)Of("81a16105 81a16106");
    for (const Effect& effect : before) CHECK(Fields(effect, "a.ndjson") == expected);
  }

  TEST_CASE_FIXTURE(EffectsFixture, "dead letters and jobs have lines of their own") {
    wire::Dead dead;
    dead.set_id(8);
    dead.set_reason("http_status");
    const Effect of_dead = effects.Of(source, dead, "body");
    CHECK(of_dead.lines.at(0).first == "dead.ndjson");
    CHECK(of_dead.body->first == "8.body");
    wire::Job job;
    job.set_id(9);
    const Effect of_job = effects.Of(source, job);
    CHECK(of_job.lines.at(0).first == "jobs.ndjson");
    CHECK(of_dead.lines.at(0).second.starts_with(R"({"url":"","id":"8")"));
  }
}
