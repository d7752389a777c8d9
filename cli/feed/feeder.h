#pragma once

// Feeder: pumps a FeedSource into a feed socket and counts the answers. A line is kept until it
// is answered. If the fetcher goes away, Feeder ends, or waits for the next one and sends it what
// has no answer, each line with the position it has: a line that was taken twice is a duplicate.
//
// Threads: none. Lifetime: borrows the loop.

#include <cstddef>
#include <cstdint>
#include <deque>
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
  /// Also lines that were sent twice and are known by now: from the first time, most likely.
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;
  std::vector<std::string> first_refusals;  ///< At most 5, as `line 3: …`.

  [[nodiscard]] std::uint64_t answered() const { return accepted + duplicates + refused; }
};

/// What to do when the fetcher has gone.
enum class OnHangUp { kEnd, kReconnect };

enum class FedAs { kNew, kDuplicate, kRefused };

/// How to feed, and who is told of it.
struct FeedTerms {
  std::function<void(bool complete)> on_end;
  OnHangUp on_hang_up = OnHangUp::kEnd;
  std::string job;      ///< Label of lines that have none; empty: they stay without.
  bool resume = false;  ///< Lines say their position, and that they may have been fed before.
  /// Gets each answer: to which line, from 1, its text, and why it was refused. May be empty.
  std::function<void(std::uint64_t n, std::string_view line, FedAs how, std::string_view why)>
      on_answer = {};
};

class Feeder {
 public:
  /// `on_end(complete)`: all lines are answered, or (false; with kEnd only) the fetcher hung up.
  /// Errors: as LineClient::Connect(); with kReconnect it may come up later.
  [[nodiscard]] static Result<std::unique_ptr<Feeder>> Start(uv_loop_t& loop,
                                                             const std::string& socket,
                                                             FeedSource source,
                                                             std::function<void(bool)> on_end,
                                                             OnHangUp on_hang_up = OnHangUp::kEnd);
  [[nodiscard]] static Result<std::unique_ptr<Feeder>> Start(uv_loop_t& loop,
                                                             const std::string& socket,
                                                             FeedSource source, FeedTerms terms);

  /// Sends no more lines; what was sent is still answered.
  void StopReading();

  [[nodiscard]] const FeedCounts& counts() const noexcept { return counts_; }
  /// Why a list could not be read to its end; empty if all went well.
  [[nodiscard]] const std::string& source_failure() const noexcept { return source_.failure(); }

 private:
  struct Unanswered {
    std::uint64_t n = 0;  // Its position in the list, from 1.
    std::string text;
    bool again = false;  // Sent more than once.
  };

  Feeder(uv_loop_t& loop, std::string socket, FeedSource source, FeedTerms terms);

  [[nodiscard]] Result<> Connect();
  void TakeHangUp();
  void ConnectAgain();
  void Pump();
  void AddNew(std::string line);
  void SendTogether();
  [[nodiscard]] std::string TextOf(const std::string& line, std::uint64_t n) const;
  void TakeAnswer(std::string_view line);
  void NoteRefusal(std::uint64_t n, std::string_view why);
  void EndIfComplete();

  uv_loop_t& loop_;
  const std::string socket_;
  const FeedTerms terms_;
  FeedSource source_;
  FeedCounts counts_;
  std::string together_;  // Lines that are about to be sent.
  std::deque<Unanswered> unanswered_;
  std::size_t unanswered_bytes_ = 0;
  bool connected_ = false;
  bool first_connection_ = true;  // On it, a line's number is its position.
  bool source_ended_ = false;
  bool ended_ = false;
  Every pump_;
  std::unique_ptr<LineClient> client_;
};

/// A feed line as JSON with its position: `{"n":17,"url":"…"}`. A line that has an `n` keeps it.
/// `resume`: it says of itself that it may have been fed before.
[[nodiscard]] std::string WithPosition(std::string_view line, std::uint64_t n, bool resume = false);

/// What a feed line is to say where it says nothing of it itself.
struct LineMarks {
  std::uint64_t n = 0;  ///< 0: nothing.
  std::string job;      ///< Empty: nothing.
  bool resume = false;  ///< It may have been fed before.
};
[[nodiscard]] std::string WithMarks(std::string_view line, const LineMarks& marks);

}  // namespace thresh
