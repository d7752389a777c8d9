#pragma once

// PageMemory: memory that is shared with one parser on this machine. Pages are put there by the
// fetcher and read where they lie, so that no body goes through a socket.
//
//   Put() ─▶ TASK with the place ─▶ the parser reads it ─▶ CREDIT says so ─▶ Release()
//
// What was put stays as it is until it is released: a parser that is slow, or was given up, still
// reads what it was promised. It can write nothing, and sees no other parser's pages.
//
// Threads: none.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/body_packets.h"

namespace thresh {

class PageMemory {
 public:
  /// Errors: kInternal if the system gives none.
  [[nodiscard]] static Result<std::unique_ptr<PageMemory>> Create(std::size_t bytes);
  ~PageMemory();
  PageMemory(const PageMemory&) = delete;
  PageMemory& operator=(const PageMemory&) = delete;

  /// Where the copy lies, in bytes from the start; nullopt: there is no room.
  [[nodiscard]] std::optional<std::uint64_t> Put(const BodyOf& of, std::string_view body);
  /// Nothing happens if it is not there.
  void Release(const BodyOf& of);
  void ReleaseAll() { placed_.clear(); }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  struct Placed {
    std::size_t bytes = 0;
    BodyOf of;
  };

  PageMemory(UniqueFd fd, char* begin, std::size_t bytes)
      : fd_(std::move(fd)), begin_(begin), bytes_(bytes) {}

  const UniqueFd fd_;
  char* const begin_;
  const std::size_t bytes_;
  std::map<std::size_t, Placed> placed_;  // By place; as few as a parser has pages.
};

}  // namespace thresh
