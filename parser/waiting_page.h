#pragma once

// Private to ParserDaemon's .cc files: includes generated code.

#include <zmq.hpp>

#include "lib/base/hash.h"
#include "parser/daemon.h"
#include "proto/envelope.h"

namespace thresh {

struct ParserDaemon::Waiting {
  wire::Task task;
  Hash128 recipe_hash;
  zmq::message_t body;
};

}  // namespace thresh
