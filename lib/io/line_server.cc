#include "lib/io/line_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace thresh {

struct LineServer::Connection {
  LineServer* server = nullptr;
  ConnectionId id = 0;
  UvOwned<uv_pipe_t> pipe;
  std::string partial;    // A line whose end has not come yet.
  bool skipping = false;  // In a line over the limit, up to its newline.
  std::uint64_t lines = 0;
  std::uint64_t answers = 0;
  bool ended = false;  // The client sends no more.
  bool reading = false;
  std::string outgoing;            // Not yet given to libuv,
  std::size_t in_libuv_bytes = 0;  // given but not yet taken by the kernel.
  std::function<void()> when_room;
};

namespace {

struct WriteRequest {
  uv_write_t request{};
  std::string bytes;
  ConnectionId connection = 0;
};

Peer PeerOf(const uv_pipe_t* pipe) {
  uv_os_fd_t fd = -1;
  ucred who{};
  socklen_t size = sizeof who;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(pipe), &fd) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
    return {};
  }
  return {.pid = who.pid, .uid = who.uid};
}

// True if a process accepts connections at `path`.
bool IsListening(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<std::unique_ptr<LineServer>> LineServer::Listen(uv_loop_t& loop, const std::string& path,
                                                       LineLimits limits, LineFn on_line) {
  std::unique_ptr<LineServer> server(new LineServer(loop, path, limits, std::move(on_line)));
  if (Result<> opened = server->Open(); !opened) return opened.error();
  return server;
}

Result<std::unique_ptr<LineServer>> LineServer::Adopt(uv_loop_t& loop, UniqueFd listener,
                                                      LineLimits limits, LineFn on_line) {
  std::unique_ptr<LineServer> server(new LineServer(loop, "", limits, std::move(on_line)));
  auto pipe =
      MakeUv<uv_pipe_t>(server.get(), [&](uv_pipe_t* p) { return uv_pipe_init(&loop, p, 0); });
  const std::string where = "the socket that was handed over";
  if (!pipe) return Error{Errc::kInternal, "libuv has no handle left"};
  if (const int rc = uv_pipe_open(pipe.get(), listener.get()); rc != 0) {
    return Error{Errc::kInternal, "cannot take " + where + ": " + uv_strerror(rc)};
  }
  (void)listener.release();  // The pipe owns it now.
  if (Result<> opened = server->Listen(std::move(pipe), where); !opened) return opened.error();
  return server;
}

LineServer::LineServer(uv_loop_t& loop, std::string path, LineLimits limits, LineFn on_line)
    : loop_(loop),
      path_(std::move(path)),
      limits_(limits),
      on_line_(std::move(on_line)),
      flush_(loop, [this] { Flush(); }) {}

LineServer::~LineServer() {
  if (listener_ && !path_.empty()) ::unlink(path_.c_str());
}

Result<> LineServer::Open() {
  if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{Errc::kInvalid, "socket path too long: " + path_ + " (at most 107 bytes)"};
  }
  if (IsListening(path_)) {
    return Error{Errc::kUnavailable, path_ + ": another process is listening there"};
  }
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      return Error{Errc::kInvalid, path_ + ": expected a socket or nothing there, found a file"};
    }
    ::unlink(path_.c_str());  // Of a process that is gone: nobody listens.
  }
  auto pipe = MakeUv<uv_pipe_t>(this, [&](uv_pipe_t* p) { return uv_pipe_init(&loop_, p, 0); });
  if (!pipe) return Error{Errc::kInternal, "libuv has no handle left"};
  if (const int rc = uv_pipe_bind(pipe.get(), path_.c_str()); rc != 0) {
    return Error{Errc::kInvalid, "cannot listen on " + path_ + ": " + uv_strerror(rc)};
  }
  ::chmod(path_.c_str(), 0660);
  return Listen(std::move(pipe), path_);
}

Result<> LineServer::Listen(UvOwned<uv_pipe_t> pipe, const std::string& where) {
  listener_ = std::move(pipe);
  if (const int rc = uv_listen(AsStream(listener_.get()), SOMAXCONN, &OnConnection); rc != 0) {
    return Error{Errc::kInvalid, "cannot listen on " + where + ": " + uv_strerror(rc)};
  }
  return Ok{};
}

void LineServer::Answer(ConnectionId id, std::string_view text) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  ++found->second->answers;
  Push(id, text);  // What is written in its turn looks whether to read on.
}

void LineServer::Push(ConnectionId id, std::string_view text) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->outgoing.append(text).push_back('\n');
  flush_.Request();
}

bool LineServer::IsOpen(ConnectionId id) const {
  return connections_.contains(id);
}

bool LineServer::HasRoom(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found != connections_.end() && HasRoom(*found->second);
}

void LineServer::WhenRoom(ConnectionId id, std::function<void()> then) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || HasRoom(*found->second)) return then();
  found->second->when_room = std::move(then);
}

void LineServer::SetPaused(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  for (auto& [id, connection] : connections_) UpdateReading(*connection);
}

// ---- C callbacks: find the object, call one method --------------------------

void LineServer::OnConnection(uv_stream_t* server, int status) noexcept {
  if (status == 0) static_cast<LineServer*>(server->data)->Accept();
}

