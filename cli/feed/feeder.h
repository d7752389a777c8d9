#pragma once

// Feeder: pumps a FeedSource into a feed socket and counts the answers.
//
// Threads: none. Lifetime: borrows the loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>

#include "cli/feed/feed_source.h"
#include "lib/base/result.h"
#include "lib/io/line_client.h"
#include "lib/io/tick.h"

namespace thresh {

struct FeedCounts {
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;
  std::vector<std::string> first_refusals;  ///< At most 5, as `line 3: …`.

  [[nodiscard]] std::uint64_t answered() const { return accepted + duplicates + refused; }
};

class Feeder {
 public:
  /// `on_end(complete)`: all lines are answered, or (false) the fetcher hung up.
  /// Errors: as LineClient::Connect().
  [[nodiscard]] static Result<std::unique_ptr<Feeder>> Start(uv_loop_t& loop,
                                                             const std::string& socket,
                                                             FeedSource source,
                                                             std::function<void(bool)> on_end);

  /// Sends no more lines; what was sent is still answered.
  void StopReading();

  [[nodiscard]] const FeedCounts& counts() const noexcept { return counts_; }
  /// Why a list could not be read to its end; empty if all went well.
  [[nodiscard]] const std::string& source_failure() const noexcept { return source_.failure(); }

 private:
  Feeder(uv_loop_t& loop, FeedSource source, std::function<void(bool)> on_end);

  void Pump();
  void TakeAnswer(std::string_view line);
  void NoteRefusal(std::string_view why);
  void EndIfComplete();

  FeedSource source_;
  std::function<void(bool)> on_end_;
  FeedCounts counts_;
  bool source_ended_ = false;
  bool ended_ = false;
  Every pump_;
  std::unique_ptr<LineClient> client_;
};

}  // namespace thresh
