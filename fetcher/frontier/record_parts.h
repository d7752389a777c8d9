#pragma once

// What several of the frontier's records are made of. Grammar: docs/frontier.md.

#include <memory>
#include <optional>
#include <string_view>

#include "fetcher/frontier/codec.h"
#include "fetcher/job/request.h"
#include "fetcher/job/task.h"

namespace thresh {

/// A job's Root, in the record of a task with this URL: it stands there once.
void PutRoot(Encoder& out, const Root& root, std::string_view task_url);
[[nodiscard]] Root GetRoot(Decoder& in, std::string_view task_url);

void PutRequest(Encoder& out, const Request& request);
[[nodiscard]] std::shared_ptr<const Request> GetRequest(Decoder& in);

/// The value, if all of it was there and nothing more.
template <typename T>
std::optional<T> IfFinished(const Decoder& in, T value) {
  if (!in.finished()) return std::nullopt;
  return value;
}

}  // namespace thresh
