#pragma once

// StdoutLines: the lines of a batch and their append where there is no journal: records to
// standard output, all else to files in the state folder.

#include <atomic>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class StdoutLines {
 public:
  explicit StdoutLines(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  /// Adds lines for the next Append(): those of `dead.ndjson` and `jobs.ndjson` go there.
  void Add(std::string_view file_name, std::string_view lines);

  /// Writes all lines added, and forgets them. Waits for a reader that is slow, but not longer
  /// than it takes until `stop` is set.
  /// Errors: kUnavailable when the reader of standard output is gone; kBusy if stopped; kInternal
  /// when a file cannot be opened or written, with its path and the system's reason.
  [[nodiscard]] Result<> Append(const std::atomic<bool>& stop);

 private:
  struct Output {
    UniqueFd fd;
    std::string path;  // Empty: standard output.
    std::string lines;
    std::size_t written_bytes = 0;  // Of `lines`.
  };

  [[nodiscard]] static Result<int> Descriptor(Output& output);

  const std::string state_dir_;
  std::map<std::string, Output, std::less<>> outputs_;
};

}  // namespace thresh
