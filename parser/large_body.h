#pragma once

// LargeBodies: how a parser gets the bodies that are too large for a TASK. On the fetcher's machine
// each comes as a descriptor by a socket of its own; elsewhere, in parts that are asked for.
//
// Threads: none. Nothing blocks.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/body_packets.h"

namespace thresh {

/// A file's bytes, as long as it lives.
class MappedBody {
 public:
  /// Errors: kInvalid for a file that is shorter than `bytes`, or cannot be mapped.
  [[nodiscard]] static Result<std::unique_ptr<MappedBody>> Map(const UniqueFd& fd,
                                                               std::uint64_t bytes);
  ~MappedBody();
  MappedBody(const MappedBody&) = delete;
  MappedBody& operator=(const MappedBody&) = delete;

  [[nodiscard]] std::string_view View() const noexcept { return {begin_, bytes_}; }

 private:
  MappedBody(const char* begin, std::size_t bytes) : begin_(begin), bytes_(bytes) {}

  const char* const begin_;
  const std::size_t bytes_;
};

class LargeBodies {
 public:
  /// Connects to the fetcher's socket, and says who we are there. Without it, on another machine,
  /// all is as if no descriptor came.
  void Connect(const std::string& path, const std::string& routing_id);

  /// The file of this body, if it has come; those that came before it and nobody asked for are
  /// closed.
  [[nodiscard]] UniqueFd Take(const BodyOf& of);

 private:
  UniqueFd socket_;
  std::deque<ReceivedBody> received_;
};

}  // namespace thresh
