#include "sink/format/record_fields.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include "lib/text/json.h"
#include "tests/support/hex.h"

using namespace thresh;
using thresh::test::Bytes;

namespace {

// What the msgpack library's own reader sees, as the sink's lines have it: the slow form.
class LibraryReader : public msgpack::null_visitor {
 public:
  bool visit_nil() { return Scalar("null"); }
  bool visit_boolean(bool v) { return Scalar(v ? "true" : "false"); }
  bool visit_positive_integer(std::uint64_t v) { return Scalar(std::to_string(v)); }
  bool visit_negative_integer(std::int64_t v) { return Scalar(std::to_string(v)); }
  bool visit_float32(float v) { return Real(v); }
  bool visit_float64(double v) { return Real(v); }
  bool visit_str(const char* text, std::uint32_t size) {
    const std::string_view view(text, size);
    if (in_key_ && depth_ == 1 && view.starts_with('_')) return Fail("a key that begins with _");
    if (!in_key_ && depth_ == 0) return Fail("a string where a map was expected");
    AppendJsonString(view, &out);
    return true;
  }
  bool visit_bin(const char*, std::uint32_t) { return Fail("binary data"); }
  bool visit_ext(const char*, std::uint32_t) { return Fail("an extension"); }
  bool start_array(std::uint32_t) {
    if (depth_ == 0) return Fail("an array where a map was expected");
    return Open('[');
  }
  bool end_array_item() { return Comma(); }
  bool end_array() { return Close(']'); }
  bool start_map(std::uint32_t) { return Open('{'); }
  bool start_map_key() { return in_key_ = true; }
  bool end_map_key() {
    in_key_ = false;
    out += ':';
    return true;
  }
  bool end_map_value() { return Comma(); }
  bool end_map() { return depth_ == 1 || Close('}'); }
  void parse_error(std::size_t, std::size_t) { fault = "no MessagePack"; }
  void insufficient_bytes(std::size_t, std::size_t) { fault = "cut off"; }

  std::string out, fault;

 private:
  bool Real(double v) {
    std::string text;
    AppendJsonNumber(v, &text);
    return Scalar(text);
  }
  bool Scalar(const std::string& text) {
    if (in_key_) return Fail("a key that is no string");
    if (depth_ == 0) return Fail("a value where a map was expected");
    out += text;
    return true;
  }
  bool Open(char bracket) {
    if (in_key_) return Fail("a key that is no string");
    if (++depth_ > 64) return Fail("nesting over 64 deep");
    out += bracket;
    return true;
  }
  bool Close(char bracket) {
    --depth_;
    if (out.back() == ',') out.pop_back();
    out += bracket;
    return true;
  }
  bool Comma() {
    out += ',';
    return true;
  }
  bool Fail(const char* what) {
    fault = what;
    return false;
  }

  std::size_t depth_ = 0;
  bool in_key_ = false;
};

// Reads record by record with what was learnt from those before.
struct FieldsFixture {
  // Fails unless the record at the beginning of `bytes` is read as the library does.
  void Compare(const std::string& bytes) {
    LibraryReader expected;
    std::size_t end = 0;
    (void)msgpack::parse(bytes.data(), bytes.size(), end, expected);
    LineBuffer out;
    const FieldsRead read = AppendFields(bytes, 0, &fills, &out);
    const std::string fault = read.fault == nullptr ? "" : read.fault;
    const bool same = fault == expected.fault &&
                      (!fault.empty() || (out.View() == expected.out && read.end == end));
    if (!same) {
      FAIL(Hex(bytes), ": ", out.View(), " ", fault, ", not ", expected.out, " ", expected.fault);
    }
  }
  static std::string Hex(const std::string& bytes) {
    std::string hex;
    for (const char c : bytes) {
      constexpr char kDigits[] = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned char>(c) >> 4];
      hex += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return hex;
  }

  FillCounts fills;
};

using Random = std::mt19937_64;
using Packer = msgpack::packer<msgpack::sbuffer>;

std::string AnyText(Random& random) {
  static const std::vector<std::string> kTexts = {
      "", "a", "b", "name", "_", "_id", "\"", "caf\xC3\xA9", "\xE2\x80\xA8", "\xFF", ",", "\n"};
  std::string text = kTexts[random() % kTexts.size()];
  if (random() % 6 == 0) text += std::string(random() % 300, 'x');
  return text;
}

void PackAny(Random& random, int depth, Packer* pack) {
  const std::uint64_t bits = random() >> (random() % 64);
  switch (random() % (depth > 0 ? 10 : 8)) {
    case 0: pack->pack_nil(); break;
    case 1: pack->pack(random() % 2 == 0); break;
    case 2: pack->pack(bits); break;
    case 3: pack->pack(-static_cast<std::int64_t>(bits >> 1)); break;
    case 4: pack->pack(static_cast<double>(bits) / 1000); break;
    case 5: pack->pack(static_cast<float>(bits) / 8); break;
    case 6:
    case 7: pack->pack(AnyText(random)); break;
    case 8: {
      const auto size = static_cast<std::uint32_t>(random() % 20);
      pack->pack_array(size);
      for (std::uint32_t i = 0; i < size; ++i) PackAny(random, depth - 1, pack);
      break;
    }
    default: {
      const auto size = static_cast<std::uint32_t>(random() % 20);
      pack->pack_map(size);
      for (std::uint32_t i = 0; i < size; ++i) {
        pack->pack(AnyText(random));
        PackAny(random, depth - 1, pack);
      }
    }
  }
}

std::string AnyRecord(Random& random) {
  msgpack::sbuffer buffer;
  Packer pack(buffer);
  const auto size = static_cast<std::uint32_t>(random() % (random() % 8 == 0 ? 40 : 5));
  pack.pack_map(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::string key = AnyText(random);
    pack.pack(key.starts_with('_') && random() % 16 != 0 ? "k" : key);
    PackAny(random, 3, &pack);
  }
  return {buffer.data(), buffer.size()};
}

}  // namespace

