// A page as it came, as text.

#include "parser/body/page_text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/body/encoders.h"

using thresh::BodyKind;
using thresh::PageBuffers;
using thresh::PageText;
using thresh::test::BrotliPacked;
using thresh::test::Gzipped;

namespace {

struct Fixture {
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

  std::string Read(std::string_view body, const Headers& headers,
                   std::string_view override_label = "") {
    const auto text =
        PageText({.body = body, .headers = headers, .override_label = override_label}, &buffers);
    return text ? std::string(*text) : "<" + std::string(text.error().reason) + ">";
  }

  PageBuffers buffers;
};

}  // namespace

TEST_SUITE("PageText") {
  TEST_CASE_FIXTURE(Fixture, "a packed page in a charset of its own") {
    const std::string page = "<meta charset=cp1251>\xCF\xF0\xE8\xE2\xE5\xF2";
    const std::string text = "<meta charset=cp1251>\u041F\u0440\u0438\u0432\u0435\u0442";
    CHECK(Read(page, {}) == text);
    CHECK(Read(Gzipped(page), {{"content-encoding", "gzip"}}) == text);
    CHECK(Read(BrotliPacked(page),
               {{"server", "x"}, {"content-encoding", "br"}, {"content-type", "text/html"}}) ==
          text);
    CHECK(Read(page, {{"content-type", "text/html; charset=latin1"}}) != text);
    CHECK(Read(page, {{"content-type", "text/html; charset=latin1"}}, "cp1251") == text);
  }

  TEST_CASE_FIXTURE(Fixture, "headers that come twice are lists") {
    CHECK(Read(BrotliPacked(Gzipped("x")),
               {{"content-encoding", "gzip"}, {"content-encoding", "br"}}) == "x");
    CHECK(Read("\xE9", {{"content-type", "text/html;charset=gbk"},
                        {"content-type", "text/html;charset=latin1"}}) == "\u00E9");
  }

  TEST_CASE_FIXTURE(Fixture, "a page that needs nothing is the body itself") {
    const std::string_view body = "<p>gr\xC3\xBC\xC3\x9F";
    const Fixture::Headers headers{{"content-type", "text/html; charset=utf-8"}};
    const auto text = PageText({.body = body, .headers = headers}, &buffers);
    REQUIRE(text.ok());
    CHECK(text->data() == body.data());
  }

  TEST_CASE_FIXTURE(Fixture, "failures have the names of docs/outcomes.md") {
    CHECK(Read("no gzip", {{"content-encoding", "gzip"}}) == "<bad_encoding>");
    CHECK(Read(Gzipped(std::string(10 << 20, ' ')), {{"content-encoding", "gzip"}}) ==
          "<decompression_bomb>");
  }

  TEST_CASE_FIXTURE(Fixture, "the memory of a huge page is not kept") {
    const Fixture::Headers headers{{"content-encoding", "gzip"}};
    std::string noisy;
    for (std::uint64_t i = 0; i < 1'500'000; ++i) noisy += std::to_string(i * 7919);
    const std::string packed = Gzipped(noisy);
    CHECK(PageText({.body = packed, .headers = headers}, &buffers)->size() == noisy.size());
    CHECK(buffers.unpacked.capacity() > (12 << 20));
    CHECK(Read(Gzipped("small"), {{"content-encoding", "gzip"}}) == "small");
    CHECK(buffers.unpacked.capacity() < (1 << 20));
  }
}
