#include "sink/format/fill_counts.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "sink/format/record_line.h"
#include "tests/support/hex.h"

using namespace thresh;
using thresh::test::Bytes;

namespace {

using Fields = std::vector<std::pair<std::string, std::uint64_t>>;

struct FillFixture {
  // Counts the records of these bytes.
  void Count(const std::string& hex) {
    const std::string records = Bytes(hex);
    for (std::size_t offset = 0; offset < records.size();) {
      RecordLines form(page, "thing", false, &fills);
      const Result<std::size_t> next = AppendRecordLine(form, 0, records, offset, &out);
      REQUIRE(next.ok());
      offset = *next;
    }
  }

  PageIdentity page;
  LineBuffer out;
  FillCounts fills;
};

}  // namespace

TEST_SUITE("FillCounts") {
  TEST_CASE_FIXTURE(FillFixture, "null and [] are nothing, all else is something") {
    Count("87 a161 c0  a162 90  a163 9101  a164 80  a165 a0  a166 00  a167 c2");
    CHECK(fills.records() == 1);
    CHECK(fills.fields() ==
          Fields{{"a", 0}, {"b", 0}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "what is inside a field's value is not counted") {
    Count("82 a161 82 a162 01 a163 9101  a164 92 81a16501 81a16501");
    CHECK(fills.fields() == Fields{{"a", 1}, {"d", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "records with other fields, or other order, count for theirs") {
    Count("82 a16101 a162c0  82 a16201 a16101  81 a16301  80  82 a16101 a16301");
    CHECK(fills.records() == 5);
    CHECK(fills.fields() == Fields{{"a", 3}, {"b", 1}, {"c", 2}});
  }

  TEST_CASE_FIXTURE(FillFixture, "sums of two are those of all records") {
    Count("82 a16101 a162c0");
    FillFixture other;
    other.Count("82 a162 01 a16301  81 a16101");
    ItemFills sum{{"thing", fills}};
    AddFills({{"thing", other.fills}, {"more", fills}}, &sum);
    CHECK(sum.at("thing").records() == 3);
    CHECK(sum.at("thing").fields() == Fields{{"a", 2}, {"b", 1}, {"c", 1}});
    CHECK(sum.at("more").fields() == Fields{{"a", 1}, {"b", 0}});
  }

  TEST_CASE("it does not grow without bound") {
    FillCounts fills;
    fills.BeginRecord();
    fills.AddField(std::string(FillCounts::kMaxNameBytes + 1, 'x'), true);
    for (std::size_t i = 0; i < 2 * FillCounts::kMaxFields; ++i) {
      fills.AddField("f" + std::to_string(i), true);
    }
    CHECK(fills.fields().size() == FillCounts::kMaxFields);
    ItemFills sum;
    for (std::size_t i = 0; i < 2 * kMaxCountedItems; ++i) {
      AddFills({{"i" + std::to_string(i), fills}}, &sum);
    }
    CHECK(sum.size() == kMaxCountedItems);
  }
}
