#pragma once

// BodyFiles: the bodies of dead letters, a file each: `<id>.body`. The journal holds them until
// they are synced, so they need no care of their own.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

class BodyFiles {
 public:
  BodyFiles(std::string folder, bool sync) : folder_(std::move(folder)), sync_(sync) {}

  /// Adds a file for the next Write().
  void Add(std::string_view name, std::string_view bytes);

  /// Writes what was added and forgets it.
  /// Errors: kBusy when the disk is full: call it again; kInternal.
  [[nodiscard]] Result<> Write();

  /// Makes all that was written durable. Errors: kInternal.
  [[nodiscard]] Result<> Sync();

 private:
  const std::string folder_;
  const bool sync_;
  std::vector<std::pair<std::string, std::string>> added_;
  std::vector<std::string> unsynced_;  // Names.
};

}  // namespace thresh
