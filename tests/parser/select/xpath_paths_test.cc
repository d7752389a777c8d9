// Location paths: XPath 1.0, section 2.

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/xpath_fixture.h"

using thresh::select::XPathNode;
using thresh::test::XPathFixture;

namespace {

// A family: ids in document order are 1 to 9.
struct Family : XPathFixture {
  Family() {
    LoadXml(
        "<doc id='1'><a id='2' x='u' y='v'><b id='3'/><b id='4'><c id='5'/></b></a>"
        "<a id='6'><b id='7'/></a><d id='8'>t<!--n--><?p q?><e id='9'/></d></doc>");
  }
  std::string From(std::string_view id, std::string_view expression) {
    return Found(expression, Node("//*[@id='" + std::string(id) + "']"));
  }
};

}  // namespace

TEST_SUITE("axes") {
  TEST_CASE_FIXTURE(Family, "forwards") {
    CHECK(From("2", "child::*") == "3 4");
    CHECK(From("2", "descendant::*") == "3 4 5");
    CHECK(From("2", "descendant-or-self::*") == "2 3 4 5");
    CHECK(From("2", "following-sibling::*") == "6 8");
    CHECK(From("4", "following::*") == "6 7 8 9");
    CHECK(From("2", "attribute::*") == "@id @x @y");
    CHECK(From("2", "self::a") == "2");
    CHECK(From("2", "self::b") == "");
  }

  TEST_CASE_FIXTURE(Family, "backwards, but node-sets are in document order") {
    CHECK(From("5", "parent::*") == "4");
    CHECK(From("5", "ancestor::*") == "1 2 4");
    CHECK(From("5", "ancestor::node()") == "/ 1 2 4");
    CHECK(From("5", "ancestor-or-self::*") == "1 2 4 5");
    CHECK(From("8", "preceding-sibling::*") == "2 6");
    CHECK(From("7", "preceding::*") == "2 3 4 5");
    CHECK(From("5", "preceding::*") == "3");
  }

  TEST_CASE_FIXTURE(Family, "following, preceding, ancestor, descendant and self are all nodes") {
    for (const std::string id : {"1", "2", "3", "4", "5", "6", "7", "8", "9"}) {
      const XPathNode node = Node("//*[@id='" + id + "']");
      CHECK(Found("ancestor::node() | descendant::node() | following::node() | "
                  "preceding::node() | self::node()",
                  node) == Found("/ | //node()"));
      CHECK(Number("count(ancestor::node()) + count(descendant::node()) + "
                   "count(following::node()) + count(preceding::node()) + 1",
                   node) == 13);
    }
  }

  TEST_CASE_FIXTURE(Family, "an attribute has a parent but is no child") {
    CHECK(Found("//@x/..") == "2");
    CHECK(Found("//@x/ancestor::*") == "1 2");
    CHECK(Found("//@x/ancestor-or-self::node()") == "/ 1 2 @x");
    CHECK(Found("//@x/descendant-or-self::node()") == "@x");
    CHECK(Found("//@x/child::node() | //@x/following-sibling::node()") == "");
    CHECK(Found("//@x/self::*") == "");
    CHECK(Found("//@x/self::node()") == "@x");
    CHECK(Found("//@x/preceding::node()") == "");
  }

  TEST_CASE_FIXTURE(Family, "what follows an attribute are its element's children and so on") {
    CHECK(Found("//@x/following::*") == "3 4 5 6 7 8 9");
  }

  TEST_CASE_FIXTURE(Family, "axes from many nodes find each node once") {
    CHECK(Found("//b/ancestor::*") == "1 2 6");
    CHECK(Found("//b/following::*") == "4 5 6 7 8 9");
    CHECK(Found("//*/following-sibling::*") == "4 6 8");
    CHECK(Found("//*/preceding-sibling::*") == "2 3 6");
    CHECK(Found("//*/preceding::*") == "2 3 4 5 6 7");
    CHECK(Found("//*//*") == "2 3 4 5 6 7 8 9");
    CHECK(Found("//*/ancestor-or-self::*/@id/..") == "1 2 3 4 5 6 7 8 9");
  }
}

