#include "sink/format/record_line.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/support/hex.h"

using thresh::AppendRecordLine;
using thresh::Errc;
using thresh::HashFromBytes;
using thresh::LineBuffer;
using thresh::PageIdentity;
using thresh::RecordId;
using thresh::RecordLines;
using thresh::Result;
using thresh::test::Bytes;

namespace {

const std::string kPageKeys =
    R"("_id":"cacf39f10cad91bfa7d7a2a35df221ec","_url":"http://x/a","_root":"http://x/","_n":12,)"
    R"("_fetched_at":"2025-01-31T12:00:00.123Z"})"
    "\n";

struct RecordFixture {
  // The line of a record's bytes, as row 3 of item `review`; or the fault.
  std::string Line(const std::string& records) {
    LineBuffer out;
    out.Append("before");
    RecordLines lines(page, "review", name_item);
    const Result<std::size_t> end = AppendRecordLine(lines, 3, records, 0, &out);
    if (!end) {
      CHECK(out.View() == "before");
      CHECK(end.error().code == Errc::kInvalid);
      return end.error().detail;
    }
    CHECK(*end == records.size());
    return std::string(out.View().substr(6));
  }
  // The JSON of one value.
  std::string Value(const std::string& hex) {
    std::string line = Line(Bytes("81 a1 76" + hex));
    REQUIRE_MESSAGE(line.starts_with("{\"v\":"), line);
    return line.substr(5, line.size() - 5 - kPageKeys.size() - 1);
  }
  std::string Fault(const std::string& hex) {
    const std::string line = Line(Bytes(hex));
    const std::string prefix = "row 3 of review: expected a MessagePack map, found ";
    REQUIRE_MESSAGE(line.starts_with(prefix), line);
    return line.substr(prefix.size());
  }

  PageIdentity page{.task_id = 0x0102030405060708,
                    .fingerprint = *HashFromBytes(Bytes("000102030405060708090a0b0c0d0e0f")),
                    .url = "http://x/a",
                    .root = "http://x/",
                    .n = 12,
                    .fetched_at_ms = 1738324800123};
  bool name_item = false;
};

}  // namespace

