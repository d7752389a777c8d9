#pragma once

// Owners for the C handles thresh uses: the only place that frees any of them.
// ZeroMQ's handles are owned by cppzmq (zmq::context_t, zmq::socket_t).

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include <uv.h>

namespace thresh {

/// A file descriptor, closed when its owner goes. -1 is "none".
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct FileClose {
  void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};
using UniqueFile = std::unique_ptr<std::FILE, FileClose>;

/// libuv closes a handle on a later turn of its loop and needs the memory until
/// then, so the owner starts the close and lets the callback free the memory.
/// REQUIRES: the loop turns once more after the owner is gone.
template <typename Handle>
struct UvClose {
  void operator()(Handle* handle) const noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  }
};

template <typename Handle>
using UvOwned = std::unique_ptr<Handle, UvClose<Handle>>;

/// A handle set up by `init(raw pointer)`, with `user` as its data pointer.
/// Null if libuv refuses it.
template <typename Handle, typename Init>
[[nodiscard]] UvOwned<Handle> MakeUv(void* user, Init init) {
  auto raw = std::make_unique<Handle>();
  if (init(raw.get()) != 0) return nullptr;
  raw->data = user;
  return UvOwned<Handle>(raw.release());
}

template <typename Handle>
uv_handle_t* AsHandle(Handle* handle) noexcept {
  return reinterpret_cast<uv_handle_t*>(handle);
}
template <typename Handle>
uv_stream_t* AsStream(Handle* handle) noexcept {
  return reinterpret_cast<uv_stream_t*>(handle);
}

}  // namespace thresh
