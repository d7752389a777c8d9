#pragma once

// What the control commands print with.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// `label  value` lines, the values under each other.
class Columns {
 public:
  void Add(std::string label, std::string value);
  [[nodiscard]] std::string Text() const;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// Writes data to stdout and returns `status`; or says that it cannot, and the status for that.
[[nodiscard]] int PrintData(const char* command, std::string_view text, int status);

/// Says what went wrong, as `thresh COMMAND: …`, and returns `status`.
int Complain(const char* command, int status, const std::string& what);

}  // namespace thresh