TEST_SUITE("AppendRecordLine") {
  TEST_CASE_FIXTURE(RecordFixture, "a record is its own fields, in order, then its page's keys") {
    CHECK(Line(Bytes("82 a1 62 01 a1 61 a1 78")) == R"({"b":1,"a":"x",)" + kPageKeys);
  }

  TEST_CASE_FIXTURE(RecordFixture, "a record without fields has its page's keys alone") {
    CHECK(Line(Bytes("80")) == "{" + kPageKeys);
  }

  TEST_CASE_FIXTURE(RecordFixture, "_meta is the feed line's JSON as it stands, _item comes last") {
    page.meta = R"({"term":"a b"})";
    name_item = true;
    const std::string line = Line(Bytes("80"));
    CHECK(line.ends_with(R"(.123Z","_meta":{"term":"a b"},"_item":"review"})"
                         "\n"));
  }

  TEST_CASE_FIXTURE(RecordFixture, "page keys are escaped as JSON") {
    page.url = "http://x/\"\n";
    CHECK(Line(Bytes("80")).find(R"("_url":"http://x/\"\n","_root")") != std::string::npos);
  }

  TEST_CASE_FIXTURE(RecordFixture, "every type of number is exact") {
    CHECK(Value("00") == "0");
    CHECK(Value("7f") == "127");
    CHECK(Value("ff") == "-1");
    CHECK(Value("e0") == "-32");
    CHECK(Value("cc ff") == "255");
    CHECK(Value("cd ffff") == "65535");
    CHECK(Value("ce ffffffff") == "4294967295");
    CHECK(Value("cf ffffffffffffffff") == "18446744073709551615");
    CHECK(Value("d0 80") == "-128");
    CHECK(Value("d1 8000") == "-32768");
    CHECK(Value("d2 80000000") == "-2147483648");
    CHECK(Value("d3 8000000000000000") == "-9223372036854775808");
    CHECK(Value("d3 7fffffffffffffff") == "9223372036854775807");
  }

  TEST_CASE_FIXTURE(RecordFixture, "floats are the shortest text, whole ones without fraction") {
    CHECK(Value("cb 3fb999999999999a") == "0.1");
    CHECK(Value("cb 4010000000000000") == "4");
    CHECK(Value("ca 3e800000") == "0.25");
    CHECK(Value("cb c00c000000000000") == "-3.5");
  }

  TEST_CASE_FIXTURE(RecordFixture, "NaN and infinities are null") {
    CHECK(Value("cb 7ff8000000000000") == "null");
    CHECK(Value("cb 7ff0000000000000") == "null");
    CHECK(Value("ca ff800000") == "null");
  }

  TEST_CASE_FIXTURE(RecordFixture, "nil, booleans, and texts of every length form") {
    CHECK(Value("c0") == "null");
    CHECK(Value("c2") == "false");
    CHECK(Value("c3") == "true");
    CHECK(Value("a0") == "\"\"");
    CHECK(Value("a2 c3a9") == "\"\xC3\xA9\"");
    CHECK(Value("d9 02 6869") == "\"hi\"");
    CHECK(Value("da 0002 6869") == "\"hi\"");
    CHECK(Value("db 00000002 6869") == "\"hi\"");
  }

  TEST_CASE_FIXTURE(RecordFixture, "text stays one line, and broken UTF-8 is replaced") {
    CHECK(Value("a5 0a 22 5c 00 e2") == R"("\n\"\\\u0000)"
                                        "\xEF\xBF\xBD\"");
  }

  TEST_CASE_FIXTURE(RecordFixture, "arrays and maps nest, empty ones too") {
    CHECK(Value("90") == "[]");
    CHECK(Value("80") == "{}");
    CHECK(Value("93 90 91 01 80") == "[[],[1],{}]");
    CHECK(Value("82 a1 61 92 01 02 a1 62 81 a1 63 c0") == R"({"a":[1,2],"b":{"c":null}})");
    CHECK(Value("dc 0002 01 02") == "[1,2]");
    CHECK(Value("dd 00000001 01") == "[1]");
    CHECK(Value("de 0001 a1 61 01") == R"({"a":1})");
    CHECK(Value("df 00000001 a1 61 01") == R"({"a":1})");
  }

  TEST_CASE_FIXTURE(RecordFixture, "a field that ends in a comma keeps it") {
    CHECK(Value("a2 2c2c") == "\",,\"");
    CHECK(Value("91 a1 2c") == "[\",\"]");
  }

  TEST_CASE_FIXTURE(RecordFixture,
                    "records that follow one another are read from where each begins") {
    const std::string records = Bytes("81 a1 61 01 81 a1 62 02");
    LineBuffer out;
    RecordLines lines(page, "review");
    CHECK(*AppendRecordLine(lines, 0, records, 0, &out) == 4);
    CHECK(*AppendRecordLine(lines, 3, records, 4, &out) == 8);
    CHECK(out.View().starts_with(R"({"a":1,"_id":"d592c398aa650851592cbbde5203eeee",)"));
    CHECK(out.View().ends_with(R"({"b":2,)" + kPageKeys));
    CHECK_FALSE(AppendRecordLine(lines, 4, records, 8, &out).ok());
  }

  TEST_CASE_FIXTURE(RecordFixture, "what is no map is refused, and nothing appended") {
    CHECK(Fault("01") == "a value where a map was expected");
    CHECK(Fault("c0") == "a value where a map was expected");
    CHECK(Fault("a1 61") == "a string where a map was expected");
    CHECK(Fault("90") == "an array where a map was expected");
    CHECK(Fault("c4 01 00") == "binary data");
    CHECK(Fault("c1") == "no MessagePack");
    CHECK(Fault("") == "cut off");
  }

  TEST_CASE_FIXTURE(RecordFixture, "what JSON cannot say is refused, however deep") {
    CHECK(Fault("81 a1 61 c4 01 00") == "binary data");
    CHECK(Fault("81 a1 61 91 d4 01 00") == "an extension");
    CHECK(Fault("81 a1 61 81 a1 62 d6 ff 00000000") == "an extension");
  }

  TEST_CASE_FIXTURE(RecordFixture, "keys are strings, and none of our own") {
    CHECK(Fault("81 01 01") == "a key that is no string");
    CHECK(Fault("81 c0 01") == "a key that is no string");
    CHECK(Fault("81 90 01") == "a key that is no string");
    CHECK(Fault("81 80 01") == "a key that is no string");
    CHECK(Fault("81 a1 61 81 01 01") == "a key that is no string");
    CHECK(Fault("82 a1 61 01 a3 5f6964 01") == "a key that begins with _");
    CHECK(Value("81 a3 5f6964 01") == R"({"_id":1})");  // Within a field it is free.
  }

  TEST_CASE_FIXTURE(RecordFixture, "nesting stops at 64, long before the stack does") {
    const auto nested = [&](std::size_t arrays) {
      return Bytes("81 a1 76") + std::string(arrays, '\x91') + Bytes("01");
    };
    CHECK(Line(nested(63)).starts_with("{\"v\":" + std::string(63, '[') + "1"));
    CHECK(Line(nested(64)).ends_with("found nesting over 64 deep"));
    CHECK(Line(nested(1'000'000)).ends_with("found nesting over 64 deep"));
  }

  TEST_CASE_FIXTURE(RecordFixture, "sizes that promise too much are refused at once") {
    for (const char* hex : {"df ffffffff", "81 a1 61 dd ffffffff", "81 a1 61 db ffffffff 61"}) {
      CHECK(Fault(hex) == "cut off");
    }
  }

  TEST_CASE_FIXTURE(RecordFixture, "cut off at any byte it is refused, and nothing appended") {
    const std::string whole = Bytes(
        "86 a1 61 cb 3fb999999999999a a1 62 93 01 c0 d9 02 6869 a1 63 81 a1 64 90"
        "a1 65 cf 0102030405060708 a1 66 de 0001 a1 67 c3 a1 68 da 0003 616263");
    CHECK(
        Line(whole).starts_with(R"({"a":0.1,"b":[1,null,"hi"],"c":{"d":[]},"e":72623859790382856,)"
                                R"("f":{"g":true},"h":"abc",)"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK(Line(whole.substr(0, size)).ends_with("found cut off"));
    }
  }

  TEST_CASE_FIXTURE(RecordFixture, "any byte changed gives one line or none") {
    const std::string whole =
        Bytes("83 a1 61 92 01 a2 6869 a1 62 81 a1 63 c0 a1 64 cb 3fb999999999999a");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int bits = 1; bits < 256; ++bits) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ bits);
        LineBuffer lines_out;
        lines_out.Append("before");
        RecordLines lines(page, "review");
        const bool ok = AppendRecordLine(lines, 3, changed, 0, &lines_out).ok();
        const std::string out(lines_out.View());
        if (ok != out.ends_with(kPageKeys) || (!ok && out != "before") ||
            out.find('\n') + 1 < out.size() * static_cast<std::size_t>(ok)) {
          FAIL("byte ", at, " changed by ", bits, ": ", out);
        }
      }
    }
  }
}

TEST_SUITE("RecordId") {
  // Known answers: xxhsum -H2 of the parts, each behind its length as u32 little-endian.
  TEST_CASE_FIXTURE(RecordFixture, "it is the fingerprint, the item and the row") {
    CHECK(RecordId(page, "review", 3).Hex() == "cacf39f10cad91bfa7d7a2a35df221ec");
    CHECK(RecordId(page, "review", 0).Hex() == "d592c398aa650851592cbbde5203eeee");
    CHECK(RecordId(page, "r", 0x01020304).Hex() == "5198264bcc482f15b446689933564a0a");
  }

  TEST_CASE_FIXTURE(RecordFixture,
                    "it is the same for another task of the URL, but not with dont_filter") {
    page.task_id = 99;
    CHECK(RecordId(page, "review", 3).Hex() == "cacf39f10cad91bfa7d7a2a35df221ec");
    page.task_id = 0x0102030405060708;
    page.dont_filter = true;
    CHECK(RecordId(page, "review", 3).Hex() == "b307133b004ff8dba46f26ce2f600fc7");
  }
}
