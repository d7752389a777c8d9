#pragma once

// FollowFile: an output file from some line on, over rotation: whole lines only, each once. When
// the file of that name is another one, the old one is read to its end first, then those that were
// put aside meanwhile, then the new one: the sink writes to a file until the next one is there.
//
// Threads: none; calls read files.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class FollowFile {
 public:
  /// Gets each line without its end; false: no more is wanted.
  using LineFn = std::function<bool(std::string_view)>;
  enum class Begin { kStart, kLastLines };

  /// The file need not be there yet; one that comes later is read from its start.
  FollowFile(std::string path, Begin begin, std::uint64_t last_lines);

  /// Gives what has come since. False: `take` wants no more.
  /// Errors: kInvalid if a file cannot be read.
  Result<bool> Read(const LineFn& take);

 private:
  struct Identity {
    std::uint64_t device = 0, inode = 0;
    friend bool operator==(const Identity&, const Identity&) = default;
  };

  Result<bool> Open();
  Result<bool> ReadToEnd(const LineFn& take);
  Result<bool> ReadAside(const std::string& path, const LineFn& take);
  bool TakeBytes(std::string_view bytes, const LineFn& take);
  [[nodiscard]] bool IsReplaced() const;
  [[nodiscard]] std::deque<std::string> AsideSince() const;
  void SkipToLastLines(std::uint64_t lines);

  const std::string path_;
  Begin begin_;
  const std::uint64_t last_lines_;
  UniqueFd fd_;
  Identity identity_;
  std::uint64_t offset_ = 0;
  std::int64_t looked_ms_ = 0;  // Wall clock: it had its name then.
  std::string partial_;
};

}  // namespace thresh
