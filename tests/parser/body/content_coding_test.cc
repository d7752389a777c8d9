// Packed bodies: what unpacks, what is broken, and what wants to fill the memory.

#include "parser/body/content_coding.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/parser/body/decode_inputs.h"
#include "tests/parser/body/encoders.h"

using thresh::ContentDecoder;
using thresh::DecodeContent;
using thresh::Errc;
using thresh::Result;
using thresh::test::BrotliPacked;
using thresh::test::Gzipped;
using thresh::test::kPackings;
using thresh::test::Noise;
using thresh::test::Packing;
using thresh::test::ZlibPacked;
using thresh::test::ZstdPacked;
using thresh::test::ZstdStreamed;

namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 40;

struct Fixture {
  /// The body, or its failure's reason in angle brackets.
  std::string Unpack(std::string_view coding, std::string_view packed, std::size_t max = 64 << 20) {
    const Result<std::string_view> body = decoder.Decode(coding, packed, max, &buffer);
    if (body) return std::string(*body);
    detail = body.error().detail;
    const bool too_large = std::string_view(body.error().reason) != "bad_encoding";
    CHECK(body.error().code == (too_large ? Errc::kTooLarge : Errc::kInvalid));
    return "<" + std::string(body.error().reason) + ">";
  }

  ContentDecoder decoder;
  std::string buffer, detail;
};

// Text of which little is the same.
std::string Text(std::size_t bytes) {
  Noise noise(bytes);
  std::string text;
  while (text.size() < bytes) text += "<p class=x>" + std::to_string(noise.Below(1'000'000));
  text.resize(bytes);
  return text;
}

}  // namespace

