#pragma once

// Blame: what a page is charged with, of parsers that died or hung while they had it in hand.
// docs/parsers.md has the rules.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

/// Why a parser was lost, or its lease.
struct Cause {
  enum class Kind {
    kSignal,       ///< It crashed, and noted the signal.
    kTimeout,      ///< It noted that the page was over its time.
    kOutOfMemory,  ///< It noted that the page took all its memory.
    kLease,        ///< It lives, but nothing was heard of the page.
    kUnmarked      ///< It noted nothing: kill -9, or no recorder.
  };
  Kind kind = Kind::kUnmarked;
  int signal = 0;

  friend bool operator==(const Cause&, const Cause&) = default;
};

/// What a flight recorder's mark says.
[[nodiscard]] Cause CauseOfMark(std::uint32_t mark);

/// For people: `signal 11 (SIGSEGV)`.
[[nodiscard]] std::string Words(const Cause& cause);

class BlameRecord {
 public:
  static constexpr std::uint32_t kMaxMarked = 3;
  static constexpr std::uint32_t kMaxUnmarked = 10;

  void Add(Cause cause);

  /// One line of text, to outlive the process: `KIND:SIGNAL:TIMES` for each cause, with blanks
  /// between.
  [[nodiscard]] std::string Encode() const;
  /// Nullopt for what Encode() cannot have written; empty text is an empty record.
  [[nodiscard]] static std::optional<BlameRecord> Decode(std::string_view text);

  /// It is not to be sent again.
  [[nodiscard]] bool exhausted() const noexcept;
  /// How many causes were counted.
  [[nodiscard]] std::uint32_t count() const noexcept { return marked_ + unmarked_; }
  /// `parse_timeout` if it was never anything else, or `parse_crash`.
  [[nodiscard]] std::string Reason() const;
  /// For people: `signal 11 (SIGSEGV) 2 times, out of memory once`.
  [[nodiscard]] std::string Detail() const;

 private:
  std::uint32_t marked_ = 0, unmarked_ = 0;
  std::vector<std::pair<Cause, std::uint32_t>> causes_;  // And how often.
};

}  // namespace thresh
