// The shared corpora: html5lib's encoding tests, and the encodings of real pages.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/body/ascii.h"
#include "parser/body/charset.h"
#include "parser/body/content_coding.h"
#include "tests/support/corpora.h"

using thresh::CharsetOfLabel;
using thresh::SniffCharset;
using thresh::test::Corpora;
using thresh::test::ReadFile;

namespace {

// `#data`, the bytes, `#encoding`, the name, an empty line.
struct EncodingCases {
  explicit EncodingCases(std::string text) : rest(std::move(text)) {}

  bool Next() {
    constexpr std::string_view kData = "#data\n";
    constexpr std::string_view kEncoding = "\n#encoding\n";
    if (!rest.starts_with(kData)) return false;
    const std::size_t middle = rest.find(kEncoding);
    REQUIRE(middle != std::string::npos);
    data = rest.substr(kData.size(), middle - kData.size());
    const std::size_t begin = middle + kEncoding.size();
    const std::size_t end = std::min(rest.find('\n', begin), rest.size());
    encoding = rest.substr(begin, end - begin);
    rest.erase(0, std::min(rest.find("#data\n", end), rest.size()));
    return true;
  }

  std::string rest, data, encoding;
};

std::string Gunzipped(const std::string& packed) {
  std::string buffer;
  const auto page = thresh::DecodeContent("gzip", packed, 64 << 20, &buffer);
  REQUIRE(page.ok());
  return std::string(*page);
}

}  // namespace

TEST_SUITE("Charset corpora") {
  // The cases suppose a parser that begins anew at a late <meta>, so all of the data is looked at,
  // and a western reader, so what says nothing is windows-1252.
  TEST_CASE("every encoding test of html5lib's") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t count = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(corpora / "conformance/html5-encoding")) {
      EncodingCases cases(ReadFile(file.path()));
      while (cases.Next()) {
        ++count;
        CAPTURE(cases.data);
        const auto found = SniffCharset(
            cases.data, {.fallback = "windows-1252", .prescan_bytes = std::string::npos});
        CHECK(found == CharsetOfLabel(cases.encoding));
      }
      CHECK(cases.rest.empty());
    }
    CHECK(count >= 59);
  }

  TEST_CASE("the encodings of real pages, as people noted them") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    const auto folder = corpora / "pages/pagination";
    simdjson::dom::parser json;
    std::size_t found = 0;
    std::size_t pages = 0;
    for (simdjson::dom::element page : json.load((folder / "expected.json").string())) {
      const std::string id(page["id"].get_string().value());
      const auto noted = CharsetOfLabel(page["encoding"].get_string().value());
      const std::string body = Gunzipped(ReadFile(folder / (id + ".html.gz")));
      const auto sniffed = SniffCharset(body, {});
      ++pages;
      // What is noted may stand in a header that was not kept: then the page's bytes decide.
      found += sniffed == noted ? 1 : 0;
      if (sniffed != noted) MESSAGE(id << ": noted " << noted << ", the page says " << sniffed);
    }
    CHECK(pages == 117);
    CHECK(found >= 110);
  }
}
