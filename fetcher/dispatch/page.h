#pragma once

// A fetched page on its way through a parser to the sink.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fetcher/job/task.h"
#include "lib/base/hash.h"

namespace thresh {

struct FetchedPage {
  TaskId id = 0;
  std::string identity;  ///< A serialised wire::Page: who the records belong to.
  Hash128 recipe_hash;
  std::string recipe;     ///< Its name.
  std::string final_url;  ///< What links resolve against.
  std::uint32_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string meta;
  std::shared_ptr<const std::string> body;  ///< As the server sent it.
  std::uint64_t max_body_bytes = 0;         ///< Of the body unpacked; 0: 64 MiB.
};

/// What a fetch adds to what is known of a task.
struct FetchFacts {
  std::int64_t fetched_at_ms = 0;  ///< Wall clock.
  std::uint32_t status = 0;        ///< HTTP status, 0 if there was no answer.
};

/// The wire::Page of a task: what its records and dead letter will say of it.
[[nodiscard]] std::string SerializeIdentity(const Task& task, const FetchFacts& facts);

}  // namespace thresh
