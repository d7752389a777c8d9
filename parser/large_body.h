#pragma once

// PassedBodies: how a parser gets the bodies that are not in their TASK. On the fetcher's machine
// the large ones come as descriptors by a socket of its own, and all others lie in memory that is
// shared by it. Elsewhere large bodies come in parts that are asked for.
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

class PassedBodies {
 public:
  /// Connects to the fetcher's socket, and says who we are there. Without it, on another machine,
  /// all is as if no descriptor came.
  void Connect(const std::string& path, const std::string& routing_id);

  /// The file of this body, if it has come; those that came before it and nobody asked for are
  /// closed.
  [[nodiscard]] UniqueFd Take(const BodyOf& of);

  /// The memory that is shared with the fetcher; null: there is none.
  [[nodiscard]] std::shared_ptr<const MappedBody> Memory();

 private:
  void Receive();
  void MapMemory(const UniqueFd& fd);

  UniqueFd socket_;
  std::deque<ReceivedBody> received_;
  std::shared_ptr<const MappedBody> memory_;
};

}  // namespace thresh
