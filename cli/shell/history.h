#pragma once

// ShellHistory: the lines typed into `thresh shell`, one a line of a file, kept over its runs.
// Several shells may write at once: each line is appended by one write.

#include <string>
#include <string_view>
#include <vector>

namespace thresh {

/// `$XDG_STATE_HOME/thresh/history`, else `~/.local/state/thresh/history`; empty without a home.
[[nodiscard]] std::string HistoryPath();

class ShellHistory {
 public:
  static constexpr std::size_t kMaxLines = 1000;

  /// Reads the last kMaxLines. A file that cannot be read is an empty one; one that has grown to
  /// twice that is cut. An empty `path`: nothing is kept.
  explicit ShellHistory(std::string path);

  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }

  /// Takes a line unless it is blank or the one before it. What cannot be written is forgotten
  /// with the process.
  void Add(std::string_view line);

 private:
  void Rewrite() const;
  [[nodiscard]] bool MakeRoomFor() const;

  const std::string path_;
  std::vector<std::string> lines_;
};

}  // namespace thresh
