#pragma once

// Private to ParserDaemon's .cc files: includes generated code.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <zmq.hpp>

#include "lib/base/hash.h"
#include "parser/daemon.h"
#include "parser/large_body.h"
#include "proto/envelope.h"

namespace thresh {

struct ParserDaemon::Waiting {
  wire::Task task;
  Hash128 recipe_hash;
  zmq::message_t body;
  // Instead, if it is not in the TASK: the memory it lies in, its file, or what has come in parts.
  std::shared_ptr<const MappedBody> memory;
  std::unique_ptr<MappedBody> file;
  std::string parts;

  [[nodiscard]] std::string_view Body() const {
    if (task.body_bytes() == 0) return View(body);
    if (memory) return memory->View().substr(task.body_at(), task.body_bytes());
    return file ? file->View() : std::string_view(parts);
  }
  [[nodiscard]] bool HasBody() const { return memory || file || parts.size() >= task.body_bytes(); }
};

// What each page needs, made once: its memory is used again.
struct ParserDaemon::Answer {
  wire::Envelope envelope;  ///< With the RESULT.
  wire::Page identity;
  PageInput input;

  /// An empty RESULT for that sink.
  wire::Result& Begin(const PeerId& self, const std::optional<PeerId>& sink) {
    Address(&envelope, self, sink);
    envelope.mutable_result()->Clear();
    return *envelope.mutable_result();
  }
};

}  // namespace thresh
