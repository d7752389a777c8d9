#include "lib/io/line_client.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

struct WriteRequest {
  uv_write_t request{};
  std::string bytes;
};

Error ConnectError(const std::string& path, int why) {
  const std::string detail = "cannot connect to " + path + ": " + std::strerror(why);
  if (why == ENOENT || why == ECONNREFUSED) {
    return {Errc::kUnavailable, detail + " (is thresh running?)"};
  }
  struct stat status {};
  const auto found = [&](const std::string& at) { return ::stat(at.c_str(), &status) == 0; };
  // Of a socket in a folder that we may not look into, it is the folder's group that counts.
  if (why == EACCES && (found(path) || found(path.substr(0, path.rfind('/'))))) {
    const group* owner = ::getgrgid(status.st_gid);
    const std::string name = owner != nullptr ? owner->gr_name : std::to_string(status.st_gid);
    return {Errc::kInvalid, detail + " (join the group: usermod -aG " + name + " USER)"};
  }
  return {Errc::kInvalid, detail};
}

Result<UniqueFd> ConnectUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{Errc::kInvalid, "socket path too long: " + path + " (at most 107 bytes)"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return ConnectError(path, errno);
  }
  return fd;
}

}  // namespace

Result<std::unique_ptr<LineClient>> LineClient::Connect(uv_loop_t& loop, const std::string& path,
                                                        LineFn on_line, EndFn on_end) {
  Result<UniqueFd> fd = ConnectUnix(path);
  if (!fd) return fd.error();
  std::unique_ptr<LineClient> client(new LineClient(std::move(on_line), std::move(on_end)));
  client->pipe_ =
      MakeUv<uv_pipe_t>(client.get(), [&](uv_pipe_t* p) { return uv_pipe_init(&loop, p, 0); });
  if (!client->pipe_ || uv_pipe_open(client->pipe_.get(), fd->get()) != 0) {
    return Error{Errc::kInternal, "libuv has no handle left"};
  }
  (void)fd->release();  // The pipe owns it now.
  uv_read_start(AsStream(client->pipe_.get()), &OnAlloc, &OnRead);
  return client;
}

LineClient::LineClient(LineFn on_line, EndFn on_end)
    : on_line_(std::move(on_line)), on_end_(std::move(on_end)) {}

void LineClient::Send(std::string_view text) {
  auto request = std::make_unique<WriteRequest>();
  request->bytes.reserve(text.size() + 1);
  request->bytes.append(text).push_back('\n');
  const uv_buf_t buffer =
      uv_buf_init(request->bytes.data(), static_cast<unsigned>(request->bytes.size()));
  if (uv_write(&request->request, AsStream(pipe_.get()), &buffer, 1, &OnWritten) == 0) {
    (void)request.release();  // OnWritten takes it back.
  }
}

void LineClient::FinishSending() {
  auto request = std::make_unique<uv_shutdown_t>();
  if (uv_shutdown(request.get(), AsStream(pipe_.get()), &OnShutdown) == 0) {
    (void)request.release();  // OnShutdown takes it back.
  }
}

std::size_t LineClient::unsent_bytes() const noexcept {
  return uv_stream_get_write_queue_size(AsStream(pipe_.get()));
}

void LineClient::OnAlloc(uv_handle_t*, std::size_t, uv_buf_t* buffer) noexcept {
  static char scratch[64 << 10];  // Read and consumed before the next read.
  *buffer = uv_buf_init(scratch, sizeof scratch);
}

void LineClient::OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
  auto* client = static_cast<LineClient*>(stream->data);
  if (count > 0) {
    client->TakeBytes({buffer->base, static_cast<std::size_t>(count)});
  } else if (count < 0) {
    uv_read_stop(stream);
    client->on_end_();
  }
}

void LineClient::OnWritten(uv_write_t* raw, int) noexcept {
  delete reinterpret_cast<WriteRequest*>(raw);  // A broken pipe shows as the end of reading.
}

void LineClient::OnShutdown(uv_shutdown_t* request, int) noexcept {
  delete request;
}

void LineClient::TakeBytes(std::string_view bytes) {
  partial_.append(bytes);
  std::size_t begin = 0;
  for (std::size_t end = partial_.find('\n'); end != std::string::npos;
       end = partial_.find('\n', begin)) {
    on_line_(std::string_view(partial_).substr(begin, end - begin));
    begin = end + 1;
  }
  partial_.erase(0, begin);
}

}  // namespace thresh
