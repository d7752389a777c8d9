#include "lib/io/spool_file.h"

#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "lib/io/body_packets.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

TEST_SUITE("spool files") {
  TEST_CASE("what is appended is read back, and has no name") {
    TempFolder folder;
    const auto used = std::make_shared<std::atomic<std::uint64_t>>(0);
    {
      const auto file = SpoolFile::Create(folder.path(), used);
      REQUIRE(file.ok());
      REQUIRE((*file)->Append("hello ").ok());
      REQUIRE((*file)->Append("").ok());
      REQUIRE((*file)->Append("world").ok());
      CHECK((*file)->size() == 11);
      CHECK(*(*file)->ReadAt(0, 100) == "hello world");
      CHECK(*(*file)->ReadAt(6, 3) == "wor");
      CHECK((*file)->ReadAt(11, 3)->empty());
      CHECK(*used == 11);
      CHECK(std::filesystem::is_empty(folder.path()));
    }
    CHECK(*used == 0);
  }

  TEST_CASE("no folder and a full disk are told apart") {
    TempFolder folder;
    const auto missing = SpoolFile::Create(folder.File("none"));
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == Errc::kInternal);
    CHECK(missing.error().detail.find("No such file") != std::string::npos);
  }

  TEST_CASE("a body's file goes through a socket, with the task it is for") {
    TempFolder folder;
    const auto file = SpoolFile::Create(folder.path());
    REQUIRE((*file)->Append("hello").ok());
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    const UniqueFd from(ends[0]);
    UniqueFd to(ends[1]);
    const BodyOf of{0x0102030405060708, 0xFFFFFFFF};
    REQUIRE(SendBody(from.get(), of, (*file)->fd()));
    const auto received = ReceiveBody(to.get());
    REQUIRE(received.has_value());
    CHECK(received->of == of);
    char text[8] = {};
    CHECK(::pread(received->fd.get(), text, sizeof text, 0) == 5);
    CHECK(std::string(text) == "hello");
    CHECK_FALSE(ReceiveBody(to.get()).has_value());
    REQUIRE(::send(from.get(), "short", 5, 0) == 5);
    CHECK_FALSE(ReceiveBody(to.get()).has_value());
    to = UniqueFd();
    CHECK_FALSE(SendBody(from.get(), of, (*file)->fd()));
  }
}
