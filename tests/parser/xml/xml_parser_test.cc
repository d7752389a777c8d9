#include "parser/xml/xml_parser.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/html/serialize.h"
#include "tests/support/repeat.h"

namespace html = thresh::html;
using thresh::Errc;
using thresh::test::Repeat;
using thresh::xml::XmlLimits;
using thresh::xml::XmlParser;

namespace {

struct XmlFixture {
  /// The document, parsed and written again.
  std::string Rewritten(std::string_view xml) {
    XmlParser parser;
    const auto parsed = parser.Parse(xml, &tree);
    REQUIRE_MESSAGE(parsed.ok(), parsed.error().detail);
    std::string out;
    AppendOuterHtml(tree, html::kDocumentNode, &out);
    return out;
  }

  /// `detail` of the failure.
  std::string Failure(std::string_view xml, XmlLimits limits = {}) {
    XmlParser parser(limits);
    const auto parsed = parser.Parse(xml, &tree);
    if (parsed.ok()) return "none";
    CHECK(tree.size() == 1);
    CHECK(tree.xml() == nullptr);
    code = parsed.error().code;
    return parsed.error().detail;
  }

  html::NameTable names;
  html::Tree tree{names};
  Errc code = Errc::kInternal;
};

}  // namespace

TEST_SUITE("XmlParser") {
  TEST_CASE_FIXTURE(XmlFixture, "elements, attributes, comments, instructions") {
    CHECK(Rewritten("<?xml version='1.0'?><Feed A='1'><?t d?><!--c--><link/>x</Feed>") ==
          "<Feed A=\"1\"><?t d?><!--c--><link></link>x</Feed>");
    CHECK(Rewritten("<!--a--><?b c?><r/><!--d-->") == "<!--a--><?b c?><r></r><!--d-->");
  }

  TEST_CASE_FIXTURE(XmlFixture, "CDATA is text, and what adjoins is one node") {
    Rewritten("<r>a<![CDATA[<b>]]>&amp;\r\nc&#233;</r>");
    CHECK(tree.size() == 3);
    CHECK(tree.node(2).text == "a<b>&\nc\xC3\xA9");
  }

  TEST_CASE_FIXTURE(XmlFixture, "names keep their case and prefix, also those nothing declares") {
    CHECK(Rewritten("<rss><media:Content url=''/></rss>") ==
          "<rss><media:Content url=\"\"></media:Content></rss>");
    CHECK(tree.node(1).ns == html::Namespace::kXml);
    CHECK(tree.xml()->nodes[2].own == html::XmlNames::kNoBinding);
  }

  TEST_CASE_FIXTURE(XmlFixture, "namespaces end with their element") {
    Rewritten("<r xmlns='u'><a xmlns='v'/><b/><c xmlns=''/></r>");
    const auto uri_of = [this](html::NodeId id) {
      const auto own = tree.xml()->nodes[id].own;
      return own == html::XmlNames::kNoBinding ? "none" : tree.xml()->bindings[own].uri;
    };
    CHECK(uri_of(1) == "u");
    CHECK(uri_of(2) == "v");
    CHECK(uri_of(3) == "u");
    CHECK(uri_of(4) == "none");
  }

  TEST_CASE_FIXTURE(XmlFixture, "the encoding it declares is not believed") {
    CHECK(Rewritten("<?xml version='1.0' encoding='iso-8859-1'?><r>\xC3\xA9</r>") ==
          "<r>\xC3\xA9</r>");
    CHECK(Rewritten("<?xml version='1.0' encoding='no-such'?><r/>") == "<r></r>");
  }

  TEST_CASE_FIXTURE(XmlFixture, "the DTD inside gives entities, defaults and IDs") {
    CHECK(Rewritten("<!DOCTYPE r [<!ENTITY e 'x&#38;#38;y'><!ATTLIST r a CDATA 'd' k ID #IMPLIED>"
                    "<!--no--><?no no?>]><r k='1'>&e;</r>") ==
          "<!DOCTYPE r><r k=\"1\" a=\"d\">x&amp;y</r>");
    REQUIRE(tree.xml()->ids.size() == 1);
    CHECK(tree.xml()->ids[0].value == "1");
  }

  TEST_CASE_FIXTURE(XmlFixture, "a tree forgets that it was XML") {
    Rewritten("<r/>");
    CHECK(tree.xml() != nullptr);
    tree.Clear();
    CHECK(tree.xml() == nullptr);
  }

  TEST_CASE_FIXTURE(XmlFixture, "a parser can be used again, also after a failure") {
    XmlParser parser;
    CHECK_FALSE(parser.Parse("<r xmlns:n='u'><a>text", &tree).ok());
    REQUIRE(parser.Parse("<n:r/>", &tree).ok());
    CHECK(tree.size() == 2);
    CHECK(tree.xml()->nodes[1].own == html::XmlNames::kNoBinding);
  }
}

