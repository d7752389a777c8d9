#pragma once

// TinyHttp: an HTTP server on 127.0.0.1 inside the test's own loop. For each path it sends
// the bytes it was told to, piece by piece, right or wrong, and then keeps the connection,
// closes it, resets it, or says nothing more.

#include <netinet/in.h>
#include <sys/socket.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <uv.h>

#include "lib/base/handles.h"

namespace thresh::test {

/// A whole answer with its Content-Length. `headers`: lines, each ending in CRLF.
inline std::string HttpAnswer(std::string_view status, std::string_view headers,
                              std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// A chunk of a body with `Transfer-Encoding: chunked`; an empty one is the last.
inline std::string HttpChunk(std::string_view data) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string size;
  for (std::size_t n = data.size(); n > 0; n >>= 4) size.insert(size.begin(), kDigits[n & 15]);
  return (size.empty() ? "0" : size) + "\r\n" + std::string(data) + "\r\n";
}

/// A port of 127.0.0.1 at which nobody listens.
inline std::uint16_t RefusedPort() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in bound{};
  bound.sin_family = AF_INET;
  bound.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof bound;
  ::bind(fd.get(), reinterpret_cast<sockaddr*>(&bound), size);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.sin_port);
}

class TinyHttp {
 public:
  enum class Then { kKeep, kClose, kReset };
  explicit TinyHttp(uv_loop_t& loop)
      : server_(MakeUv<uv_tcp_t>(this, [&](uv_tcp_t* t) { return uv_tcp_init(&loop, t); })) {
    sockaddr_in any_port{};
    uv_ip4_addr("127.0.0.1", 0, &any_port);
    uv_tcp_bind(server_.get(), reinterpret_cast<sockaddr*>(&any_port), 0);
    uv_listen(AsStream(server_.get()), 128, &OnConnection);
  }
  TinyHttp(const TinyHttp&) = delete;
  TinyHttp& operator=(const TinyHttp&) = delete;

  /// What requests for `path` get; other paths get nothing, on an open connection.
  void On(const std::string& path, std::string answer) { OnPieces(path, {std::move(answer)}); }
  /// The same in pieces, each sent when the one before is out.
  void OnPieces(const std::string& path, std::vector<std::string> pieces, Then then = Then::kKeep) {
    scripts_[path] = {std::move(pieces), then};
  }

  [[nodiscard]] std::string url(std::string_view path) const {
    sockaddr_in bound{};
    int size = sizeof bound;
    uv_tcp_getsockname(server_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    return "http://127.0.0.1:" + std::to_string(ntohs(bound.sin_port)) + std::string(path);
  }

  /// The heads of the requests that came, in order, and how many connections.
  [[nodiscard]] const std::vector<std::string>& requests() const noexcept { return requests_; }
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

  /// Hangs up on every client.
  void CloseAll() { clients_.clear(); }

 private:
  struct Client {
    TinyHttp* server = nullptr;
    UvOwned<uv_tcp_t> tcp;
    std::string incoming;
    std::deque<std::string> outgoing;
    Then then = Then::kKeep;
  };
  struct Script {
    std::vector<std::string> pieces;
    Then then = Then::kKeep;
  };
  struct WriteRequest {
    uv_write_t request{};
    std::string bytes;
  };

  static void OnConnection(uv_stream_t* stream, int) {
    auto* self = static_cast<TinyHttp*>(stream->data);
    auto client = std::make_unique<Client>();
    client->server = self;
    client->tcp =
        MakeUv<uv_tcp_t>(client.get(), [&](uv_tcp_t* t) { return uv_tcp_init(stream->loop, t); });
    uv_accept(stream, AsStream(client->tcp.get()));
    uv_tcp_nodelay(client->tcp.get(), 1);
    uv_read_start(AsStream(client->tcp.get()), &OnAlloc, &OnRead);
    ++self->connections_;
    self->clients_.insert(std::move(client));
  }
  static void OnAlloc(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
    static char scratch[64 << 10];
    *buffer = uv_buf_init(scratch, sizeof scratch);
  }
  static void OnRead(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
    auto* client = static_cast<Client*>(stream->data);
    if (n < 0) return client->server->Close(client);
    client->incoming.append(buffer->base, static_cast<std::size_t>(n));
    client->server->TakeRequests(client);
  }
  static void OnWritten(uv_write_t* raw, int status) {
    const std::unique_ptr<WriteRequest> request(reinterpret_cast<WriteRequest*>(raw));
    if (status == 0) {
      auto* client = static_cast<Client*>(raw->handle->data);
      client->server->SendNext(client);
    }
  }

  void TakeRequests(Client* client) {
    for (auto end = client->incoming.find("\r\n\r\n"); end != std::string::npos;
         end = client->incoming.find("\r\n\r\n")) {
      requests_.push_back(client->incoming.substr(0, end));
      client->incoming.erase(0, end + 4);
      const std::string& head = requests_.back();
      const std::size_t path = head.find(' ') + 1;
      const auto script = scripts_.find(head.substr(path, head.find(' ', path) - path));
      if (script == scripts_.end()) continue;
      for (const std::string& piece : script->second.pieces) client->outgoing.push_back(piece);
      client->then = script->second.then;
      SendNext(client);
      return;
    }
  }
  void SendNext(Client* client) {
    if (client->outgoing.empty()) {
      if (client->then == Then::kReset) ResetOnClose(client->tcp.get());
      if (client->then != Then::kKeep) Close(client);
      return;
    }
    auto request = std::make_unique<WriteRequest>();
    request->bytes = std::move(client->outgoing.front());
    client->outgoing.pop_front();
    const uv_buf_t buffer =
        uv_buf_init(request->bytes.data(), static_cast<unsigned>(request->bytes.size()));
    uv_write(&request.release()->request, AsStream(client->tcp.get()), &buffer, 1, &OnWritten);
  }
  static void ResetOnClose(uv_tcp_t* tcp) {
    uv_os_fd_t fd = -1;
    uv_fileno(AsHandle(tcp), &fd);
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  void Close(Client* client) {
    std::erase_if(clients_, [client](const auto& c) { return c.get() == client; });
  }

  std::map<std::string, Script> scripts_;
  std::vector<std::string> requests_;
  std::size_t connections_ = 0;
  std::set<std::unique_ptr<Client>> clients_;
  UvOwned<uv_tcp_t> server_;
};

}  // namespace thresh::test
