// The bytes of the worked example in proto/README.md are what the text around them says.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/envelope.h"

using namespace thresh;

namespace {

int Digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::string FromHex(const std::string& text) {
  std::string digits, bytes;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits.push_back(c);
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(Digit(digits[i]) * 16 + Digit(digits[i + 1])));
  }
  return bytes;
}

struct Readme {
  Readme() {
    std::ifstream in(THRESH_SOURCE_DIR "/proto/README.md");
    text.assign(std::istreambuf_iterator<char>(in), {});
  }

  // The code block that follows the line which begins with `heading`.
  std::string Block(const std::string& heading) const {
    const std::size_t at = text.find("\n" + heading);
    REQUIRE_MESSAGE(at != std::string::npos, heading);
    const std::size_t begin = text.find("```\n", at) + 4;
    return text.substr(begin, text.find("```", begin) - begin);
  }

  wire::Envelope Envelope(const std::string& heading) const {
    const std::string bytes = FromHex(Block(heading));
    Result<Received> received = DecodeEnvelope(zmq::message_t(bytes.data(), bytes.size()));
    REQUIRE_MESSAGE(received.ok(), heading);
    return received->envelope;
  }

  std::string text;
};

std::string Repeated(int byte) {
  return std::string(16, static_cast<char>(byte));
}

}  // namespace

TEST_SUITE("proto/README.md") {
  TEST_CASE_FIXTURE(Readme, "HELLO offers two pages of any recipe") {
    const wire::Envelope e = Envelope("HELLO,");
    CHECK(e.from().uuid() == Repeated(0x11));
    CHECK(e.from().incarnation() == 1);
    CHECK_FALSE(e.has_to());
    CHECK(e.hello().pid() == 4711);
    CHECK(e.hello().recipes(0) == "*");
    CHECK(e.hello().credit_total() == 2);
  }

  TEST_CASE_FIXTURE(Readme, "TASK hands out page 7 with its identity inside") {
    const wire::Envelope e = Envelope("TASK,");
    CHECK(e.from().uuid() == Repeated(0x22));
    CHECK(e.to().uuid() == Repeated(0x11));
    CHECK(e.task().id() == 7);
    CHECK(e.task().attempt() == 1);
    CHECK(e.task().recipe_hash() == Repeated(0xcd));
    CHECK(e.task().url() == "http://x.test/a");
    CHECK(e.task().status() == 200);
    wire::Page page;
    REQUIRE(page.ParseFromString(e.task().page()));
    CHECK(page.id() == 7);
    CHECK(page.fingerprint() == Repeated(0xab));
    CHECK(page.root() == "http://x.test/");
    CHECK(page.fetched_at_ms() == 1738324800123);  // 2025-01-31T12:00:00.123Z
  }

  TEST_CASE_FIXTURE(Readme, "RESULT brings the page's identity back unchanged, a row and a link") {
    const wire::Envelope e = Envelope("RESULT,");
    CHECK(e.to().uuid() == Repeated(0x33));
    CHECK(e.result().source().uuid() == Repeated(0x22));
    CHECK(e.result().page() == Envelope("TASK,").task().page());
    CHECK(e.result().outcome() == wire::OUTCOME_DONE);
    CHECK(e.result().rows(0).item() == "quote");
    CHECK(e.result().rows(0).row(0) == 0);
    CHECK(e.result().links(0).url() == "http://x.test/b");
  }

  TEST_CASE_FIXTURE(Readme, "the record is a MessagePack map of one key") {
    CHECK(FromHex(Block("Its second frame, the record")) == "\x81\xa4text\xa2Hi");
  }

  TEST_CASE_FIXTURE(Readme, "CREDIT and ACK name task 7") {
    const wire::Envelope credit = Envelope("CREDIT,");
    CHECK(credit.credit().credit_total() == 3);
    CHECK(credit.credit().parsed(0).id() == 7);
    const wire::Envelope ack = Envelope("ACK,");
    CHECK(ack.from().uuid() == Repeated(0x33));
    CHECK(ack.ack().entries(0).id() == 7);
    CHECK(ack.ack().entries(0).records() == 1);
    CHECK(ack.ack().entries(0).links(0).url() == "http://x.test/b");
  }
}
