// The selectors of the shared corpora: cssselect's cases, and what three CSS
// engines (html5lib+soupsieve, libxml2+cssselect, parse5+cheerio) agree on for
// real pages.

#include <iconv.h>
#include <zlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/select/css_selector.h"
#include "tests/parser/select/selector_fixture.h"
#include "tests/support/corpora.h"

namespace {

using simdjson::dom::element;
using thresh::html::NodeId;
using thresh::select::Hit;
using thresh::test::Corpora;
using thresh::test::ReadFile;
using thresh::test::SelectorFixture;

std::string Gunzipped(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    char chunk[65536];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  REQUIRE(status == Z_STREAM_END);
  return text;
}

std::string ToUtf8(std::string page, const std::string& encoding) {
  if (encoding != "UTF-8" && encoding != "utf-8") {
    const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
    REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
    std::string utf8(page.size() * 3, '\0');
    char* in = page.data();
    char* out = utf8.data();
    std::size_t in_left = page.size();
    std::size_t out_left = utf8.size();
    CHECK(iconv(converter, &in, &in_left, &out, &out_left) == 0);
    iconv_close(converter);
    utf8.resize(utf8.size() - out_left);
    return utf8;
  }
  return page.starts_with("\xEF\xBB\xBF") ? page.substr(3) : page;
}

std::string FirstCharacters(const std::string& text, std::size_t count) {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool starts_character = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (starts_character && count-- == 0) break;
  }
  return text.substr(0, bytes);
}

struct CorporaFixture : SelectorFixture {
  /// What `css` finds among `scope` and its descendants, as cssselect looks for it.
  std::vector<NodeId> OrSelf(std::string_view css, NodeId scope) {
    const auto selector = Compile(css);
    std::vector<NodeId> found;
    if (selector.Matches(tree, scope, scope, work)) found.push_back(scope);
    std::vector<Hit> hits;
    selector.SelectAll(tree, scope, work, &hits);
    for (const Hit& hit : hits) found.push_back(hit.node);
    return found;
  }

  std::string_view IdOf(NodeId id) {
    return tree.Find(tree.node(id), thresh::html::Known("id")).value_or("nil");
  }

  void CheckCase(std::string_view file, element expected) {
    const std::string_view css = expected["css"].get_string();
    CAPTURE(file);
    CAPTURE(css);
    const auto hits = Hits(css);
    CHECK(hits.size() == expected["count"].get_uint64().value());
    std::string_view first_text;
    if (hits.empty() || expected["first_text_120"].get_string().get(first_text)) return;
    const auto text =
        Compile(css).Value(tree, hits.front(), {thresh::select::PseudoElement::Kind::kText});
    CHECK(FirstCharacters(text.value_or("(absent)"), 120) == first_text);
  }

  simdjson::dom::parser json;
};

}  // namespace

TEST_SUITE("CSS corpora") {
  TEST_CASE_FIXTURE(CorporaFixture, "every count of cssselect's on Shakespeare's page") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    Load(ReadFile(corpora / "conformance/css/HTML_SHAKESPEARE.html"));
    const NodeId body = Node("body");
    std::size_t cases = 0;
    for (element expected : json.load(
             (corpora / "conformance/css/cssselect-cases.json").string())["shakespeare_cases"]) {
      const std::string_view css = expected["css"].get_string();
      CHECK_MESSAGE(OrSelf(css, body).size() == expected["count"].get_uint64().value(), css);
      ++cases;
    }
    CHECK(cases == 25);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "every list of ids of cssselect's") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    Load(ReadFile(corpora / "conformance/css/HTML_IDS.html"));
    const NodeId root = Node("html");
    std::size_t cases = 0;
    for (element expected :
         json.load((corpora / "conformance/css/cssselect-cases.json").string())["ids_cases"]) {
      const std::string_view css = expected["css"].get_string();
      std::string found;
      for (const NodeId id : OrSelf(css, root)) found.append(IdOf(id)).append(" ");
      std::string wanted;
      for (element id : expected["ids"]) wanted.append(id.get_string().value()).append(" ");
      CHECK_MESSAGE(found == wanted, css);
      ++cases;
    }
    CHECK(cases == 57);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "what three engines agree on for real pages, we find too") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t cases = 0;
    for (element entry : json.load((corpora / "pages/selectors-expected.json").string())) {
      const std::string file(entry["file"].get_string().value());
      const std::string encoding(entry["encoding"].get_string().value());
      Load(ToUtf8(Gunzipped(ReadFile(corpora / file)), encoding));
      work = thresh::select::WorkBudget();
      for (element expected : entry["css"]) {
        if (expected["engines_agreeing"].get_uint64().value() != 3) continue;
        CheckCase(file, expected);
        ++cases;
      }
    }
    CHECK(cases == 1250);
  }
}
