#include "sink/format/fill_counts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "sink/format/record_line.h"
#include "tests/support/hex.h"

using namespace thresh;
using thresh::test::Bytes;

namespace {

using Fields = std::vector<std::pair<std::string_view, std::uint64_t>>;

struct FillFixture {
  // Counts the records of these bytes, as of a page of the item.
  void Count(const std::string& hex) { CountFor("thing", hex); }
  void CountFor(const std::string& item, const std::string& hex) {
    const std::string records = Bytes(hex);
    form.Begin(page, item, false, &fills.Of(item));
    for (std::size_t offset = 0; offset < records.size();) {
      const Result<std::size_t> next = AppendRecordLine(form, 0, records, offset, &out);
      REQUIRE(next.ok());
      offset = *next;
    }
  }
  void Keep(const std::string& hex) {
    Count(hex);
    fills.KeepPage();
  }
  [[nodiscard]] const FillCounts& kept() const { return fills.items().at("thing"); }

  PageIdentity page;
  RecordLines form;
  LineBuffer out;
  PageFills fills;
};

}  // namespace

TEST_SUITE("FillCounts") {
  TEST_CASE_FIXTURE(FillFixture, "null and [] are nothing, all else is something") {
    Keep("87 a161 c0  a162 90  a163 9101  a164 80  a165 a0  a166 00  a167 c2");
    CHECK(kept().records() == 1);
    CHECK(kept().fields() ==
          Fields{{"a", 0}, {"b", 0}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "an empty array is nothing however its size is told") {
    Keep("84 a161 dc0000  a162 dd00000000  a163 dc0001c0  a164 dd00000001c0");
    CHECK(kept().fields() == Fields{{"a", 0}, {"b", 0}, {"c", 1}, {"d", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "what is inside a field's value is not counted") {
    Keep("82 a161 82 a162 01 a163 9101  a164 92 81a16501 81a16501");
    CHECK(kept().fields() == Fields{{"a", 1}, {"d", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "records with other fields, or other order, count for theirs") {
    Keep("82 a16101 a162c0  82 a16201 a16101  81 a16301  80  82 a16101 a16301");
    CHECK(kept().records() == 5);
    CHECK(kept().fields() == Fields{{"a", 3}, {"b", 1}, {"c", 2}});
  }

  TEST_CASE_FIXTURE(FillFixture, "a name is the same however its length is told") {
    Keep("81 a16101  81 d9016101  81 da00016101  81 db0000000161c0  82 d9016201 a16101");
    CHECK(kept().records() == 5);
    CHECK(kept().fields() == Fields{{"a", 4}, {"b", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "a field that a record has twice counts twice") {
    Keep("83 a16101 a16101 a16201  83 a16101 a16101 a16201");
    CHECK(kept().fields() == Fields{{"a", 4}, {"b", 2}});
  }

  TEST_CASE_FIXTURE(FillFixture, "pages add up, and those that are dropped never were") {
    Keep("82 a16101 a162c0");
    Count("83 a16201 a16301 a16401");
    CountFor("other", "81 a16101");
    fills.DropPage();
    CHECK(fills.items().size() == 1);
    CHECK(kept().fields() == Fields{{"a", 1}, {"b", 0}});
    Keep("82 a164 01 a16301  81 a16101");
    CHECK(kept().records() == 3);
    CHECK(kept().fields() == Fields{{"a", 2}, {"b", 0}, {"d", 1}, {"c", 1}});
  }

  TEST_CASE_FIXTURE(FillFixture, "a page may come back to an item, and have none of its records") {
    CountFor("thing", "81 a16101");
    CountFor("other", "");
    CountFor("thing", "81 a16101");
    fills.KeepPage();
    CHECK(kept().records() == 2);
    CHECK(kept().fields() == Fields{{"a", 2}});
    CHECK(fills.items().at("other").records() == 0);
  }

  TEST_CASE_FIXTURE(FillFixture, "it does not grow without bound") {
    FillCounts& counts = fills.Of("thing");
    counts.BeginRecord();
    const auto packed = [](const std::string& name) { return "x" + name; };  // Any length.
    const std::string longest(FillCounts::kMaxNameBytes, 'x');
    CHECK(counts.Take(packed(longest), longest.size()) != nullptr);
    CHECK(counts.Take(packed(longest + "x"), longest.size() + 1) == nullptr);
    for (std::size_t i = 0; i < 2 * FillCounts::kMaxFields; ++i) {
      const std::string name = "f" + std::to_string(i);
      (void)counts.Take(packed(name), name.size());
    }
    fills.KeepPage();
    CHECK(kept().fields().size() == FillCounts::kMaxFields);
    for (std::size_t i = 0; i < 2 * PageFills::kMaxItems; ++i) {
      fills.Of("i" + std::to_string(i)).BeginRecord();
      fills.KeepPage();
    }
    CHECK(fills.items().size() == PageFills::kMaxItems);
    Keep("81 a16101");
    CHECK(kept().records() == 2);
  }
}
