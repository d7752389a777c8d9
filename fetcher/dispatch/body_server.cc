#include "fetcher/dispatch/body_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/log.h"
#include "lib/io/socket_path.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxConnections = 4096;
// Of which only as much is there as was in use at once since it was last unused.
constexpr std::size_t kMemoryBytes = 32 << 20;

// Who reads a page is not trusted with what others read of it.
UniqueFd OpenToRead(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<std::unique_ptr<BodyServer>> BodyServer::Listen(uv_loop_t& loop, const std::string& path) {
  const auto fault = [&] {
    return Error{Errc::kInvalid, "cannot listen on " + path + ": " + std::strerror(errno)};
  };
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!fd || path.size() >= sizeof address.sun_path) {
    if (fd) errno = ENAMETOOLONG;
    return fault();
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  ::unlink(path.c_str());  // Left by an earlier life: the state's lock says that it is over.
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return fault();
  }
  ShareSocket(path);
  std::unique_ptr<BodyServer> server(new BodyServer(loop, path, std::move(fd)));
  server->poll_ = MakeUv<uv_poll_t>(server.get(), [&](uv_poll_t* poll) {
    return uv_poll_init(&loop, poll, server->listener_.get());
  });
  if (!server->poll_) return Error{Errc::kInternal, "libuv has no handle left"};
  uv_poll_start(server->poll_.get(), UV_READABLE, &OnAccept);
  return server;
}

BodyServer::~BodyServer() {
  ::unlink(path_.c_str());
}

void BodyServer::OnAccept(uv_poll_t* poll, int, int) noexcept {
  static_cast<BodyServer*>(poll->data)->Accept();
}

void BodyServer::OnPacket(uv_poll_t* poll, int, int) noexcept {
  auto& connection = *static_cast<Connection*>(poll->data);
  connection.server->Receive(connection);
}

void BodyServer::Accept() {
  UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd || connections_.size() >= kMaxConnections) return;
  Connection& connection = connections_.emplace_back();
  connection.fd = std::move(fd);
  connection.server = this;
  connection.poll = MakeUv<uv_poll_t>(&connection, [&](uv_poll_t* poll) {
    return uv_poll_init(&loop_, poll, connection.fd.get());
  });
  if (!connection.poll) {
    connections_.pop_back();
    return;
  }
  uv_poll_start(connection.poll.get(), UV_READABLE | UV_DISCONNECT, &OnPacket);
}

// Its name, once; after that nothing but its end.
void BodyServer::Receive(Connection& connection) {
  char name[256];
  const ssize_t n = ::recv(connection.fd.get(), name, sizeof name, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0 || !connection.routing_id.empty()) {
    Drop(connection);
    return;
  }
  connection.routing_id.assign(name, static_cast<std::size_t>(n));
}

// Its poll handle goes before the descriptor it looks at.
void BodyServer::Drop(const Connection& connection) {
  connections_.remove_if([&](Connection& each) {
    if (&each != &connection) return false;
    each.poll.reset();
    if (each.memory) each.memory->Close();
    return true;
  });
}

BodyServer::Connection* BodyServer::Find(const std::string& routing_id) {
  const auto found =
      std::find_if(connections_.begin(), connections_.end(),
                   [&](const Connection& each) { return each.routing_id == routing_id; });
  return found == connections_.end() ? nullptr : &*found;
}

bool BodyServer::Pass(const std::string& routing_id, const BodyOf& of, int fd) {
  const Connection* connection = Find(routing_id);
  if (connection == nullptr) return false;
  const UniqueFd to_read = OpenToRead(fd);
  return to_read && SendBody(connection->fd.get(), of, to_read.get());
}

// Its descriptor goes ahead of every TASK that speaks of it.
bool BodyServer::OpenMemory(Connection& connection) {
  if (connection.memory) return true;
  if (std::exchange(connection.has_no_memory, true)) return false;
  auto memory = PageMemory::Create(kMemoryBytes);
  if (!memory) {
    log::Warn("parser.memory_not_shared", {{"why", memory.error().detail}});
    return false;
  }
  const UniqueFd to_read = OpenToRead((*memory)->fd());
  if (!to_read || !SendBody(connection.fd.get(), kSharedMemory, to_read.get())) return false;
  connection.memory = std::move(*memory);
  return true;
}

std::shared_ptr<PageMemory> BodyServer::MemoryOf(const std::string& routing_id) {
  Connection* connection = Find(routing_id);
  if (connection == nullptr || !OpenMemory(*connection)) return nullptr;
  return connection->memory;
}

void BodyServer::Second() {
  for (const Connection& connection : connections_) {
    if (connection.memory) connection.memory->GiveBackUnused();
  }
}

}  // namespace thresh
