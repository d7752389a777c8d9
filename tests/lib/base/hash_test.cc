#include "lib/base/hash.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_set>

#include <doctest/doctest.h>

#include "tests/support/hex.h"

using thresh::Hash128;
using thresh::HashBytes;
using thresh::HashFromBytes;
using thresh::HashParts;
using thresh::RandomId;
using thresh::test::Bytes;

// Known answers: xxhsum -H2 (0.8.1).
TEST_SUITE("hash") {
  TEST_CASE("HashBytes() is XXH3-128, in each of its length classes") {
    CHECK(HashBytes("").Hex() == "99aa06d3014798d86001c324468d497f");
    CHECK(HashBytes("a").Hex() == "a96faf705af16834e6c632b61e964e1f");
    CHECK(HashBytes("abc").Hex() == "06b05ab6733a618578af5f94892f3950");
    CHECK(HashBytes("0123456789abcdef").Hex() == "ccba8085a0434e9e0befb4873dbe58f8");
    CHECK(HashBytes(std::string(17, 'x')).Hex() == "9e8a29b5dfc13013416e526dfb687d89");
    CHECK(HashBytes(std::string(240, 'x')).Hex() == "bfede978870834bedf2b586ca80bb7aa");
    CHECK(HashBytes(std::string(241, 'x')).Hex() == "586c2f1b13edf30f14da9e5c301a6a1d");
    std::string large;
    for (int i = 0; i < 100'000; ++i) large.push_back(static_cast<char>(i % 256));
    CHECK(HashBytes(large).Hex() == "077f8d86a61f4d7439cf9d035d60ad58");
  }

  TEST_CASE("HashParts() hashes each part behind its length, u32 little-endian") {
    CHECK(HashParts({"ab", "c"}).Hex() == "ef2fcd6c26fa0aa6250f3d2016ddaed6");
    CHECK(HashParts({"a", "bc"}).Hex() == "6e496efc8f77eebc83650241d6affe03");
    CHECK(HashParts({"abc"}).Hex() == "31da8c350ad598454bd65eafada089bd");
    CHECK(HashParts({std::string(300, 'y'), "z"}).Hex() == "99f3ee42aac9cbf3bc4a3daa8998fed3");
  }

  TEST_CASE("empty parts count") {
    CHECK(HashParts({}).Hex() == "99aa06d3014798d86001c324468d497f");
    CHECK(HashParts({""}).Hex() == "2a33816ed7e0c373dbe563c737220b65");
    CHECK(HashParts({"", ""}).Hex() == "2c0a8a99dc147d5445c3b49d035665b2");
  }

  TEST_CASE("hex digits and bytes go from the most significant down") {
    const Hash128 hash = *HashFromBytes(Bytes("0123456789abcdef00ff10fe20fd30fc"));
    CHECK(hash.Hex() == "0123456789abcdef00ff10fe20fd30fc");
    CHECK(hash.View() == Bytes("0123456789abcdef00ff10fe20fd30fc"));
    CHECK(Hash128{}.Hex() == std::string(32, '0'));
  }

  TEST_CASE("a hash is 16 bytes, nothing else") {
    for (const std::size_t size : {0, 1, 15, 17, 32}) {
      CHECK_FALSE(HashFromBytes(std::string(size, 'x')));
    }
    CHECK(HashFromBytes(std::string(16, 'x')));
  }

  TEST_CASE("random ids do not repeat") {
    std::unordered_set<Hash128> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(RandomId());
    CHECK(ids.size() == 1000);
  }

  TEST_CASE("each byte is two lower-case hex digits") {
    for (unsigned byte = 0; byte < 256; ++byte) {
      for (std::size_t at = 0; at < 16; ++at) {
        Hash128 hash;
        hash.bytes[at] = static_cast<std::uint8_t>(byte);
        hash.bytes[(at + 1) % 16] = static_cast<std::uint8_t>(255 - byte);
        char expected[33];
        for (std::size_t i = 0; i < 16; ++i) {
          std::snprintf(expected + 2 * i, 3, "%02x", static_cast<unsigned>(hash.bytes[i]));
        }
        CHECK(hash.Hex() == expected);
      }
    }
  }
}
