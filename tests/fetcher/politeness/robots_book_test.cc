#include "fetcher/politeness/robots_book.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "fetcher/politeness/host_record.h"

using namespace std::chrono_literals;
using namespace thresh;
using Kind = RobotsBook::Verdict::Kind;

namespace {

constexpr std::int64_t kWallMs = 1'700'000'000'000;
const std::string kOrigin = "http://x.org";
const RobotsAnswer kNoConnection{.failure = "connect", .detail = "refused"};

struct Book {
  RobotsBook book{RobotsOptions{}};
  RobotsBook::Time now{100s};

  RobotsBook::Verdict Ask(const std::string& path = "/", const std::string& agent = "thresh") {
    return book.Ask(kOrigin, agent, path, now);
  }
  bool Take(RobotsAnswer answer) { return book.TakeAnswer(kOrigin, answer, now); }
  bool TakeText(const char* text, std::optional<std::chrono::milliseconds> life = {}) {
    return Take({.status = 200, .body = text, .lifetime = life});
  }
};

}  // namespace

TEST_SUITE("RobotsBook") {
  TEST_CASE("a file is fetched once, and counts for each agent by its own group") {
    Book book;
    CHECK(book.Ask().kind == Kind::kUnknown);
    book.book.Begin(kOrigin);
    CHECK(book.Ask().kind == Kind::kBusy);
    CHECK(book.TakeText("User-agent: *\nDisallow: /a\nCrawl-delay: 2\nUser-agent: x\nDisallow:\n"));
    CHECK(book.Ask("/a").kind == Kind::kDenied);
    CHECK(book.Ask("/b").kind == Kind::kAllowed);
    CHECK(book.Ask("/b").crawl_delay == 2s);
    CHECK(book.Ask("/a", "x").kind == Kind::kAllowed);
    CHECK(book.Ask("/a", "x").crawl_delay == 0s);
    CHECK(book.book.Ask("https://x.org", "thresh", "/", book.now).kind == Kind::kUnknown);
  }

  TEST_CASE("it counts as long as it says, up to a day; without a word a day") {
    Book book;
    for (const auto& [said, counts] :
         {std::pair<std::optional<std::chrono::milliseconds>, std::chrono::milliseconds>{{}, 24h},
          {90s, 90s},
          {24h * 30, 24h},
          {1ms, 1s},
          {0s, 60s}}) {
      book.TakeText("", said);
      book.now += counts - 1ms;
      CHECK(book.Ask().kind == Kind::kAllowed);
      book.now += 1ms;
      CHECK(book.Ask().kind == Kind::kUnknown);
    }
  }

  TEST_CASE("one that is not there, for whatever reason, allows all (RFC 9309, 2.3.1.3)") {
    for (const long status : {400, 401, 403, 404, 410, 418, 304, 302, 100}) {
      Book book;
      CHECK(book.Take({.status = status, .body = "User-agent: *\nDisallow: /\n"}));
      CHECK(book.Ask().kind == Kind::kAllowed);
    }
  }

  TEST_CASE(
      "while the server fails nothing is asked, and after some tries it is given up (2.3.1.4)") {
    for (const long status : {429, 500, 503, 599}) {
      Book book;
      std::chrono::milliseconds wait = 500ms;
      for (int i = 0; i < 4; ++i, wait *= 2) {
        CHECK_FALSE(book.Take({.status = status, .body = ""}));
        CHECK(book.Ask().kind == Kind::kWait);
        CHECK(book.Ask().ask_again == book.now + wait);
        book.now += wait;
        CHECK(book.Ask().kind == Kind::kUnknown);
      }
      book.Take({.status = status});
      CHECK(book.Ask().kind == Kind::kUnreachable);
      CHECK(book.Ask().reason == "robots_unreachable");
      book.now += 60s;
      CHECK(book.Ask().kind == Kind::kUnknown);  // It may have come back.
      book.Take({.status = status});
      CHECK(book.Ask().kind == Kind::kUnreachable);
      book.now += 119s;
      CHECK(book.Ask().kind == Kind::kUnreachable);
      book.now += 1s;
      book.TakeText("");
      CHECK(book.Ask().kind == Kind::kAllowed);
    }
  }

  TEST_CASE(
      "a server that cannot be reached is given up sooner, for the same reason as its pages") {
    Book book;
    for (int i = 0; i < 2; ++i) {
      book.Take(kNoConnection);
      CHECK(book.Ask().kind == Kind::kWait);
      book.now = book.Ask().ask_again;
    }
    book.Take(kNoConnection);
    CHECK(book.Ask().kind == Kind::kUnreachable);
    CHECK(book.Ask().reason == "connect");
    CHECK(book.Ask().detail == "robots.txt: refused");

    Book never;
    never.Take({.failure = "tls", .detail = "expired", .may_retry = false});
    CHECK(never.Ask().reason == "tls");
    CHECK(never.Ask().kind == Kind::kUnreachable);
  }

  TEST_CASE("Retry-After is waited for") {
    Book book;
    book.Take({.status = 503, .retry_after = 30s});
    CHECK(book.Ask().ask_again == book.now + 30s);
  }

  TEST_CASE("what was known goes on to count while it cannot be had anew") {
    Book book;
    book.TakeText("User-agent: *\nDisallow: /a\n", 60s);
    book.now += 60s;
    CHECK(book.Take(kNoConnection));
    CHECK(book.Ask("/a").kind == Kind::kDenied);
    CHECK(book.Ask("/b").kind == Kind::kAllowed);
    book.now += 10min;
    CHECK(book.Ask("/b").kind == Kind::kUnknown);
    book.Take({.status = 404});
    CHECK(book.Ask("/a").kind == Kind::kAllowed);
  }

  TEST_CASE("a text is taken along over a restart, with what is left of its life") {
    Book book;
    book.TakeText("User-agent: *\nDisallow: /a\n", 60s);
    const std::string bytes = book.book.Save(kOrigin, book.now, kWallMs);
    Book later{.now = RobotsBook::Time{5s}};
    later.book.Restore(kOrigin, bytes, later.now, kWallMs + 20'000);
    CHECK(later.Ask("/a").kind == Kind::kDenied);
    later.now += 40s;
    CHECK(later.Ask("/a").kind == Kind::kUnknown);
    Book too_late;
    too_late.book.Restore(kOrigin, bytes, too_late.now, kWallMs + 60'000);
    CHECK(too_late.Ask("/a").kind == Kind::kUnknown);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      Book broken;
      broken.book.Restore(kOrigin, bytes.substr(0, length), broken.now, kWallMs);
    }
  }

  TEST_CASE("memory is bounded; what is asked for goes on to be known") {
    RobotsBook book({.max_bytes = 1 << 20});
    RobotsBook::Time now{100s};
    const std::string text = "User-agent: *\nDisallow: /" + std::string(10'000, 'x') + "\n";
    for (int i = 0; i < 2'000; ++i, now += 1s) {
      const std::string origin = "http://h" + std::to_string(i);
      if (i % 2 == 0) {
        book.TakeAnswer(origin, {.status = 200, .body = text}, now);
      } else {
        book.TakeAnswer(origin, kNoConnection, now);
      }
      (void)book.Ask("http://h0", "x", "/", now);
      CHECK(book.bytes() <= (1 << 20) + 30'000);
    }
    CHECK(book.Knows("http://h0"));
    CHECK_FALSE(book.Knows("http://h2"));
  }
}

TEST_SUITE("HostRecord") {
  TEST_CASE("what goes in comes out, but for empty values") {
    const HostRecord record{
        {"health", "1 2 3"}, {"none", ""}, {"robots", std::string("\0\n\xFF", 3)}};
    const HostRecord back = DecodeHostRecord(EncodeHostRecord(record));
    REQUIRE(back.size() == 2);
    CHECK(back[0] == record[0]);
    CHECK(back[1] == record[2]);
    CHECK(EncodeHostRecord({{"none", ""}}).empty());
    CHECK(DecodeHostRecord("").empty());
  }

  TEST_CASE("cut or changed at any byte it harms nobody") {
    const std::string bytes = EncodeHostRecord({{"health", "1 2 3"}, {"robots", "text"}});
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      CHECK(DecodeHostRecord(bytes.substr(0, i)).size() < 2);
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 0xFF);
      (void)DecodeHostRecord(changed);
    }
    CHECK(DecodeHostRecord("\x02" + bytes.substr(1)).empty());
  }
}
