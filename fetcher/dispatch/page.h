#pragma once

// A fetched page on its way through a parser to the sink.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fetcher/job/task.h"
#include "lib/base/hash.h"
#include "lib/base/shared_bytes.h"
#include "lib/io/spool_file.h"

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
  SharedBytes body;  ///< As the server sent it.
  /// Instead of a body in memory, which is empty then.
  std::shared_ptr<const SpoolFile> spooled;
  std::string blame;                 ///< What parsers did over it before: see PoolEvents::on_blame.
  std::uint64_t max_body_bytes = 0;  ///< Of the body unpacked; 0: 64 MiB.
};

/// The body's first bytes, `n` at most, wherever it lies; what cannot be read is left out.
[[nodiscard]] std::string BodyStart(const SharedBytes& body,
                                    const std::shared_ptr<const SpoolFile>& spooled, std::size_t n);

/// What a fetch adds to what is known of a task.
struct FetchFacts {
  std::int64_t fetched_at_ms = 0;  ///< Wall clock.
  std::uint32_t status = 0;        ///< HTTP status, 0 if there was no answer.
};

/// The wire::Page of a task: what its records and dead letter will say of it.
[[nodiscard]] std::string SerializeIdentity(const Task& task, const FetchFacts& facts);

}  // namespace thresh
