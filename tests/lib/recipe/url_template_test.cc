#include "lib/recipe/url_template.h"

#include <cstddef>
#include <string>

#include <doctest/doctest.h>

using thresh::UrlTemplate;
using Kind = thresh::UrlTemplate::Kind;

namespace {

std::string FaultOf(const std::string& text) {
  std::size_t offset = 99;
  const auto made = UrlTemplate::Parse(text, &offset);
  REQUIRE_FALSE(made.ok());
  return std::to_string(offset) + ": " + made.error().detail;
}

}  // namespace

TEST_SUITE("UrlTemplate") {
  TEST_CASE("text and places follow one another as written") {
    std::size_t offset = 0;
    const auto made = UrlTemplate::Parse("a{value}{+meta.x.y}b{{c}{url}", &offset);
    REQUIRE(made.ok());
    const auto& parts = made->parts();
    REQUIRE(parts.size() == 5);
    CHECK(parts[0].text == "a");
    CHECK(parts[1].kind == Kind::kValue);
    CHECK_FALSE(parts[1].verbatim);
    CHECK(parts[2].kind == Kind::kMeta);
    CHECK(parts[2].verbatim);
    CHECK(parts[2].text == "x.y");
    CHECK(parts[3].text == "b{c}");
    CHECK(parts[4].kind == Kind::kUrl);
    CHECK(made->uses_value());
    CHECK_FALSE(UrlTemplate::Parse("a{url}", &offset)->uses_value());
    CHECK(UrlTemplate::Parse("", &offset)->parts().empty());
  }

  TEST_CASE("what is no place is told at its brace") {
    const std::string expected =
        "expected {value}, {url}, {meta.NAME}, {secret.NAME} or {{ for a brace";
    CHECK(FaultOf("ab{x}") == "2: " + expected + ", found {x}");
    CHECK(FaultOf("{}") == "0: " + expected + ", found {}");
    CHECK(FaultOf("{meta.}").starts_with("0: expected "));
    CHECK(FaultOf("{{{vlaue}").ends_with("found {vlaue}; did you mean \"value\"?"));
    CHECK(FaultOf("a{value") == "1: expected } behind {, or {{ for a brace");
    CHECK(FaultOf("{secret.}").starts_with("0: expected "));
    CHECK(FaultOf("{secret.a/b}").starts_with("0: expected "));
    CHECK(FaultOf("{secret.a.b}").starts_with("0: expected "));
  }

  TEST_CASE("only the places asked for are known, and only they are told of") {
    std::size_t offset = 0;
    const UrlTemplate::Places secrets{false, false, false, true};
    CHECK(UrlTemplate::Parse("{secret.a-B_1}", &offset, secrets).ok());
    const auto bad = UrlTemplate::Parse("x{meta.a}", &offset, secrets);
    REQUIRE_FALSE(bad.ok());
    CHECK(offset == 1);
    CHECK(bad.error().detail == "expected {secret.NAME} or {{ for a brace, found {meta.a}");
  }

  TEST_CASE("a basename is known where a page is saved, and nowhere else") {
    std::size_t offset = 0;
    const UrlTemplate::Places saved{false, true, true, false};
    const auto made = UrlTemplate::Parse("output_{basename}.html", &offset, saved);
    REQUIRE(made.ok());
    CHECK(made->parts()[1].kind == Kind::kUrl);
    CHECK(made->parts()[1].text == "basename");
    CHECK(FaultOf("{basename}").starts_with("0: expected {value}, {url}, {meta.NAME}"));
    const auto bad = UrlTemplate::Parse("{basname}", &offset, saved);
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error().detail ==
          "expected {url}, {basename}, {meta.NAME} or {{ for a brace, found {basname}; "
          "did you mean \"basename\"?");
  }

  TEST_CASE("the beginning is what stands before the first place") {
    std::size_t offset = 0;
    CHECK(UrlTemplate::Parse("http://x/{value}", &offset)->beginning() == "http://x/");
    CHECK(UrlTemplate::Parse("{value}/a", &offset)->beginning().empty());
    CHECK(UrlTemplate::Parse("http://x/", &offset)->beginning() == "http://x/");
  }
}
