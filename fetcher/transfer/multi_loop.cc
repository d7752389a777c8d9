#include "fetcher/transfer/multi_loop.h"

#include <unistd.h>

#include <utility>

#include "fetcher/transfer/curl_request.h"

namespace thresh {
namespace {

constexpr std::size_t kFullRead = kReadBytes / 4 * 3;  // What frames chunks is not counted.
constexpr int kMostReads = 16;                         // Others want their turn.

}  // namespace

MultiLoop::MultiLoop(uv_loop_t& loop, std::size_t max_connections, EndedFn on_ended)
    : loop_(loop),
      on_ended_(std::move(on_ended)),
      timer_(MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })),
      multi_(curl_multi_init()) {
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
}

MultiLoop::~MultiLoop() = default;

Result<> MultiLoop::Add(CURL* easy) {
  if (const CURLMcode rc = curl_multi_add_handle(multi_.get(), easy); rc != CURLM_OK) {
    return Error{Errc::kInternal, curl_multi_strerror(rc)};
  }
  return Ok{};
}

void MultiLoop::Remove(CURL* easy) {
  curl_multi_remove_handle(multi_.get(), easy);
}

void MultiLoop::ForEachAtWork(const std::function<void(CURL*, curl_socket_t)>& look) const {
  for (const auto& [fd, socket] : sockets_) {
    if (socket.wanted != 0) look(socket.easy, fd);
  }
}

// ---- C callbacks: find the object, call one method --------------------------

int MultiLoop::OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept {
  static_cast<MultiLoop*>(self)->WatchSocket(easy, fd, what);
  return 0;
}

int MultiLoop::OnCloseSocket(void* self, curl_socket_t fd) noexcept {
  static_cast<MultiLoop*>(self)->sockets_.erase(fd);  // Before another socket has its number.
  return ::close(fd);
}

int MultiLoop::OnTimer(CURLM*, long timeout_ms, void* self) noexcept {
  static_cast<MultiLoop*>(self)->ArmTimer(timeout_ms);
  return 0;
}

// An error of the socket's is found by reading: what had arrived before it can still be read, and
// libcurl asks again elsewhere when a connection that it used again was dead. CURL_CSELECT_ERR
// would end the transfer at once.
void MultiLoop::OnReady(uv_poll_t* poll, int status, int events) noexcept {
  uv_os_fd_t fd = -1;
  uv_fileno(AsHandle(poll), &fd);
  auto& self = *static_cast<MultiLoop*>(poll->data);
  if (status < 0) {  // libuv no longer watches it.
    self.sockets_[fd].watched = 0;
    events = UV_READABLE | UV_WRITABLE;
  }
  self.TakeReady(fd, (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                         (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0));
}

void MultiLoop::OnTimeout(uv_timer_t* timer) noexcept {
  static_cast<MultiLoop*>(timer->data)->Drive(CURL_SOCKET_TIMEOUT, 0);
}

// ---- What happens on each event ----------------------------------------------

void MultiLoop::WatchSocket(CURL* easy, curl_socket_t fd, int what) {
  Socket& socket = sockets_[fd];
  socket.easy = easy;
  socket.wanted = (what == CURL_POLL_REMOVE) ? 0
                                             : (what & CURL_POLL_IN ? UV_READABLE : 0) |
                                                   (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
  if (socket.wanted == 0) return;
  if (!socket.poll) {
    socket.poll =
        MakeUv<uv_poll_t>(this, [&](uv_poll_t* p) { return uv_poll_init_socket(&loop_, p, fd); });
  }
  if (socket.poll) Watch(socket);  // Else the transfer times out.
}

void MultiLoop::Watch(Socket& socket) {
  if (socket.wanted == 0 || socket.wanted == socket.watched) return;
  socket.watched = socket.wanted;
  uv_poll_start(socket.poll.get(), socket.watched, &OnReady);
}

// libcurl reads once, and comes back for more in the loop's next turn. But where it read all that
// it has room for, there is more: then pages end one after the other, in warm caches, and not all
// in the last turn.
void MultiLoop::TakeReady(curl_socket_t fd, int ready_mask) {
  if (Socket& socket = sockets_[fd]; socket.wanted == 0) {
    // Between two requests: libcurl sees for itself what came when it takes the connection again.
    uv_poll_stop(socket.poll.get());
    socket.watched = 0;
    return;
  }
  auto left = sockets_.end();
  for (int reads = 0; reads < kMostReads; ++reads) {
    read_bytes_ = 0;
    Drive(fd, ready_mask);
    left = sockets_.find(fd);
    if (left == sockets_.end() || left->second.wanted == 0 || read_bytes_ < kFullRead) break;
  }
  if (left != sockets_.end()) Watch(left->second);
}

void MultiLoop::ArmTimer(long timeout_ms) {
  if (timeout_ms < 0) {  // libcurl: "delete the timer".
    uv_timer_stop(timer_.get());
    return;
  }
  uv_timer_start(timer_.get(), &OnTimeout, static_cast<std::uint64_t>(timeout_ms), 0);
}

void MultiLoop::Drive(curl_socket_t fd, int ready_mask) {
  int still_running = 0;
  curl_multi_socket_action(multi_.get(), fd, ready_mask, &still_running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // `message` dies with remove_handle.
    CURL* const easy = message->easy_handle;
    curl_multi_remove_handle(multi_.get(), easy);
    on_ended_(easy, code);
  }
}

}  // namespace thresh