TEST_SUITE("AppendFields") {
  TEST_CASE_FIXTURE(FieldsFixture, "fields have a comma each, so that others can follow") {
    LineBuffer out;
    const std::string records = Bytes("82 a161 01 a162 92 02 80  80");
    const FieldsRead first = AppendFields(records, 0, &fills, &out);
    CHECK(first.fault == nullptr);
    CHECK(out.View() == R"({"a":1,"b":[2,{}],)");
    CHECK(AppendFields(records, first.end, &fills, &out).end == records.size());
    CHECK(out.View().ends_with(",{"));
  }

  TEST_CASE_FIXTURE(FieldsFixture, "any record is read as the msgpack library reads it") {
    Random random(3);
    for (int i = 0; i < 20'000; ++i) Compare(AnyRecord(random));
  }

  TEST_CASE_FIXTURE(FieldsFixture, "and so is one with any bytes changed, added or cut off") {
    Random random(4);
    for (int i = 0; i < 20'000; ++i) {
      std::string record = AnyRecord(random);
      for (std::uint64_t changes = random() % 3 + 1; changes > 0; --changes) {
        record[random() % record.size()] = static_cast<char>(random());
      }
      if (random() % 4 == 0) record.resize(random() % record.size());
      if (random() % 4 == 0) record += static_cast<char>(random());
      if (!record.empty()) Compare(record);
    }
  }

  TEST_CASE_FIXTURE(FieldsFixture, "and so are every tag as record, key and value, cut anywhere") {
    for (int tag = 0; tag < 256; ++tag) {
      for (const char* before : {"", "81", "81 a161", "81 a161 91", "81 a161 81"}) {
        for (std::size_t size = 0; size < 20; ++size) {
          const std::string rest(size, '\0');
          Compare(Bytes(before) + static_cast<char>(tag) + rest);
          Compare(Bytes(before) + static_cast<char>(tag) + rest + std::string(20 - size, '\1'));
        }
      }
    }
  }

  TEST_CASE_FIXTURE(FieldsFixture, "names of any length are known again, and told from others") {
    for (std::size_t size = 0; size < 300; ++size) {
      const std::string name(size, 'n');
      for (std::size_t other = 0; other <= size; ++other) {
        std::string changed = name;
        if (other < size) changed[other] = 'o';
        msgpack::sbuffer buffer;
        Packer pack(buffer);
        pack.pack_map(1);
        pack.pack(other % 3 == 0 ? changed : name);
        pack.pack(1);
        if (size < 40 || other % 37 == 0) Compare({buffer.data(), buffer.size()});
        FillCounts::Field field("p" + name, size);
        CHECK(field.IsAt("p" + name + std::string(other, 'x')));
        CHECK(field.IsAt("p" + changed + std::string(other, 'x')) == (other == size));
        CHECK_FALSE(field.IsAt(("p" + name).substr(0, other)));
      }
    }
  }

  TEST_CASE_FIXTURE(FieldsFixture, "names that have to be escaped are so each time") {
    for (int i = 0; i < 3; ++i) {
      LineBuffer out;
      CHECK(AppendFields(Bytes("82 a12201 a37f615c02"), 0, &fills, &out).fault == nullptr);
      CHECK(out.View() == R"({"\"":1,"\u007fa\\":2,)");
    }
  }

  TEST_CASE_FIXTURE(FieldsFixture, "a name that begins as the expected one is another") {
    LineBuffer out;
    for (const char* hex : {"82 a1 61 01 a1 62 02", "82 a2 6161 01 a1 62 02", "81 a1 61 03"}) {
      CHECK(AppendFields(Bytes(hex), 0, &fills, &out).fault == nullptr);
    }
    CHECK(out.View() == R"({"a":1,"b":2,{"aa":1,"b":2,{"a":3,)");
    CHECK(AppendFields(Bytes("82 a1 61 01 a1"), 0, &fills, &out).fault != nullptr);
  }
}
