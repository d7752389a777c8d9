#include "lib/io/body_packets.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kPacketBytes = 12;
using Packet = std::array<unsigned char, kPacketBytes>;

Packet Pack(const BodyOf& of) {
  Packet packet{};
  for (std::size_t i = 0; i < 8; ++i) packet[i] = static_cast<unsigned char>(of.task >> (8 * i));
  for (std::size_t i = 0; i < 4; ++i) {
    packet[8 + i] = static_cast<unsigned char>(of.attempt >> (8 * i));
  }
  return packet;
}

BodyOf Unpack(const Packet& packet) {
  BodyOf of;
  for (std::size_t i = 0; i < 8; ++i) of.task |= static_cast<std::uint64_t>(packet[i]) << (8 * i);
  for (std::size_t i = 0; i < 4; ++i) {
    of.attempt |= static_cast<std::uint32_t>(packet[8 + i]) << (8 * i);
  }
  return of;
}

}  // namespace

bool SendBody(int socket, const BodyOf& of, int fd) {
  Packet packet = Pack(of);
  iovec bytes{packet.data(), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(packet.size());
}

std::optional<ReceivedBody> ReceiveBody(int socket) {
  Packet packet{};
  iovec bytes{packet.data(), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  const cmsghdr* const rights = n > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS ||
      rights->cmsg_len != CMSG_LEN(sizeof(int))) {
    return std::nullopt;
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  UniqueFd owned(fd);
  if (n != static_cast<ssize_t>(packet.size())) return std::nullopt;
  return ReceivedBody{Unpack(packet), std::move(owned)};
}

}  // namespace thresh
