#include "parser/json/write.h"

#include <string>
#include <vector>

#define MSGPACK_NO_BOOST
#include <doctest/doctest.h>
#include <msgpack.hpp>

#include "parser/json/document.h"
#include "tests/support/hex.h"

namespace {

struct WriteFixture {
  std::string Msgpack(std::string_view json) {
    const auto parsed = document.Parse(json);
    REQUIRE(parsed.ok());
    std::string out;
    thresh::json::AppendMsgpack(*parsed, &out);
    return out;
  }
  std::string Json(std::string_view json) {
    const auto parsed = document.Parse(json);
    REQUIRE(parsed.ok());
    std::string out;
    thresh::json::AppendJson(*parsed, &out);
    return out;
  }

  thresh::json::Document document;
};

// What the msgpack library itself writes.
template <typename T>
std::string Packed(const T& value) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer, value);
  return {buffer.data(), buffer.size()};
}

}  // namespace

TEST_SUITE("JSON values written") {
  TEST_CASE_FIXTURE(WriteFixture, "integers as the msgpack library writes them") {
    std::vector<std::int64_t> values{0, INT64_MAX, INT64_MIN};
    for (int bit = 0; bit < 63; ++bit) {
      for (const std::int64_t off : {-1, 0, 1}) {
        values.push_back((std::int64_t{1} << bit) + off);
        values.push_back(-(std::int64_t{1} << bit) + off);
      }
    }
    for (const std::int64_t value : values) {
      CHECK_MESSAGE(Msgpack(std::to_string(value)) == Packed(value), value);
      CHECK(Json(std::to_string(value)) == std::to_string(value));
    }
    CHECK(Msgpack("18446744073709551615") == Packed(UINT64_MAX));
    CHECK(Json("18446744073709551615") == "18446744073709551615");
  }

  TEST_CASE_FIXTURE(WriteFixture, "texts and containers of every length class") {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 31u, 32u, 255u, 256u, 65535u, 65536u}) {
      const std::string text(size, 'x');
      CHECK(Msgpack('"' + text + '"') == Packed(text));
      std::string list = "[";
      std::string object = "{";
      for (std::size_t i = 0; i < size; ++i) {
        list += i > 0 ? ",7" : "7";
        object += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":7";
      }
      CHECK(Msgpack(list + ']') == Packed(std::vector<int>(size, 7)));
      const auto unpacked = Msgpack(object + '}');
      const auto handle = msgpack::unpack(unpacked.data(), unpacked.size());
      CHECK(handle.get().via.map.size == size);
    }
  }

  TEST_CASE_FIXTURE(WriteFixture, "the other values") {
    CHECK(Msgpack("null") == Packed(msgpack::type::nil_t()));
    CHECK(Msgpack("[true,false]") == Packed(std::vector<bool>{true, false}));
    CHECK(Msgpack("1.5") == Packed(1.5));
    CHECK(Msgpack("-1e300") == Packed(-1e300));
  }

  TEST_CASE_FIXTURE(WriteFixture, "JSON on one line") {
    CHECK(Json(" { \"a\" : [ ] , \"b\" : { } , \"c\\n\" : [ 1.50 , 2.0, -0, \"\\u2028\" ] } ") ==
          R"({"a":[],"b":{},"c\n":[1.5,2,0,"\u2028"]})");
    CHECK(Json(R"({"a":1,"a":2})") == R"({"a":1,"a":2})");
  }

  TEST_CASE_FIXTURE(WriteFixture, "an array whose length simdjson does not know") {
    std::string text = "[1";
    constexpr std::size_t kItems = (1u << 24) + 5;
    text.reserve(2 * kItems + 2);
    for (std::size_t i = 1; i < kItems; ++i) text += ",1";
    const std::string packed = Msgpack(text + ']');
    CHECK(packed.size() == 5 + kItems);
    CHECK(packed.substr(0, 5) == std::string("\xDD\x01\x00\x00\x05", 5));
  }
}
