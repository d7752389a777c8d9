#pragma once

// FollowFile: an output file from some line on, over rotation: whole lines only, each once. When
// the file of that name is another one, the old one is read to its end first, then those that were
// put aside meanwhile, by name, then the new one: the sink writes to a file until the next one is
// there.
//
// Threads: none; calls read files.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

  enum class Next { kOpen, kAbsent, kEnough };

  Result<Next> OpenNext(const LineFn& take);
  Result<bool> Open();
  Result<bool> ReadToEnd(const LineFn& take);
  Result<bool> ReadAside(const std::string& name, const LineFn& take);
  bool TakeBytes(std::string_view bytes, const LineFn& take);
  [[nodiscard]] bool IsReplaced() const;
  [[nodiscard]] std::set<std::string> Aside() const;
  [[nodiscard]] std::vector<std::string> Unseen();
  void NoteAside();
  void SkipToLastLines(std::uint64_t lines);

  const std::string path_, folder_, name_;
  const Begin begin_;
  const std::uint64_t last_lines_;
  UniqueFd fd_;
  Identity identity_;
  std::uint64_t offset_ = 0;
  bool begun_ = false;
  std::set<std::string> seen_;  // What was put aside, and is read or not wanted.
  std::string partial_;
};

}  // namespace thresh
