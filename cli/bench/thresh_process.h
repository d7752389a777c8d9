#pragma once

// ThreshProcess: another `thresh` of ours at work, as a shell would start it. It is taken along
// when this process dies.
//
// Threads: none; Wait() and ReadLine() block.

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class ThreshProcess {
 public:
  /// `thresh` with these arguments. What it says on stderr is appended to `log`; stdin is empty.
  /// Errors: kInternal with the system's reason.
  [[nodiscard]] static Result<ThreshProcess> Start(const std::vector<std::string>& arguments,
                                                   const std::string& log);
  ThreshProcess(ThreshProcess&& other) noexcept;
  ThreshProcess& operator=(ThreshProcess&&) = delete;
  /// Ends it with SIGTERM, if it has not ended.
  ~ThreshProcess();

  /// The next line of its stdout, without its newline. Empty if there is none.
  [[nodiscard]] std::string ReadLine() const;
  /// Its exit status as a shell would see it.
  int Wait();

 private:
  ThreshProcess(pid_t pid, UniqueFd output) : pid_(pid), output_(std::move(output)) {}

  pid_t pid_ = 0;
  UniqueFd output_;
};

}  // namespace thresh
