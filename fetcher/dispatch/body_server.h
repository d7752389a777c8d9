#pragma once

// BodyServer: hands bodies to parsers on this machine. A parser connects to a SEQPACKET socket
// beside the pages' and says who it is. The files of large bodies go there as descriptors, each
// just before its TASK does on the wire; other bodies lie in memory that is shared with this
// parser, whose descriptor goes there once. proto/README.md has the packets.
//
// Threads: none. Lifetime: borrows the loop, which must turn once more after it is gone.

#include <list>
#include <memory>
#include <string>

#include <uv.h>

#include "fetcher/dispatch/page_memory.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/body_packets.h"

namespace thresh {

class BodyServer {
 public:
  /// Errors: kInvalid if the socket cannot be made there.
  [[nodiscard]] static Result<std::unique_ptr<BodyServer>> Listen(uv_loop_t& loop,
                                                                  const std::string& path);
  ~BodyServer();
  BodyServer(const BodyServer&) = delete;
  BodyServer& operator=(const BodyServer&) = delete;

  /// Sends a file, to be read only, to the parser of this routing id. False if it is not connected
  /// here, or its socket is full: it has to ask for the body's parts.
  [[nodiscard]] bool Pass(const std::string& routing_id, const BodyOf& of, int fd);

  /// The memory that is shared with this parser, until it is closed(); null: there is none, and
  /// bodies go by the wire.
  [[nodiscard]] std::shared_ptr<PageMemory> MemoryOf(const std::string& routing_id);
  /// To be called once a second: memory of which nothing is in use goes back to the system.
  void Second();

 private:
  struct Connection {
    UniqueFd fd;
    std::string routing_id;  // Empty until it has said.
    BodyServer* server = nullptr;
    UvOwned<uv_poll_t> poll;
    std::shared_ptr<PageMemory> memory;  // Once there was something to share,
    bool has_no_memory = false;          // or that failed.
  };

  BodyServer(uv_loop_t& loop, std::string path, UniqueFd listener)
      : loop_(loop), path_(std::move(path)), listener_(std::move(listener)) {}

  static void OnAccept(uv_poll_t* poll, int status, int events) noexcept;
  static void OnPacket(uv_poll_t* poll, int status, int events) noexcept;
  void Accept();
  void Receive(Connection& connection);
  void Drop(const Connection& connection);
  [[nodiscard]] Connection* Find(const std::string& routing_id);
  [[nodiscard]] static bool OpenMemory(Connection& connection);

  uv_loop_t& loop_;
  const std::string path_;
  UniqueFd listener_;
  UvOwned<uv_poll_t> poll_;
  std::list<Connection> connections_;
};

}  // namespace thresh