void LineServer::OnAlloc(uv_handle_t*, std::size_t, uv_buf_t* buffer) noexcept {
  static char scratch[64 << 10];  // Read and consumed before the next read.
  *buffer = uv_buf_init(scratch, sizeof scratch);
}

void LineServer::OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
  auto& connection = *static_cast<Connection*>(stream->data);
  LineServer& server = *connection.server;
  if (count > 0) {
    server.TakeBytes(connection, {buffer->base, static_cast<std::size_t>(count)});
    server.UpdateReading(connection);  // Enough lines may wait for their answers now.
  } else if (count < 0) {
    server.TakeEnd(connection);
  }
}

void LineServer::OnWritten(uv_write_t* raw, int status) noexcept {
  const std::unique_ptr<WriteRequest> request(reinterpret_cast<WriteRequest*>(raw));
  auto* server = static_cast<LineServer*>(raw->data);
  if (status == UV_ECANCELED) return;  // The connection, maybe the server, is gone.
  const auto found = server->connections_.find(request->connection);
  if (found == server->connections_.end()) return;
  if (status < 0) {  // The client is gone and reads no answer.
    server->Drop(request->connection);
    return;
  }
  Connection& c = *found->second;
  c.in_libuv_bytes -= request->bytes.size();
  server->UpdateReading(c);
  if (c.when_room && server->HasRoom(c)) std::exchange(c.when_room, {})();
  server->CloseIfFinished(request->connection);
}

// ---- What happens on each event ---------------------------------------------

void LineServer::Accept() {
  auto connection = std::make_unique<Connection>();
  connection->server = this;
  connection->id = next_id_++;
  connection->pipe =
      MakeUv<uv_pipe_t>(connection.get(), [&](uv_pipe_t* p) { return uv_pipe_init(&loop_, p, 0); });
  if (!connection->pipe) return;
  if (uv_accept(AsStream(listener_.get()), AsStream(connection->pipe.get())) != 0) return;
  if (on_peer_) on_peer_(PeerOf(connection->pipe.get()));
  UpdateReading(*connection);
  connections_.emplace(connection->id, std::move(connection));
}

void LineServer::TakeBytes(Connection& c, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, newline);
    // One byte more may be the CR of a line's end; EmitLine() looks again.
    if (!c.skipping && c.partial.size() + piece.size() > limits_.max_line_bytes + 1) {
      c.partial.clear();
      c.skipping = true;
    }
    if (newline == std::string_view::npos) {
      if (!c.skipping) c.partial.append(piece);
      return;
    }
    bytes.remove_prefix(newline + 1);
    if (c.partial.empty()) {
      EmitLine(c, piece);
    } else {
      c.partial.append(piece);
      EmitLine(c, std::exchange(c.partial, {}));
    }
  }
}

void LineServer::EmitLine(Connection& c, std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool too_long = std::exchange(c.skipping, false) || line.size() > limits_.max_line_bytes;
  ++c.lines;
  on_line_({c.id, c.lines, too_long ? std::string_view{} : line, too_long});
}

void LineServer::TakeEnd(Connection& c) {
  c.ended = true;
  UpdateReading(c);
  if (c.skipping || !c.partial.empty()) EmitLine(c, std::exchange(c.partial, {}));
  CloseIfFinished(c.id);
}

void LineServer::Flush() {
  std::vector<ConnectionId> ready;
  for (const auto& [id, c] : connections_) {
    if (!c->outgoing.empty()) ready.push_back(id);
  }
  for (const ConnectionId id : ready) Write(*connections_.at(id));
}

void LineServer::Write(Connection& c) {
  auto request = std::make_unique<WriteRequest>();
  request->bytes = std::exchange(c.outgoing, {});
  request->connection = c.id;
  request->request.data = this;
  c.in_libuv_bytes += request->bytes.size();
  const uv_buf_t buffer =
      uv_buf_init(request->bytes.data(), static_cast<unsigned>(request->bytes.size()));
  if (uv_write(&request->request, AsStream(c.pipe.get()), &buffer, 1, &OnWritten) == 0) {
    (void)request.release();  // OnWritten takes it back.
    UpdateReading(c);
  } else {
    Drop(c.id);
  }
}

void LineServer::UpdateReading(Connection& c) {
  const bool want =
      !paused_ && !c.ended && c.lines - c.answers <= limits_.max_unanswered_count && HasRoom(c);
  if (want == c.reading) return;
  c.reading = want;
  if (want) {
    uv_read_start(AsStream(c.pipe.get()), &OnAlloc, &OnRead);
  } else {
    uv_read_stop(AsStream(c.pipe.get()));
  }
}

void LineServer::CloseIfFinished(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const Connection& c = *found->second;
  if (c.ended && c.answers >= c.lines && c.outgoing.empty() && c.in_libuv_bytes == 0) Drop(id);
}

void LineServer::Drop(ConnectionId id) {
  const auto node = connections_.extract(id);
  if (!node.empty() && node.mapped()->when_room) node.mapped()->when_room();
}

bool LineServer::HasRoom(const Connection& c) const {
  return c.outgoing.size() + c.in_libuv_bytes <= limits_.max_unread_bytes;
}

}  // namespace thresh
