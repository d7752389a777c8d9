#include "parser/transform/pipe.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/transform/pipe_fixture.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("Pipe") {
  TEST_CASE_FIXTURE(PipeFixture, "an empty pipe changes nothing") {
    CHECK(Run("[]", {"a", " b "}) == Texts{"a", " b "});
  }

  TEST_CASE_FIXTURE(PipeFixture, "steps work one after another, on each text") {
    CHECK(Run(R"(["trim", ["replace", ",", ""], ["append", "!"]])", {" 1,2,3 ", "x"}) ==
          Texts{"123!", "x!"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "behind a split, a list transform takes the pieces of each text") {
    CHECK(Run(R"([["split", "/"], "last"])", {"/a/b", "/c/d/e"}) == Texts{"b", "e"});
    CHECK(Run(R"([["split", "/"], ["join", "+"]])", {"a/b", "c"}) == Texts{"a+b", "c"});
    CHECK(Run(R"([["split", ","], ["nth", 1]])", {"a,b", "c", "d,e,f"}) == Texts{"b", "e"});
    CHECK(Run(R"([["split", ","], ["slice", 1]])", {"a,b,c", "d"}) == Texts{"b", "c"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "without a split it takes all that was found") {
    CHECK(Run(R"(["last"])", {"a", "b", "c"}) == Texts{"c"});
    CHECK(Run(R"([["nth", -2]])", {"a", "b", "c"}) == Texts{"b"});
    CHECK(Run(R"([["nth", 3]])", {"a", "b", "c"}) == Texts{});
    CHECK(Compiled(R"(["last"])").wants_all());
    CHECK(Compiled(R"(["trim", "drop_empty"])").wants_all());
    CHECK_FALSE(Compiled(R"([["split", ","], "last"])").wants_all());
    CHECK_FALSE(Compiled(R"(["trim"])").wants_all());
  }

  TEST_CASE_FIXTURE(PipeFixture, "splits may stand inside one another") {
    CHECK(Run(R"([["split", ";"], ["split", "="], "last"])", {"a=1;b=2", "c=3"}) ==
          Texts{"1", "2", "3"});
    CHECK(Run(R"([["split", ";"], ["split", "="], "last", ["join", "+"]])", {"a=1;b=2", "c=3"}) ==
          Texts{"1+2", "3"});
    CHECK(Run(R"([["split", ";"], ["split", "="], "last", ["join", "+"], ["join", "|"]])",
              {"a=1;b=2", "c=3"}) == Texts{"1+2|3"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "slice is of characters, of pieces behind a split") {
    CHECK(Run(R"([["slice", 1, 3]])", {"äöüß"}) == Texts{"öü"});
    CHECK(Run(R"([["slice", -2]])", {"äöü", "a"}) == Texts{"öü", "a"});
    CHECK(Run(R"([["slice", 0, -1]])", {"abc", ""}) == Texts{"ab", ""});
    CHECK(Run(R"([["slice", 2, 1]])", {"abc"}) == Texts{""});
    CHECK(Run(R"([["split"], ["slice", 0, -1]])", {"a b  c"}) == Texts{"a", "b"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "texts that are none of its kind are left out") {
    CHECK(Run(R"(["number"])", {"a 5 b", "none", "-1,5"}) == Texts{"5", "-1.5"});
    CHECK(Run(R"(["number"])", {"id 9007199254740993", "0.10", "-007,50"}) ==
          Texts{"9007199254740993", "0.1", "-7.5"});
    CHECK(Run(R"([["query_param", "q"]])", {"?q=", "/x", "?p=1&q=%FF"}) == Texts{"", "\uFFFD"});
    CHECK(Run(R"(["base64_decode"])", {"YQ==", "a?b", "YWI", "_-8"}) ==
          Texts{"a", "ab", "\uFFFD\uFFFD"});
    CHECK(Run(R"(["absolute_url"])", {"x", "http://[", "//h/p"}) ==
          Texts{"http://example.com/dir/x", "http://h/p"});
    CHECK(Run(R"([["json", "$.a"]])", {R"({"a":{"b":[1.0,true]}})", "{", R"({"a":null})"}) ==
          Texts{R"({"b":[1,true]})"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "numbers are calculated with as they are written") {
    CHECK(Run(R"([["multiply", 1]])", {"9007199254740993", "1,234.50", "x", "1e3"}) ==
          Texts{"9007199254740993", "1234.5", "1000"});
    CHECK(Run(R"([["multiply", 0.01]])", {"1999", "9007199254740993", "-5"}) ==
          Texts{"19.99", "90071992547409.93", "-0.05"});
    CHECK(Run(R"([["multiply", -1000]])", {"1.5", "0"}) == Texts{"-1500", "0"});
    CHECK(Run(R"([["round", -2]])", {"9007199254740993", "150", "-149.9", "49"}) ==
          Texts{"9007199254741000", "200", "-100", "0"});
    CHECK(Run(R"([["round", 2]])", {"2.675", "1.005", "7", "-0.004"}) ==
          Texts{"2.68", "1.01", "7", "0"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "letters beyond ASCII have their cases too") {
    CHECK(Run(R"(["lower"])", {"ÀÉ ΣΑΣ İ"}) == Texts{"àé σας i\u0307"});
    CHECK(Run(R"(["upper"])", {"ŉ ﬁ é"}) == Texts{"ʼN FI É"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "tags are stripped, and nothing else") {
    CHECK(Run(R"(["strip_tags"])", {"a < b > c", "1<2", "x<br/>y", "<a href='>'>z</a>", "a<!--b",
                                    "<script>var a = '<b>';</script>k", "<STYLE>x</style >l"}) ==
          Texts{"a < b > c", "1<2", "xy", "z", "a", "k", "l"});
  }

  TEST_CASE_FIXTURE(PipeFixture, "an unknown name is told with the nearest known one") {
    CHECK(FaultOf(R"(["trmi"])") ==
          "26+0: pipe: unknown transform \"trmi\"; did you mean \"trim\"? (`thresh transforms` "
          "lists them)");
    CHECK(FaultOf(R"(["zzzzzz"])") ==
          "26+0: pipe: unknown transform \"zzzzzz\" (`thresh transforms` lists them)");
  }

  TEST_CASE_FIXTURE(PipeFixture, "wrong arguments are told with an example") {
    CHECK(FaultOf(R"(["replace"])") ==
          R"(26+0: replace: expected from to, as in ["replace", ",", ""], found 0 arguments)");
    CHECK(FaultOf(R"([["trim", "x"]])") == "27+0: trim: expected no arguments, found 1 argument");
    CHECK(FaultOf(R"([["nth", "x"]])") ==
          R"(34+0: nth: expected a whole number, as in ["nth", 1])");
    CHECK(FaultOf(R"([["split", 5]])") ==
          R"(36+0: split: expected a string, as in ["split", ","])");
    CHECK(FaultOf(R"([["re", "("]])").starts_with("33+0: re: expected a regular expression"));
    CHECK(FaultOf(R"([["re_replace", "a", "\\1"]])")
              .starts_with("46+0: re_replace: expected \\0 to \\0 for the groups"));
    CHECK(FaultOf(R"([["json", "$.a["]])").starts_with("35+4: json: "));
  }

  TEST_CASE_FIXTURE(PipeFixture, "what a pipe makes of a hostile page is bounded") {
    select::WorkBudget work(10'000);
    memory.Begin(*this, work);
    const std::string page(10'000, 'a');
    std::vector<std::string_view> texts{page};
    Compiled("[[\"replace\", \"a\", \"" + std::string(1000, 'b') + "\"]]").Run(memory, &texts);
    CHECK(work.exhausted());
  }
}
