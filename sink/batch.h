#pragma once

// What the sink writes at once, and what becomes of it: it is built on the loop, and committed
// on a thread of libuv's pool while the next one is built.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/hash.h"
#include "sink/format/line_buffer.h"
#include "sink/journal/records.h"

namespace thresh {

/// What a watcher is told of an effect's page.
struct EffectOrigin {
  std::string url, recipe;
  std::string outcome;  ///< `done`, or the reason of a dead letter.
};

/// A task's whole effect.
struct Effect {
  Hash128 source;  ///< The fetcher's uuid.
  std::uint64_t id = 0;
  std::uint64_t records = 0;
  std::string ack;  ///< A wire::Ack::Entry.
  /// Lines by the name of their file; they lie elsewhere, as in the batch's memory.
  std::vector<std::pair<std::string, std::string_view>> lines;
  std::optional<EffectOrigin> origin;  ///< Only while somebody watches.
  /// A dead letter's body: the name of its file, the bytes.
  std::optional<std::pair<std::string, std::string>> body;
};

/// What a fetcher has closed.
struct Closing {
  Hash128 source;
  std::uint64_t low = 0;
  std::vector<std::uint64_t> ids;
};

struct Batch {
  std::vector<Closing> closings;
  std::vector<Hash128> forgotten;  ///< Fetchers that will not come back.
  std::vector<Effect> effects;
  LineMemory memory;  ///< Of the effects' lines.
  std::vector<Location> wanted_acks;
  bool reopen = false;  ///< Files that were moved are closed, and made anew.
  bool look = false;    ///< Whether a file is due to be put aside.
  /// From this batch on: size in bytes and age in seconds at which a file is put aside.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> rotate_at;

  /// What was closed can wait for the next effects: nobody is told that it is known.
  [[nodiscard]] bool is_urgent() const noexcept {
    return !forgotten.empty() || !effects.empty() || !wanted_acks.empty() || reopen || look;
  }
};

/// What the sink's status says of its files.
struct FileReport {
  std::uint64_t journal_segments = 0;
  std::uint64_t journal_bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> files;  ///< Path, bytes.
};

struct Committed {
  std::vector<Location> places;                        ///< Of the effects, in their order.
  std::vector<std::pair<Location, std::string>> acks;  ///< Those wanted.
  bool put_aside = false;                              ///< Files were, and can be compressed.
  FileReport report;
};

}  // namespace thresh
