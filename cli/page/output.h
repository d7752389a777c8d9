#pragma once

// Output: data for stdout in large pieces, and what became of it. A reader that leaves, as
// `head`, is no fault to speak of.

#include <string>
#include <string_view>

namespace thresh {

class Output {
 public:
  explicit Output(const char* command) : command_(command) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// False once stdout cannot be written: more is in vain.
  bool Write(std::string_view data);

  /// Writes what is left, and says if it failed. Returns `status`, or that for a failed write.
  [[nodiscard]] int Finish(int status);

 private:
  bool Flush();

  const char* const command_;
  std::string waiting_;
  int failure_ = 0;  // An errno.
};

}  // namespace thresh
