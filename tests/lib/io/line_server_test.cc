#include "lib/io/line_server.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/lib/io/line_server_fixture.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("LineServer") {
  TEST_CASE_FIXTURE(ServerFixture, "each line is given with its number, and answered") {
    Client client = Connect();
    client.Write("a\nb b\n\n");
    CHECK(client.Read(16) == "ok a\nok b b\nok \n");
    CHECK(lines == Texts{"1:a", "2:b b", "3:"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "a line may come in any number of pieces") {
    Client client = Connect();
    for (const char c : std::string("one\ntwo\n")) {
      client.Write({&c, 1});
      loop.Settle();
    }
    CHECK(client.Read(14) == "ok one\nok two\n");
    CHECK(lines == Texts{"1:one", "2:two"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "CRLF ends a line as LF does, a lone CR does not") {
    Client client = Connect();
    client.Write("a\r\nb\rc\n\r\n");
    REQUIRE(Gets(3));
    CHECK(lines == Texts{"1:a", "2:b\rc", "3:"});
    client.Write("d\r");
    loop.Settle();
    client.Write("\n");
    REQUIRE(Gets(4));
    CHECK(lines.back() == "4:d");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a last line without newline counts, and is answered") {
    Client client = Connect();
    client.Write("a\nlast");
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(client.received == "ok a\nok last\n");
    CHECK(lines == Texts{"1:a", "2:last"});
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a half-closed client gets answers that come late, then the end") {
    answering = false;
    Client client = Connect();
    client.Write("a\nb\n");
    client.FinishWriting();
    REQUIRE(Gets(2));
    loop.Settle();
    CHECK(server->IsOpen(last));
    server->Answer(last, "1");
    CHECK(client.Read(2) == "1\n");
    CHECK_FALSE(client.hung_up);
    server->Answer(last, "2");
    CHECK(client.HangsUp());
    CHECK(client.received == "1\n2\n");
    CHECK_FALSE(server->IsOpen(last));
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that says nothing and ends is let go") {
    Client client = Connect();
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(lines.empty());
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a line of the longest length passes, one byte more is skipped") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    client.Write("0123456789\n01234567890\nshort\n");
    REQUIRE(Gets(3));
    CHECK(lines == Texts{"1:0123456789", "2:(too long)", "3:short"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "the length of a line is without its CRLF") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    client.Write("0123456789\r\n");
    REQUIRE(Gets(1));
    CHECK(lines == Texts{"1:0123456789"});
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a line without end is told once, when it ends, whatever its size") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    for (int i = 0; i < 50; ++i) client.Write(std::string(10'000, 'x'));
    loop.Settle();
    CHECK(lines.empty());
    client.Write("\nnext\n");
    REQUIRE(Gets(2));
    CHECK(lines == Texts{"1:(too long)", "2:next"});
    client.Write("01234567890");
    client.FinishWriting();
    REQUIRE(Gets(3));
    CHECK(lines.back() == "3:(too long)");
  }

  TEST_CASE_FIXTURE(ServerFixture, "ten thousand pipelined lines are all answered, in order") {
    Client client = Connect();
    std::string sent, expected;
    for (int i = 0; i < 10'000; ++i) {
      sent += std::to_string(i) + "\n";
      expected += "ok " + std::to_string(i) + "\n";
    }
    client.Write(sent);
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(client.received.size() == expected.size());
    CHECK((client.received == expected));
  }

  TEST_CASE_FIXTURE(ServerFixture, "clients have connections and numbers of their own") {
    Client one = Connect();
    Client two = Connect();
    one.Write("a\n");
    REQUIRE(Gets(1));
    const ConnectionId first = last;
    two.Write("b\n");
    REQUIRE(Gets(2));
    CHECK(first != last);
    CHECK(lines == Texts{"1:a", "1:b"});
    CHECK(one.Read(5) == "ok a\n");
    CHECK(two.Read(5) == "ok b\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that is gone before its answers harms nobody") {
    answering = false;
    Client gone = Connect();
    gone.Write("a\nb\n");
    REQUIRE(Gets(2));
    const ConnectionId connection = last;
    gone.Close();
    loop.Settle();
    for (int i = 0; i < 3; ++i) {
      server->Answer(connection, "late");
      loop.Settle();
    }
    CHECK_FALSE(server->IsOpen(connection));
    answering = true;
    Client other = Connect();
    other.Write("c\n");
    CHECK(other.Read(5) == "ok c\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "an answer to a connection that never was is nothing") {
    server->Answer(99, "x");
    server->Push(99, "x");
    CHECK_FALSE(server->IsOpen(99));
    loop.Settle();
  }

  TEST_CASE_FIXTURE(ServerFixture, "what is pushed answers no line") {
    answering = false;
    Client client = Connect();
    client.Write("a\n");
    REQUIRE(Gets(1));
    server->Push(last, "news");
    client.FinishWriting();
    CHECK(client.Read(5) == "news\n");
    loop.Settle();
    CHECK_FALSE(client.hung_up);
    server->Answer(last, "1");
    CHECK(client.HangsUp());
    CHECK(client.received == "news\n1\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a server may end with clients and answers under way") {
    Client client = Connect();
    client.Write("a\nb\n");
    REQUIRE(Gets(2));
    server.reset();
    CHECK(client.HangsUp());
    CHECK_FALSE(std::filesystem::exists(path));
  }
}
