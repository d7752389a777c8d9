#pragma once

// LineReader: where the shell's lines come from: a terminal with line editing, history and
// completion, or any other stdin, line by line.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shell/history.h"

namespace thresh {

/// What may stand at the end of the line before the cursor.
struct Completions {
  std::size_t begin = 0;           ///< The byte from which on they replace it.
  std::vector<std::string> words;  ///< Sorted.
};
using CompleteFn = std::function<Completions(std::string_view before_cursor)>;

class LineReader {
 public:
  LineReader() = default;
  virtual ~LineReader() = default;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line without its end; nullopt at the end of all.
  [[nodiscard]] virtual std::optional<std::string> Next() = 0;

  /// With a prompt, for a person.
  [[nodiscard]] virtual bool interactive() const noexcept = 0;
};

/// For stdin as it is. `history` must outlive the reader.
[[nodiscard]] std::unique_ptr<LineReader> MakeLineReader(ShellHistory& history,
                                                         CompleteFn complete);

}  // namespace thresh
