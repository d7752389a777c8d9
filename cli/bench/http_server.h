#pragma once

// HttpServer: a small HTTP/1.1 server (RFC 9112) on libuv's loop, for servers of our own that tests
// and benchmarks crawl. Requests may be answered in any later call, so thousands can be open at
// once.
//
// A connection's requests are answered in their order, one at a time; what a client pipelines
// waits. Bodies of requests are read and dropped. Bounds, per connection: a head of 80 KiB
// (http_parser's limit), 64 KiB of further requests.
//
// Threads: none. Lifetime: borrows the loop, which must turn once more after the server is gone.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

struct HttpQuestion {
  std::uint64_t connection = 0;
  std::string method;
  std::string target;  ///< Path and query, as sent.
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::string allow;  ///< Of status 405: the methods there are.
};

class HttpServer {
 public:
  using QuestionFn = std::function<void(const HttpQuestion&)>;

  /// Port 0: any that is free. Each question is to be answered once.
  /// Errors: kInvalid for what is no IP address; kUnavailable if the port is taken; kInternal.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> Listen(uv_loop_t& loop,
                                                                  const std::string& address,
                                                                  int port, QuestionFn on_question);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Does nothing if the connection is gone.
  void Answer(std::uint64_t connection, const HttpReply& reply);

  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  struct Connection;

  HttpServer(uv_loop_t& loop, QuestionFn on_question);
  Result<> Open(const std::string& address, int port);

  static void OnConnection(uv_stream_t* server, int status) noexcept;
  static void OnAlloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer) noexcept;
  static void OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept;
  static void OnWritten(uv_write_t* request, int status) noexcept;

  void Accept();
  void TakeBytes(Connection& c, std::string_view bytes);
  void TakeEnd(Connection& c, ssize_t why);
  void Parse(std::uint64_t id);
  void Ask(Connection& c);
  void Send(Connection& c, std::string bytes, bool close);
  void UpdateReading(Connection& c);

  uv_loop_t& loop_;
  const QuestionFn on_question_;
  int port_ = 0;
  std::uint64_t next_id_ = 1;
  UvOwned<uv_tcp_t> listener_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
};

}  // namespace thresh
