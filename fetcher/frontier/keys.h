#pragma once

// Keys of the frontier's database: a letter, then numbers most significant first. Grammar:
// docs/frontier.md.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "fetcher/job/task.h"
#include "lib/base/hash.h"

namespace thresh {

/// Which column family a key is in: points are looked up by key, rows are read in order.
namespace keys {

// Points.
constexpr char kSeen = 'S';       // fingerprint: the fate of the newest task with it.
constexpr char kAgain = 'X';      // fingerprint, id: fates of other tasks with it.
constexpr char kJob = 'J';        // root: what tasks of a job share.
constexpr char kCount = 'K';      // root: how the job's tasks ended.
constexpr char kFed = 'L';        // mark: a line of a feed that says which line it is.
constexpr char kHostPages = 'G';  // host: how many tasks it had, if that is limited.
constexpr char kHostState = 'V';  // host: what politeness knows of it.
// Rows.
constexpr char kQueue = 'Q';    // host, priority, id: a task that may be asked for.
constexpr char kDelay = 'D';    // due, id: a task that waits for its time.
constexpr char kReport = 'P';   // job: a job that has ended.
constexpr char kDead = 'E';     // id: a dead letter,
constexpr char kRetried = 'F';  // and one that was published anew.
constexpr char kRecipe = 'R';   // hash: a recipe's version.
constexpr char kHold = 'H';     // host: offered again later.
constexpr char kBatch = 'B';    // number: ids closed in a batch.
constexpr char kOpen = 'N';     // Ids open at some batch.
constexpr char kMeta = 'M';     // name: all else.
constexpr char kRequest = 'U';  // URL, fingerprint: a request for it that is no plain GET.

[[nodiscard]] std::string Of(char kind);
[[nodiscard]] std::string Of(char kind, std::uint64_t number);
[[nodiscard]] std::string Of(char kind, std::string_view name);
/// `url` is its hash.
[[nodiscard]] std::string Request(const Hash128& url, const Hash128& fingerprint);
[[nodiscard]] std::string Again(const Hash128& fingerprint, TaskId id);

}  // namespace keys

/// Hosts' queues are ordered by this.
[[nodiscard]] std::uint64_t HostHash(std::string_view host);

/// Place of a task within its host's queue: higher priority first, then the older one.
struct ReadyKey {
  std::uint64_t inverted_priority = 0;
  TaskId id = 0;

  [[nodiscard]] static ReadyKey Of(std::int64_t priority, TaskId id);
  [[nodiscard]] std::int64_t priority() const;
  friend auto operator<=>(const ReadyKey&, const ReadyKey&) = default;
};

struct QueueKey {
  std::uint64_t host = 0;  ///< HostHash().
  ReadyKey ready;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<QueueKey> Decode(std::string_view key);
};

struct DelayKey {
  std::int64_t due_ms = 0;  ///< Wall clock.
  TaskId id = 0;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<DelayKey> Decode(std::string_view key);
  [[nodiscard]] static DelayKey First() {
    return {.due_ms = std::numeric_limits<std::int64_t>::min()};
  }
  friend auto operator<=>(const DelayKey&, const DelayKey&) = default;
};

/// Where the record of a pending task is.
struct Place {
  bool delayed = false;     ///< At its DelayKey, else at its QueueKey.
  std::uint64_t host = 0;   ///< Of the QueueKey.
  std::int64_t due_ms = 0;  ///< Of the DelayKey.
  // As the record says.
  std::int64_t delay_ms = 0;   ///< The whole wait until due_ms.
  std::uint32_t attempts = 0;  ///< Made when it was written: those since are in memory only.

  /// It waits for its time, and was never asked for.
  [[nodiscard]] bool postponed() const { return delayed && attempts == 0; }

  [[nodiscard]] std::string Key(std::int64_t priority, TaskId id) const;
};

}  // namespace thresh
