#pragma once

// Parsers: the parsers that send results, and how many bytes each may send: as many as it has
// sent that are written, and a window. While nothing is written, none are granted.
//
// Threads: none.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "proto/peer_id.h"

namespace thresh {

class Parsers {
 public:
  /// One has spoken, with a result of so many bytes, or with none.
  void Hear(const std::string& routing_id, const PeerId& from, std::uint64_t result_bytes);

  /// The bytes received so far are on their way to the disk;
  void BeginWriting();
  /// those are there now,
  void Written();
  /// or all are: nothing is on its way.
  void AllWritten();

  /// Returns false if the parser is gone.
  using GrantFn =
      std::function<bool(const std::string& routing_id, const PeerId& to, std::uint64_t total)>;
  void Grant(const GrantFn& send);

 private:
  struct Session {
    PeerId peer;
    std::uint64_t received_bytes = 0;
    std::uint64_t writing_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t granted_bytes = 0;
  };

  std::unordered_map<std::string, Session> sessions_;  // By routing id.
};

}  // namespace thresh
