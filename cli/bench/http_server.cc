#include "cli/bench/http_server.h"

#include <http_parser.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

namespace thresh {

struct HttpServer::Connection {
  HttpServer* server = nullptr;
  std::uint64_t id = 0;
  UvOwned<uv_tcp_t> tcp;
  http_parser parser{};
  std::string target;    // Of the request that arrives.
  std::string unparsed;  // Behind the request that is being answered.
  bool whole = false;    // A request has arrived,
  bool asked = false;    // and its answer is on its way.
  bool keep_alive = false;
  bool is_head = false;
  bool ended = false;  // The client sends no more.
  bool reading = false;
  bool closing = false;  // Once its answer is written.
};

namespace {

constexpr std::size_t kMostUnparsedBytes = 64 << 10;

struct WriteRequest {
  uv_write_t request{};
  std::string bytes;
  std::uint64_t connection = 0;
};

std::string HeadOf(const HttpReply& reply, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ';
  head += http_status_str(static_cast<http_status>(reply.status));
  head += "\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: ";
  head += std::to_string(reply.body.size());
  if (!reply.allow.empty()) head += "\r\nAllow: " + reply.allow;
  head += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return head;
}

Result<sockaddr_storage> AddressOf(const std::string& address, int port) {
  sockaddr_storage at{};
  if (uv_ip4_addr(address.c_str(), port, reinterpret_cast<sockaddr_in*>(&at)) == 0 ||
      uv_ip6_addr(address.c_str(), port, reinterpret_cast<sockaddr_in6*>(&at)) == 0) {
    return at;
  }
  return Error{Errc::kInvalid, "expected an IP address, as 127.0.0.1, found \"" + address + '"'};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(uv_loop_t& loop, const std::string& address,
                                                       int port, QuestionFn on_question) {
  std::unique_ptr<HttpServer> server(new HttpServer(loop, std::move(on_question)));
  if (Result<> opened = server->Open(address, port); !opened) return opened.error();
  return server;
}

HttpServer::HttpServer(uv_loop_t& loop, QuestionFn on_question)
    : loop_(loop), on_question_(std::move(on_question)) {}

HttpServer::~HttpServer() = default;

Result<> HttpServer::Open(const std::string& address, int port) {
  const Result<sockaddr_storage> at = AddressOf(address, port);
  if (!at) return at.error();
  listener_ = MakeUv<uv_tcp_t>(this, [&](uv_tcp_t* t) { return uv_tcp_init(&loop_, t); });
  if (!listener_) return Error{Errc::kInternal, "libuv has no handle left"};
  const std::string where = address + ":" + std::to_string(port);
  int rc = uv_tcp_bind(listener_.get(), reinterpret_cast<const sockaddr*>(&*at), 0);
  if (rc == 0) rc = uv_listen(AsStream(listener_.get()), SOMAXCONN, &OnConnection);
  if (rc != 0) {
    return Error{Errc::kUnavailable, "cannot listen on " + where + ": " + uv_strerror(rc)};
  }
  sockaddr_storage bound{};
  int size = sizeof bound;
  uv_tcp_getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  const bool is_v6 = bound.ss_family == AF_INET6;
  port_ = ntohs(is_v6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                      : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  return Ok{};
}

void HttpServer::Answer(std::uint64_t connection, const HttpReply& reply) {
  const auto found = connections_.find(connection);
  if (found == connections_.end() || !found->second->asked) return;
  Connection& c = *found->second;
  c.asked = false;
  std::string bytes = HeadOf(reply, c.keep_alive);
  if (!c.is_head) bytes += reply.body;
  Send(c, std::move(bytes), !c.keep_alive);
}

// ---- C callbacks: find the object, call one method --------------------------

void HttpServer::OnConnection(uv_stream_t* server, int status) noexcept {
  if (status == 0) static_cast<HttpServer*>(server->data)->Accept();
}

void HttpServer::OnAlloc(uv_handle_t*, std::size_t, uv_buf_t* buffer) noexcept {
  static char scratch[16 << 10];  // Read and consumed before the next read.
  *buffer = uv_buf_init(scratch, sizeof scratch);
}

void HttpServer::OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
  auto& connection = *static_cast<Connection*>(stream->data);
  HttpServer& server = *connection.server;
  if (count > 0) {
    server.TakeBytes(connection, {buffer->base, static_cast<std::size_t>(count)});
  } else if (count < 0) {
    server.TakeEnd(connection, count);
  }
}

void HttpServer::OnWritten(uv_write_t* raw, int status) noexcept {
  const std::unique_ptr<WriteRequest> request(reinterpret_cast<WriteRequest*>(raw));
  auto* server = static_cast<HttpServer*>(raw->data);
  if (status == UV_ECANCELED) return;  // The connection, maybe the server, is gone.
  const auto found = server->connections_.find(request->connection);
  if (found == server->connections_.end()) return;
  if (status < 0 || found->second->closing) {
    server->connections_.erase(found);
  } else {
    server->Parse(request->connection);
  }
}

// ---- What happens on each event ---------------------------------------------

void HttpServer::Accept() {
  auto c = std::make_unique<Connection>();
  c->server = this;
  c->id = next_id_++;
  c->tcp = MakeUv<uv_tcp_t>(c.get(), [&](uv_tcp_t* t) { return uv_tcp_init(&loop_, t); });
  if (!c->tcp || uv_accept(AsStream(listener_.get()), AsStream(c->tcp.get())) != 0) return;
  uv_tcp_nodelay(c->tcp.get(), 1);
  http_parser_init(&c->parser, HTTP_REQUEST);
  c->parser.data = c.get();
  Connection& kept = *connections_.emplace(c->id, std::move(c)).first->second;
  UpdateReading(kept);
}

void HttpServer::TakeBytes(Connection& c, std::string_view bytes) {
  c.unparsed.append(bytes);
  if (!c.whole) return Parse(c.id);
  UpdateReading(c);
}

// A client that has closed its half only still gets its answer.
void HttpServer::TakeEnd(Connection& c, ssize_t why) {
  c.ended = true;
  UpdateReading(c);
  if (why != UV_EOF || !c.whole) connections_.erase(c.id);
}

// Takes one request out of what has arrived; the next one when this is answered.
void HttpServer::Parse(std::uint64_t id) {
  Connection& c = *connections_.at(id);
  http_parser_settings on;
  http_parser_settings_init(&on);
  on.on_url = [](http_parser* p, const char* at, std::size_t n) {
    static_cast<Connection*>(p->data)->target.append(at, n);
    return 0;
  };
  on.on_message_complete = [](http_parser* p) {
    static_cast<Connection*>(p->data)->whole = true;
    http_parser_pause(p, 1);
    return 0;
  };
  c.whole = false;
  http_parser_pause(&c.parser, 0);
  if (!c.unparsed.empty()) {  // No bytes would mean the end to it.
    c.unparsed.erase(0, http_parser_execute(&c.parser, &on, c.unparsed.data(), c.unparsed.size()));
  }
  const bool is_whole = c.whole;
  if (is_whole && c.parser.upgrade == 0) return Ask(c);
  if (HTTP_PARSER_ERRNO(&c.parser) != HPE_OK || is_whole) {
    c.whole = c.asked = true;  // What follows cannot be read.
    c.keep_alive = c.is_head = false;
    return Answer(id, {.status = 400, .body = "expected an HTTP/1.1 request\n", .allow = {}});
  }
  if (c.ended) {
    connections_.erase(id);
  } else {
    UpdateReading(c);
  }
}

void HttpServer::Ask(Connection& c) {
  c.asked = true;
  c.keep_alive = http_should_keep_alive(&c.parser) != 0;
  c.is_head = c.parser.method == HTTP_HEAD;
  UpdateReading(c);
  const auto method = static_cast<http_method>(c.parser.method);
  on_question_({c.id, http_method_str(method), std::exchange(c.target, {})});
}

void HttpServer::Send(Connection& c, std::string bytes, bool close) {
  auto request = std::make_unique<WriteRequest>();
  request->bytes = std::move(bytes);
  request->connection = c.id;
  request->request.data = this;
  c.closing = close;
  const uv_buf_t buffer =
      uv_buf_init(request->bytes.data(), static_cast<unsigned>(request->bytes.size()));
  if (uv_write(&request->request, AsStream(c.tcp.get()), &buffer, 1, &OnWritten) == 0) {
    (void)request.release();  // OnWritten takes it back.
  } else {
    connections_.erase(c.id);
  }
}

void HttpServer::UpdateReading(Connection& c) {
  const bool want = !c.ended && !c.closing && c.unparsed.size() < kMostUnparsedBytes;
  if (want == c.reading) return;
  c.reading = want;
  if (want) {
    uv_read_start(AsStream(c.tcp.get()), &OnAlloc, &OnRead);
  } else {
    uv_read_stop(AsStream(c.tcp.get()));
  }
}

}  // namespace thresh
