#include "fetcher/archive/warc_reader.h"

#include <string>

#include <doctest/doctest.h>

#include "fetcher/archive/http_message.h"
#include "tests/fetcher/archive/raw_pages.h"
#include "tests/support/corpora.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::Corpora;
using thresh::test::ReadAll;
using thresh::test::ReadFile;
using thresh::test::TempFolder;
using thresh::test::Types;

namespace {

// How reading the file to its end goes.
std::string Fate(const std::string& path) {
  auto reader = WarcReader::Open(path);
  if (!reader) return reader.error().detail;
  std::string fate;
  while (true) {
    const auto head = (*reader)->Next();
    if (!head) return fate + (head.error().code == Errc::kTransient ? "torn" : "damaged");
    if (!*head) return fate + "end";
    fate += "record ";
  }
}

std::string ChunkedBody(const std::string& text) {
  return ParseAnswer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n" + text)->body;
}

}  // namespace

TEST_SUITE("WarcReader") {
  TEST_CASE("files of other software are read: packed, not packed, chunked") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    const auto folder = corpora / "conformance" / "warc";
    const auto packed = ReadAll((folder / "example.warc.gz").string());
    const auto plain = ReadAll((folder / "example.warc").string());
    const char* const types = "warcinfo warcinfo response request revisit request";
    CHECK(Types(packed) == types);
    CHECK(Types(plain) == types);
    for (std::size_t i = 0; i < plain.size(); ++i) CHECK(plain[i].block == packed[i].block);

    const auto answer = ParseAnswer(plain.at(2).block);
    REQUIRE(answer.ok());
    CHECK(answer->status == 200);

    const auto chunked = ReadAll((folder / "example-iana.org-chunked.warc").string());
    CHECK(Types(chunked) == "warcinfo response request");
    const auto joined = ParseAnswer(chunked.at(1).block);
    REQUIRE(joined.ok());
    CHECK(joined->body.starts_with("<!doctype html>"));
    CHECK(joined->body.size() == 0x1c37);
    CHECK(joined->body.find("</html>") != std::string::npos);
  }

  TEST_CASE("a file cut at any byte is torn there, or ends; nothing else happens") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    TempFolder folder;
    for (const char* name : {"example.warc", "example.warc.gz"}) {
      const std::string whole = ReadFile(corpora / "conformance" / "warc" / name);
      std::string last = "end";
      for (std::size_t bytes = 2; bytes < whole.size(); ++bytes) {
        const std::string fate = Fate(folder.Write("a", whole.substr(0, bytes)));
        const bool may_be =
            fate.ends_with("torn") || fate.ends_with("end") || (bytes < 5 && fate == "damaged");
        CHECK_MESSAGE(may_be, name, " at ", bytes, ": ", fate);
      }
    }
  }

  TEST_CASE("a file with any byte changed is read or refused, and never hangs") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    TempFolder folder;
    for (const char* name : {"example.warc", "example.warc.gz"}) {
      std::string bytes = ReadFile(corpora / "conformance" / "warc" / name);
      for (char& byte : bytes) {
        byte = static_cast<char>(byte ^ 0x15);
        CHECK_FALSE(Fate(folder.Write("a", bytes)).empty());
        byte = static_cast<char>(byte ^ 0x15);
      }
    }
  }

  TEST_CASE("a head without end, a length that is none and other bytes are refused") {
    TempFolder folder;
    const auto fate = [&](const std::string& text) { return Fate(folder.Write("a", text)); };
    CHECK(fate("WARC/1.1\r\n" + std::string(2 << 20, 'x')) == "damaged");
    CHECK(fate("WARC/1.1\r\nContent-Length: -1\r\n\r\n") == "damaged");
    CHECK(fate("WARC/1.1\r\nContent-Length: 1x\r\n\r\n") == "damaged");
    CHECK(fate("WARC/1.1\r\n\r\n") == "damaged");
    CHECK(fate("hello") == "damaged");
    CHECK(fate("") == "end");
    CHECK(fate("WARC/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nx") == "record torn");
    CHECK(fate("WARC/1.0\nContent-Length: 1\n\nxWARC/1.0\nContent-Length: 0\n\n") ==
          "record record end");
  }

  TEST_CASE("folded fields are one, and names are found in any case") {
    TempFolder folder;
    const auto records = ReadAll(
        folder.Write("a", "WARC/0.18\r\nX-A: one\r\n\ttwo\r\nCONTENT-LENGTH:\r\n 2\r\n\r\nhi"));
    REQUIRE(records.size() == 1);
    CHECK(records[0].head.Get("x-a") == "one two");
    CHECK(records[0].head.version == "0.18");
    CHECK(records[0].block == "hi");
  }

  TEST_CASE("a block over the limit is kTooLarge, and the record behind it is read") {
    TempFolder folder;
    const std::string path = folder.Write("a",
                                          "WARC/1.1\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"
                                          "WARC/1.1\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n");
    auto reader = WarcReader::Open(path);
    REQUIRE(reader.ok());
    REQUIRE((*reader)->Next().ok());
    const auto block = (*reader)->ReadBlock(4);
    REQUIRE_FALSE(block.ok());
    CHECK(block.error().code == Errc::kTooLarge);
    REQUIRE((*reader)->Next().ok());
    CHECK(*(*reader)->ReadBlock(4) == "hi");
  }

  TEST_CASE("of chunks that were cut short, those that are there are the body") {
    CHECK(ChunkedBody("3\r\nab") == "ab");
    CHECK(ChunkedBody("3\r\nabc\r\n3\r\nd") == "abcd");
    CHECK(ChunkedBody("3\r\nabc\r\n") == "abc");
    CHECK(ChunkedBody("3\r\nabc\r\n3") == "abc");
    CHECK(ChunkedBody("3 \t;a=b\r\nabc\r\n0\r\n\r\n") == "abc");
    CHECK(ChunkedBody("ffffffffffffffff\r\nab") == "ab");
  }

  TEST_CASE("what is said to be chunked, and is not, is taken as it is") {
    const auto body = ChunkedBody;
    CHECK(body("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n") == "abcde");
    CHECK(body("<p>") == "<p>");
    CHECK(body("1001\nab") == "1001\nab");
    CHECK(body("1001") == "1001");
    CHECK_FALSE(ParseAnswer("GET / HTTP/1.1\r\n").ok());
    CHECK_FALSE(ParseAnswer("").ok());
    CHECK(ParseAnswer("HTTP/2 404\r\n\r\n")->status == 404);
  }
}
