#include "parser/large_body.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace thresh {
namespace {

// More pages than a fetcher ever has at a parser.
constexpr std::size_t kMostReceived = 64;

}  // namespace

Result<std::unique_ptr<MappedBody>> MappedBody::Map(const UniqueFd& fd, std::uint64_t bytes) {
  struct stat now {};
  if (::fstat(fd.get(), &now) != 0 || static_cast<std::uint64_t>(now.st_size) < bytes) {
    return Error{Errc::kInvalid, "the body's file is shorter than its TASK says"};
  }
  void* const begin = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (begin == MAP_FAILED) return Error{Errc::kInvalid, "the body's file cannot be mapped"};
  return std::unique_ptr<MappedBody>(new MappedBody(static_cast<const char*>(begin), bytes));
}

MappedBody::~MappedBody() {
  ::munmap(const_cast<char*>(begin_), bytes_);
}

void PassedBodies::Connect(const std::string& path, const std::string& routing_id) {
  received_.clear();
  memory_.reset();
  socket_ = UniqueFd();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return;
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  const ssize_t sent =
      ::send(fd.get(), routing_id.data(), routing_id.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(routing_id.size())) socket_ = std::move(fd);
}

void PassedBodies::Receive() {
  while (socket_ && received_.size() < kMostReceived) {
    std::optional<ReceivedBody> body = ReceiveBody(socket_.get());
    if (!body) break;
    if (body->of == kSharedMemory) {
      MapMemory(body->fd);
    } else {
      received_.push_back(std::move(*body));
    }
  }
}

void PassedBodies::MapMemory(const UniqueFd& fd) {
  struct stat now {};
  if (::fstat(fd.get(), &now) != 0 || now.st_size <= 0) return;
  auto mapped = MappedBody::Map(fd, static_cast<std::uint64_t>(now.st_size));
  if (mapped) memory_ = std::move(*mapped);
}

std::shared_ptr<const MappedBody> PassedBodies::Memory() {
  if (!memory_) Receive();
  return memory_;
}

UniqueFd PassedBodies::Take(const BodyOf& of) {
  Receive();
  const auto found = std::find_if(received_.begin(), received_.end(),
                                  [&](const ReceivedBody& body) { return body.of == of; });
  if (found == received_.end()) return UniqueFd();
  UniqueFd fd = std::move(found->fd);
  received_.erase(received_.begin(), found + 1);
  return fd;
}

}  // namespace thresh
