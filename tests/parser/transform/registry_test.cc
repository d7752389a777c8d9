#include "parser/transform/registry.h"

#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "tests/parser/transform/pipe_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

Texts FromJson(std::string_view json) {
  simdjson::dom::parser parser;
  Texts texts;
  for (const auto element : parser.parse(simdjson::padded_string(json))) {
    texts.emplace_back(element.get_string().value());
  }
  return texts;
}

}  // namespace

TEST_SUITE("AllTransforms") {
  TEST_CASE("they are in order, each once, and each is described") {
    std::string_view last;
    for (const TransformInfo& info : AllTransforms()) {
      CHECK(last < info.name);
      last = info.name;
      CHECK(info.sentence.ends_with('.'));
      CHECK(info.call.find("\"" + std::string(info.name) + "\"") != std::string_view::npos);
    }
    CHECK(AllTransforms().size() >= 40);
  }

  TEST_CASE_FIXTURE(PipeFixture, "each example is true") {
    for (const TransformInfo& info : AllTransforms()) {
      CAPTURE(info.name);
      CHECK(Run("[" + std::string(info.call) + "]", FromJson(info.input)) == FromJson(info.output));
    }
  }

  TEST_CASE_FIXTURE(PipeFixture, "no text of a page makes one stumble") {
    const Texts hostile{"",
                        " ",
                        "\xFF\xC0",
                        "<",
                        "</",
                        "<!--",
                        "&",
                        "&#",
                        "&#x110000;",
                        "%",
                        "%F",
                        "=",
                        "?",
                        "#",
                        "\"",
                        "{",
                        "[1,",
                        "-",
                        ".",
                        ",",
                        "1,",
                        "1e999",
                        "\\",
                        std::string(1000, '<'),
                        std::string(1000, '('),
                        std::string("\0\0", 2)};
    for (const TransformInfo& info : AllTransforms()) {
      CAPTURE(info.name);
      CHECK(Run("[" + std::string(info.call) + "]", hostile).size() <= 2000);
      (void)Run("[" + std::string(info.call) + "]", {});
    }
  }
}