TEST_SUITE("node tests") {
  TEST_CASE_FIXTURE(Family, "of each kind") {
    CHECK(From("8", "node()") == "\"t\" <!--n--> <?p?> 9");
    CHECK(From("8", "text()") == "\"t\"");
    CHECK(From("8", "comment()") == "<!--n-->");
    CHECK(From("8", "processing-instruction()") == "<?p?>");
    CHECK(From("8", "processing-instruction('p')") == "<?p?>");
    CHECK(From("8", "processing-instruction('q')") == "");
    CHECK(From("8", "*") == "9");
  }

  TEST_CASE_FIXTURE(XPathFixture, "names without a prefix take what is in no namespace") {
    LoadXml("<r><i/><n:i xmlns:n='u'/><i xmlns='u'/><m:i/></r>");
    CHECK(Found("//i") == "i");
    CHECK(Found("//n:i") == "n:i");
    CHECK(Found("//n:*") == "n:i");
    CHECK(Found("//m:i") == "m:i");
    CHECK(Found("//*:i") == "i n:i i");
    CHECK(Found("//*[local-name()='i']") == "i n:i i");
    CHECK(Found("//*[namespace-uri()='u']") == "n:i i");
  }

  TEST_CASE_FIXTURE(XPathFixture, "on HTML pages names are lower case, and all in no namespace") {
    LoadHtml("<!DOCTYPE html><DIV ID=a><svg id=s><linearGradient id=g viewBox=1 /></svg></DIV>");
    CHECK(Found("//div") == "a");
    CHECK(Found("//DIV | //Div") == "");
    CHECK(Found("//svg") == "s");
    CHECK(Found("//linearGradient/@viewBox") == "@viewBox");
    CHECK(String("namespace-uri(//svg)") == "");
    CHECK(Found("/node()") == "html");
    CHECK(Found("//@*") == "@id @id @id @viewBox");
  }
}

TEST_SUITE("namespace nodes") {
  TEST_CASE_FIXTURE(XPathFixture, "each element has those in scope, and xml") {
    LoadXml("<r xmlns:n='u'><s xmlns='v' xmlns:n='w'/><t xmlns=''/></r>");
    CHECK(Found("/r/namespace::*") == "{xml} {n}");
    CHECK(Found("/r/*[1]/namespace::*") == "{xml} {} {n}");
    CHECK(String("/r/*[1]/namespace::n") == "w");
    CHECK(String("/r/namespace::n") == "u");
    CHECK(Found("/r/t/namespace::*") == "{xml} {n}");
    CHECK(Number("count(//namespace::xml)") == 3);
    CHECK(Found("//@*") == "");
  }

  TEST_CASE_FIXTURE(XPathFixture,
                    "their place is before the attributes, their parent the element") {
    LoadXml("<r xmlns:n='u' a='1'><s/></r>");
    CHECK(Found("/r | /r/@a | /r/namespace::n | /r/s") == "r {n} @a s");
    CHECK(Found("/r/namespace::n/..") == "r");
    CHECK(String("name(/r/namespace::n)") == "n");
    CHECK(String("local-name(/r/namespace::n)") == "n");
    CHECK(String("namespace-uri(/r/namespace::n)") == "");
  }

  TEST_CASE_FIXTURE(XPathFixture, "elements of an HTML page have that of xml only") {
    LoadHtml("<!DOCTYPE html><html xmlns=x xmlns:og=y><p>");
    CHECK(Found("//p/namespace::*") == "{xml}");
    CHECK(String("//p/namespace::*") == "http://www.w3.org/XML/1998/namespace");
    CHECK(Found("/html/@*") == "@xmlns @xmlns:og");
    CHECK(String("/html/@xmlns") == "x");
  }
}

