#pragma once

// Dead letters to lines of `dead.ndjson`. docs/formats.md has the keys.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

/// A dead letter. Of `body_start` its first 200 bytes are told, whole characters.
struct DeadLetter {
  std::string url;
  std::uint64_t id = 0;
  std::string recipe;
  std::string reason;
  std::uint32_t attempts = 0;
  std::uint32_t status = 0;  ///< 0: there was no answer.
  std::vector<std::pair<std::string, std::string>> headers;
  /// From the folder of `dead.ndjson` to the answer's body, if one was kept.
  std::optional<std::string> body_path;
  std::string detail;
  std::uint64_t n = 0;          ///< Its root's line in its feed; 0: not known.
  std::string root;             ///< The fed URL that it descends from.
  std::string meta;             ///< The feed line's: JSON text, or empty.
  std::string_view body_start;  ///< The answer's text, or as much of it as there is.
  /// A row that was rejected alone: its item and index.
  std::optional<std::pair<std::string, std::uint32_t>> row;
};

/// Appends the letter's line, newline included. `at_ms`: wall clock.
void AppendDeadLine(const DeadLetter& letter, std::int64_t at_ms, std::string* out);

}  // namespace thresh
