#include "lib/io/socket_path.h"

#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "lib/io/line_client.h"
#include "lib/io/line_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;

TEST_SUITE("SocketPath") {
  TEST_CASE("a short path is itself") {
    CHECK(SocketPath("/run/thresh", "feed.sock") == "/run/thresh/feed.sock");
    const std::string folder =
        "/" + std::string(90, 'x');  // 100 bytes with `/feed.sock`, less one.
    CHECK(SocketPath(folder, "fed.sock") == folder + "/fed.sock");
  }

  TEST_CASE("a socket in a long folder is bound and reached as any other") {
    thresh::test::TempFolder temp;
    thresh::test::TestLoop loop;
    const std::string folder = temp.File(std::string(200, 'x'));
    std::filesystem::create_directory(folder);
    const std::string path = SocketPath(folder, "feed.sock");
    CHECK(path.size() < 108);
    CHECK(SocketPath(folder, "other.sock") != path);

    std::string heard;
    auto server = LineServer::Listen(loop, path, {}, [&](const Line& line) { heard = line.text; });
    REQUIRE(server.ok());
    CHECK(std::filesystem::exists(folder + "/feed.sock"));
    auto client = LineClient::Connect(
        loop, SocketPath(folder, "feed.sock"), [](auto) {}, [] {});
    REQUIRE(client.ok());
    (*client)->Send("hello");
    CHECK(loop.RunUntil([&] { return heard == "hello"; }));
  }

  TEST_CASE("a long folder that is not there gives the path as it stands, for the message") {
    const std::string folder = "/nowhere/" + std::string(200, 'x');
    CHECK(SocketPath(folder, "feed.sock") == folder + "/feed.sock");
  }

  TEST_CASE("a socket is for those who may write in its folder, whatever the umask") {
    namespace fs = std::filesystem;
    const thresh::test::TempFolder temp;
    const std::string path = temp.Write("a.sock", "");
    const auto mode_in = [&](fs::perms folder) {
      fs::permissions(temp.path(), folder);
      fs::permissions(path, fs::perms(0750));
      ShareSocket(path);
      return fs::status(path).permissions();
    };
    CHECK(mode_in(fs::perms(0770)) == fs::perms(0660));
    CHECK(mode_in(fs::perms(02770)) == fs::perms(0660));
    CHECK(mode_in(fs::perms(0750)) == fs::perms(0750));
    CHECK(mode_in(fs::perms(0700)) == fs::perms(0750));
    ShareSocket(temp.File("none.sock"));  // Nothing there: nothing is done.
  }
}