TEST_SUITE("predicates") {
  TEST_CASE_FIXTURE(Family, "positions count along the axis, so backwards on reverse axes") {
    CHECK(From("5", "ancestor::*[1]") == "4");
    CHECK(From("5", "ancestor::*[last()]") == "1");
    CHECK(From("8", "preceding-sibling::*[1]") == "6");
    CHECK(From("8", "preceding::*[1]") == "7");
    CHECK(From("8", "preceding::*[position() < 3]") == "6 7");
    CHECK(From("5", "(ancestor::*)[1]") == "1");
    CHECK(From("8", "(preceding-sibling::*)[1]") == "2");
  }

  TEST_CASE_FIXTURE(Family, "each counts what the one before it left") {
    CHECK(From("1", "*[@x or @id='8'][2]") == "8");
    CHECK(From("1", "*[2][@id='8']") == "");
    CHECK(From("1", "*[position() > 1][1]") == "6");
    CHECK(From("1", "*[last()][1]") == "8");
    CHECK(From("1", "*[position() < last()][last()]") == "6");
    CHECK(From("1", "*[last()]/*[1]") == "9");
  }

  TEST_CASE_FIXTURE(Family, "//b[1] is the first of each parent, (//b)[1] of the page") {
    CHECK(Found("//b[1]") == "3 7");
    CHECK(Found("(//b)[1]") == "3");
    CHECK(Found("(//b)[last()]") == "7");
    CHECK(Found("(//b)[position() > 1]") == "4 7");
    CHECK(Found("/descendant::b[1]") == "3");
    CHECK(Found("//b[last()]") == "4 7");
    CHECK(Found("//*[1]") == "1 2 3 5 7 9");
  }

  TEST_CASE_FIXTURE(Family, "a number is a position, anything else a truth") {
    CHECK(From("1", "*[2]") == "6");
    CHECK(From("1", "*['2']") == "2 6 8");
    CHECK(From("1", "*[1 + 1]") == "6");
    CHECK(From("1", "*[1.5]") == "");
    CHECK(From("1", "*[0 div 0]") == "");
    CHECK(From("1", "*[-1]") == "");
    CHECK(From("1", "*[count(*)]") == "");
    CHECK(From("1", "*[string(@x)]") == "2");
    CHECK(From("1", "*[number(@id)]") == "");
    CHECK(From("1", "*[b]") == "2 6");
  }

  TEST_CASE_FIXTURE(Family, "position() outside a path belongs to the predicate around it") {
    CHECK(From("1", "*[position() = count(../*)]") == "8");
    CHECK(From("1", "*[*[position() = 2]]") == "2");
    CHECK(From("1", "*[concat(position(), '/', last()) = '2/3']") == "6");
    CHECK(Number("position() + last()") == 2);
  }
}

TEST_SUITE("abbreviations") {
  TEST_CASE_FIXTURE(Family, "//, ., .. and @") {
    CHECK(From("2", ".//*") == "3 4 5");
    CHECK(From("2", "..//c") == "5");
    CHECK(From("2", ".") == "2");
    CHECK(From("3", "../@x") == "@x");
    CHECK(From("3", "../../d") == "8");
    CHECK(From("2", "//c") == "5");
    CHECK(Found("//.") == Found("/ | //node()"));
    CHECK(Found("//..") == "/ 1 2 4 6 8");
    CHECK(Found("//@id/..") == "1 2 3 4 5 6 7 8 9");
    CHECK(Found("//self::b") == "3 4 7");
    CHECK(Found("//following-sibling::a") == "6");
    CHECK(Found("//following::b[1]") == "4 7");
    CHECK(Found("/") == "/");
  }

  TEST_CASE_FIXTURE(Family, "paths go on from filters, unions are in document order") {
    CHECK(Found("(//a)[2]/b") == "7");
    CHECK(Found("(//a | //d)//*") == "3 4 5 7 9");
    CHECK(Found("//d | //a | //b[1] | //a") == "2 3 6 7 8");
    CHECK(Found("(//d | //a)[1]") == "2");
    CHECK(Found("(//c/../..)/@x") == "@x");
  }
}

TEST_SUITE("the first alone") {
  TEST_CASE_FIXTURE(Family, "SelectFirst finds what SelectAll has first") {
    for (const char* expression :
         {"//b", "//c/ancestor::*", "//a/*", "//*[@id='8']/preceding::*", "//d | //a", "//@id",
          "//*/..", "(//b)[2]", "//e/preceding::b[1]", "//b/following::*", "//nothing", "//b[1]",
          "//*/following-sibling::*", "//@x/descendant-or-self::node() | //c", "id('x')"}) {
      CAPTURE(expression);
      const auto all = Nodes(expression);
      const auto first = Compile(expression).SelectFirst(tree, {}, work);
      CHECK(first.has_value() == !all.empty());
      if (first && !all.empty()) CHECK(*first == all.front());
    }
  }

  TEST_CASE_FIXTURE(Family, "of a value that is no node-set there is none") {
    std::vector<XPathNode> found(1);
    Compile("1 + 1").SelectAll(tree, {}, work, &found);
    CHECK(found.empty());
    CHECK_FALSE(Compile("1 + 1").SelectFirst(tree, {}, work).has_value());
    CHECK_FALSE(Compile("1 + 1").selects_nodes());
    CHECK(Compile("(a)").selects_nodes());
  }
}
