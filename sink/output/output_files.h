#pragma once

// OutputFiles: the lines of a batch, file by file, and their append. One file an item, or
// standard output for all of them.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class OutputFiles {
 public:
  /// `folder`: where `<name>.ndjson` lie, made on first use; `-`: standard output, but for
  /// `dead.ndjson`, which then lies in `state_dir`.
  OutputFiles(std::string folder, std::string state_dir)
      : folder_(std::move(folder)), state_dir_(std::move(state_dir)) {}

  /// Where to put the lines for `name`; each ends with a newline. The caller may take back
  /// what it appended by resizing.
  [[nodiscard]] std::string& Lines(std::string_view name);

  /// Appends all lines collected, whole lines only, and forgets them.
  /// Errors: kUnavailable when the reader of standard output is gone; kInternal when a file
  /// cannot be opened or written, with its path and the system's reason.
  [[nodiscard]] Result<> Append();

  [[nodiscard]] bool to_stdout() const noexcept { return folder_ == "-"; }

 private:
  struct Output {
    UniqueFd fd;
    std::string path;  // Empty: standard output.
    std::string lines;
  };

  [[nodiscard]] Result<int> Descriptor(Output& output);

  const std::string folder_;
  const std::string state_dir_;
  std::map<std::string, Output, std::less<>> outputs_;
};

}  // namespace thresh
