#include "fetcher/transfer/wire_watch.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <optional>

namespace thresh {
namespace {

std::optional<std::uint64_t> ReceivedBytes(curl_socket_t socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  constexpr std::size_t kNeeded =
      offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received;
  if (size < kNeeded) return std::nullopt;
  return info.tcpi_bytes_received;
}

}  // namespace

std::uint64_t WireWatch::Look(CURL* easy, curl_socket_t socket) {
  long version = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  // Before a head has come it is not known: the connection may be one of HTTP/2.
  if (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1) return 0;
  const auto received = ReceivedBytes(socket);
  if (!received) return 0;
  if (socket != socket_ || *received < first_) {  // A look at another connection is the first.
    socket_ = socket;
    first_ = *received;
  }
  return *received - first_;
}

}  // namespace thresh