TEST_SUITE("DecodeContent") {
  TEST_CASE_FIXTURE(Fixture, "what the encoders pack comes back, of any size") {
    for (const Packing& packing : kPackings) {
      for (const std::size_t bytes : {0U, 1U, 100U, 16384U, 16385U, 300'000U, 5'000'000U}) {
        const std::string text = Text(bytes);
        CHECK_MESSAGE(Unpack(packing.coding, packing.pack(text)) == text,
                      std::string(packing.coding), " ", bytes);
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a body of exactly the limit passes, one byte more does not") {
    for (const Packing& packing : kPackings) {
      for (const std::size_t bytes : {1U, 16384U, 100'000U}) {
        const std::string packed = packing.pack(Text(bytes));
        CHECK_MESSAGE(Unpack(packing.coding, packed, bytes).size() == bytes,
                      std::string(packing.coding));
        CHECK_MESSAGE(Unpack(packing.coding, packed, bytes - 1) == "<too_large>",
                      std::string(packing.coding));
      }
    }
    CHECK(detail == "a body of over 99999 bytes (fetch.max_body_bytes)");
  }

  TEST_CASE_FIXTURE(Fixture, "a body cut short at any byte is an error") {
    for (const Packing& packing : kPackings) {
      const std::string packed = packing.pack(Text(400));
      for (std::size_t bytes = 1; bytes < packed.size(); ++bytes) {
        CHECK_MESSAGE(Unpack(packing.coding, packed.substr(0, bytes)) == "<bad_encoding>",
                      std::string(packing.coding), " ", bytes);
      }
    }
    CHECK(detail == "the body is damaged or cut short: its zstd cannot be unpacked");
  }

  TEST_CASE_FIXTURE(Fixture, "with a checksum, a flipped byte is an error or changes nothing") {
    const std::string text = Text(400);
    const std::string packed[] = {Gzipped(text), ZlibPacked(text, 15), ZstdStreamed(text, 20)};
    const char* codings[] = {"gzip", "deflate", "zstd"};
    for (int i = 0; i < 3; ++i) {
      for (std::size_t at = 0; at < packed[i].size(); ++at) {
        std::string flipped = packed[i];
        flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
        const std::string unpacked = Unpack(codings[i], flipped);
        CHECK_MESSAGE((unpacked == text || unpacked == "<bad_encoding>"), std::string(codings[i]),
                      " ", at);
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "random bytes do no harm") {
    Noise noise(5);
    for (int run = 0; run < 4000; ++run) {
      std::string bytes;
      for (std::uint32_t left = noise.Below(300); left > 0; --left)
        bytes.push_back(noise.Between(0, 255));
      for (const char* head : {"", "\x1F\x8B\x08", "\x78\x9C", "\x28\xB5\x2F\xFD"}) {
        for (const char* coding : {"gzip", "deflate", "br", "zstd", "br, gzip"}) {
          (void)DecodeContent(coding, head + bytes, 1 << 20, &buffer).ok();
        }
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "damage within a packed body does no harm") {
    Noise noise(6);
    for (const Packing& packing : kPackings) {
      const std::string packed = packing.pack(Text(20'000));
      for (int run = 0; run < 200; ++run) {
        std::string damaged = packed;
        for (int flips = 0; flips < 3; ++flips) {
          damaged[noise.Below(static_cast<std::uint32_t>(damaged.size()))] = noise.Between(0, 255);
        }
        (void)decoder.Decode(packing.coding, damaged, 1 << 20, &buffer).ok();
        CHECK(Unpack(packing.coding, packing.pack("still well")) == "still well");
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "codings are undone from the last to the first") {
    const std::string text = Text(3000);
    CHECK(Unpack("gzip, br", BrotliPacked(Gzipped(text))) == text);
    CHECK(Unpack(" GZip ,identity,,Deflate", ZlibPacked(Gzipped(text), 15)) == text);
    CHECK(Unpack("zstd,gzip,br", BrotliPacked(Gzipped(ZstdPacked(text)))) == text);
    CHECK(Unpack("br, gzip", BrotliPacked(Gzipped(text))) == "<bad_encoding>");
    CHECK(Unpack("gzip,gzip,gzip,gzip", "x") == "<bad_encoding>");
    CHECK(detail == "over 3 codings one over another");
  }

  TEST_CASE_FIXTURE(Fixture, "nothing packed is nothing copied") {
    const std::string body = "plain";
    for (const char* coding : {"", "identity", " , identity ,"}) {
      const auto same = decoder.Decode(coding, body, 1 << 20, &buffer);
      REQUIRE(same.ok());
      CHECK(same->data() == body.data());
    }
    CHECK(Unpack("gzip", "").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a coding that is not known is an error that names those that are") {
    CHECK(Unpack("x-rot13", "uryyb") == "<bad_encoding>");
    CHECK(detail ==
          "the Content-Encoding \"x-rot13\" is not known; known are gzip, deflate, br and zstd");
    CHECK(Unpack("compress", "x") == "<bad_encoding>");
  }

  TEST_CASE_FIXTURE(Fixture, "gzip has members one after another; bytes behind them are not read") {
    CHECK(Unpack("gzip", Gzipped("one ") + Gzipped("") + Gzipped("two")) == "one two");
    CHECK(Unpack("gzip", Gzipped("one") + std::string(100, '\0')) == "one");
    CHECK(Unpack("gzip", Gzipped("one") + "\r\n") == "one");
    const std::string second = Gzipped("two");
    for (std::size_t bytes = 1; bytes < second.size(); ++bytes) {
      CHECK(Unpack("gzip", Gzipped("one") + second.substr(0, bytes)) == "<bad_encoding>");
    }
  }

  TEST_CASE_FIXTURE(Fixture, "zstd has frames one after another, and frames to be skipped") {
    const std::string skipped("\x50\x2A\x4D\x18\x03\0\0\0xyz", 11);
    CHECK(Unpack("zstd", ZstdPacked("one ") + skipped + ZstdStreamed("two", 20)) == "one two");
    CHECK(Unpack("zstd", ZstdPacked("one") + "junk") == "<bad_encoding>");
  }

  TEST_CASE_FIXTURE(Fixture, "zstd's window is at most 8 MiB") {
    const std::string text = Text(100'000);
    CHECK(Unpack("zstd", ZstdStreamed(text, 23)) == text);
    CHECK(Unpack("zstd", ZstdStreamed(text, 24)) == "<bad_encoding>");
  }

  TEST_CASE_FIXTURE(Fixture, "200 MB of zeros are a bomb, and cost what they may cost") {
    const std::string zeros(200'000'000, '\0');
    for (const Packing& packing : kPackings) {
      const std::string packed = packing.pack(zeros);
      const std::size_t allowed = std::max<std::size_t>(1 << 20, 200 * packed.size());
      Fixture fresh;
      if (allowed < zeros.size()) {
        CHECK_MESSAGE(fresh.Unpack(packing.coding, packed, kNoLimit) == "<decompression_bomb>",
                      packing.coding);
        CHECK(fresh.detail == "a body of " + std::to_string(packed.size()) +
                                  " bytes on the wire and over " + std::to_string(allowed) +
                                  " unpacked, more than 200 times as many");
      }
      CHECK(fresh.buffer.size() <= allowed);
      CHECK_MESSAGE(fresh.Unpack(packing.coding, packed, 100'000) == "<too_large>",
                    std::string(packing.coding));
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a bomb in a bomb is bounded at each layer") {
    const std::string bomb = Gzipped(std::string(200'000'000, '\0'));
    CHECK(Unpack("gzip, gzip", Gzipped(bomb), kNoLimit) == "<decompression_bomb>");
    CHECK(buffer.size() + 0 <= (2 << 20));
    CHECK(Unpack("gzip, gzip, br", BrotliPacked(Gzipped(bomb)), kNoLimit) ==
          "<decompression_bomb>");
    const std::string many = Gzipped(std::string(60'000, 'x'));
    std::string members;
    for (int i = 0; i < 2000; ++i) members += many;
    CHECK(Unpack("gzip", members, kNoLimit) == "<decompression_bomb>");
  }

  TEST_CASE_FIXTURE(Fixture, "up to 1 MiB a ratio is nobody's business") {
    const std::string text(1 << 20, 'x');
    for (const Packing& packing : kPackings)
      CHECK(Unpack(packing.coding, packing.pack(text)) == text);
    CHECK(Unpack("zstd", ZstdPacked(text + "x")) == "<decompression_bomb>");
  }

  TEST_CASE_FIXTURE(Fixture, "a gzip that lies about its length unpacks all the same, or fails") {
    std::string packed = Gzipped(Text(100'000));
    packed += std::string("\xFF\xFF\xFF\xFF", 4);  // What looks like a trailer is none.
    CHECK(Unpack("gzip", packed) == Text(100'000));
    CHECK(buffer.size() <= packed.size() * 1032);
  }
}
