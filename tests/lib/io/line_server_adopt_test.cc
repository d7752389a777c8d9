#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/io/line_server_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

// A socket that somebody else listens on for us, and keeps when we are gone.
struct HeldSocket : ServerFixture {
  HeldSocket() {
    server.reset();
    listener = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener.get(), 16) == 0);
  }
  void Adopt() {
    UniqueFd copy(::fcntl(listener.get(), F_DUPFD_CLOEXEC, 0));
    auto made = LineServer::Adopt(loop, std::move(copy), {}, [this](const Line& l) { Take(l); });
    REQUIRE_MESSAGE(made.ok(), made.error().detail);
    server = std::move(*made);
  }
  UniqueFd listener;
};

}  // namespace

TEST_SUITE("LineServer with a socket that was handed over") {
  TEST_CASE_FIXTURE(HeldSocket, "what was sent before it was there is read") {
    Client early = Connect();
    early.Write("first\nsecond\n");
    early.FinishWriting();
    Adopt();
    CHECK(Gets(2));
    CHECK(lines == Texts{"1:first", "2:second"});
    CHECK(early.Read(20) == "ok first\nok second\n");
    CHECK(early.HangsUp());
  }

  TEST_CASE_FIXTURE(HeldSocket, "it leaves the socket where it is, for the next one") {
    Adopt();
    server.reset();
    loop.Settle();
    CHECK(::access(path.c_str(), F_OK) == 0);
    Client between = Connect();  // Nobody listens just now; the socket does.
    between.Write("waits\n");
    Adopt();
    CHECK(Gets(1));
    CHECK(lines == Texts{"1:waits"});
  }

  TEST_CASE_FIXTURE(HeldSocket, "its mode stays as its maker wanted it") {
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    Adopt();
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
  }

  TEST_CASE_FIXTURE(ServerFixture, "what is no socket is refused") {
    UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    CHECK_FALSE(LineServer::Adopt(loop, std::move(null), {}, [](const Line&) {}).ok());
  }

  TEST_CASE_FIXTURE(ServerFixture, "who connects is known by the kernel's word") {
    std::vector<Peer> peers;
    server->OnPeer([&](const Peer& peer) { peers.push_back(peer); });
    const Client one = Connect(), two = Connect();
    CHECK(loop.RunUntil([&] { return peers.size() == 2; }));
    for (const Peer& peer : peers) {
      CHECK(peer.pid == ::getpid());
      CHECK(peer.uid == ::getuid());
    }
  }
}
