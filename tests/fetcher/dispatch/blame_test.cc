#include "fetcher/dispatch/blame.h"

#include <csignal>

#include <doctest/doctest.h>

using thresh::BlameRecord;
using thresh::Cause;
using thresh::CauseOfMark;

TEST_SUITE("BlameRecord") {
  TEST_CASE("three marked causes are enough, of whatever kind") {
    BlameRecord blame;
    blame.Add(CauseOfMark(SIGSEGV));
    blame.Add(CauseOfMark(257));
    CHECK_FALSE(blame.exhausted());
    blame.Add(CauseOfMark(SIGSEGV));
    CHECK(blame.exhausted());
    CHECK(blame.count() == 3);
    CHECK(blame.Reason() == "parse_crash");
    CHECK(blame.Detail() == "signal 11 (SIGSEGV) 2 times, out of memory once");
  }

  TEST_CASE("a record is read back as it was, and nothing else is") {
    BlameRecord blame;
    CHECK(blame.Encode().empty());
    blame.Add(CauseOfMark(SIGSEGV));
    blame.Add(CauseOfMark(0));
    blame.Add(CauseOfMark(SIGSEGV));
    const auto read = BlameRecord::Decode(blame.Encode());
    REQUIRE(read);
    CHECK(read->count() == 3);
    CHECK(read->Detail() == blame.Detail());
    CHECK(BlameRecord::Decode("")->count() == 0);
    for (const char* text : {"x", "0", "0:11", "0:11:", "0:11:0", "9:0:1", "0:99:1", "0:11:11",
                             "0:11:1,", "-1:1:1", "0:11:1  ", "0:11:99999999999"}) {
      CAPTURE(text);
      CHECK_FALSE(BlameRecord::Decode(text));
    }
  }

  TEST_CASE("unmarked ones take ten") {
    BlameRecord blame;
    for (int i = 0; i < 9; ++i) blame.Add(CauseOfMark(0));
    CHECK_FALSE(blame.exhausted());
    blame.Add(CauseOfMark(0));
    CHECK(blame.exhausted());
    CHECK(blame.Reason() == "parse_crash");
    CHECK(blame.Detail() == "the parser was killed 10 times");
  }

  TEST_CASE("the reason is parse_timeout only if time was all there was") {
    BlameRecord blame;
    blame.Add(CauseOfMark(256));
    blame.Add({Cause::Kind::kLease});
    CHECK(blame.Reason() == "parse_timeout");
    CHECK(blame.Detail() == "over the parse timeout once, no result within the lease once");
    blame.Add(CauseOfMark(SIGABRT));
    CHECK(blame.Reason() == "parse_crash");
  }
}