TEST_SUITE("XML errors say where") {
  TEST_CASE_FIXTURE(XmlFixture, "what is not well-formed") {
    CHECK(Failure("<a>\n <b></a>") == "line 2, column 7: mismatched tag");
    CHECK(code == Errc::kInvalid);
    CHECK(Failure("") == "line 1, column 1: no element found");
    CHECK(Failure("<a>") == "line 1, column 4: no element found");
    CHECK(Failure("<a b='1' b='2'/>") == "line 1, column 10: duplicate attribute");
    CHECK(Failure("<a>&nbsp;</a>") == "line 1, column 4: undefined entity");
    CHECK(Failure("<a/>x") == "line 1, column 5: junk after document element");
    CHECK(Failure("<a>\xFF</a>") == "line 1, column 4: not well-formed (invalid token)");
  }

  TEST_CASE_FIXTURE(XmlFixture, "nothing outside the document is loaded") {
    CHECK(Failure("<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>") == "none");
    CHECK(Failure("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>") == "none");
    CHECK(tree.size() == 3);  // The document, its doctype, r; no text.
    CHECK(Failure("<!DOCTYPE r [<!ENTITY % e SYSTEM 'file:///etc/passwd'> %e;]><r/>") == "none");
  }

  TEST_CASE_FIXTURE(XmlFixture, "entities that blow up are broken off") {
    std::string bomb = "<!DOCTYPE r [<!ENTITY e0 '0123456789abcdef'>";
    for (int i = 1; i < 10; ++i) {
      const std::string inner = "&e" + std::to_string(i - 1) + ";";
      bomb += "<!ENTITY e" + std::to_string(i) + " '" + Repeat(inner, 10) + "'>";
    }
    const std::string failure = Failure(bomb + "]><r>&e9;</r>");
    CHECK(
        failure.ends_with("limit on input amplification factor (from DTD and entities) breached"));
    CHECK(code == Errc::kTooLarge);
  }

  TEST_CASE_FIXTURE(XmlFixture, "long chains of entities are refused before they are followed") {
    std::string chain = "<!DOCTYPE r [<!ENTITY e0 'x'>";
    for (int i = 1; i < 100'000; ++i) {
      chain += "<!ENTITY e" + std::to_string(i) + " '&e" + std::to_string(i - 1) + ";'>";
    }
    CHECK(Failure(chain + "]><r>&e99999;</r>").ends_with(": more than 1000 entities"));
    CHECK(code == Errc::kTooLarge);
  }

  TEST_CASE_FIXTURE(XmlFixture, "depth, nodes and attributes have limits") {
    CHECK(Failure(Repeat("<a>", 3) + Repeat("</a>", 3), {.max_depth = 2}) ==
          "line 1, column 7: elements more than 2 deep");
    CHECK(Failure(Repeat("<a>", 2) + Repeat("</a>", 2), {.max_depth = 2}) == "none");
    CHECK(Failure("<a><b/>\n<c/></a>", {.max_nodes = 3}) == "line 2, column 1: more than 3 nodes");
    CHECK(Failure("<a b='' c=''/>", {.max_nodes = 2}) == "line 1, column 1: more than 2 nodes");
    CHECK(Failure("<a b='' c=''/>", {.max_attributes = 1}) ==
          "line 1, column 1: a tag with more than 1 attributes");
    CHECK(code == Errc::kTooLarge);
    CHECK(Failure(Repeat("<a>", 1'000'000)).ends_with("elements more than 2000 deep"));
  }

  TEST_CASE_FIXTURE(XmlFixture, "cut anywhere, or with any byte flipped, it parses or fails") {
    const std::string xml =
        "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY e 'f'><!ATTLIST r i ID #IMPLIED>]><r i='1' "
        "xmlns:n='u'><n:a b='&e;'>x<![CDATA[y]]></n:a><!--c--><?p q?></r>";
    for (std::size_t size = 0; size < xml.size(); ++size) {
      CHECK(Failure(xml.substr(0, size)).starts_with("line "));
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = xml;
        flipped[size] = static_cast<char>(flipped[size] ^ (1 << bit));
        const std::string failure = Failure(flipped);
        CHECK((failure == "none" || failure.starts_with("line ")));
      }
    }
    CHECK(Failure(xml) == "none");
  }
}
