#pragma once

// PageWorkers: processes that each extract every n-th page of a file, and what they made of them,
// in the order of the file.
//
// Each reads the file for itself and passes over what is for others, so that no page goes through a
// pipe. What is in memory is a page a process; who is ahead waits for its pipe to be read.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/extract/page_lines.h"
#include "cli/extract/stored_file.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class PageWorkers {
 public:
  using MakeFn = std::function<StoredFile(ShareOfPages share)>;

  /// Begins `count` processes; each calls `make` for its share.
  /// Errors: kInternal if no process can be had.
  [[nodiscard]] static Result<PageWorkers> Start(std::uint64_t count, const MakeFn& make);
  ~PageWorkers();
  PageWorkers(PageWorkers&&) = default;
  PageWorkers& operator=(PageWorkers&&) = delete;

  /// What comes next in the file; the first with is_last is the last.
  /// Errors: kUnavailable if a process died.
  [[nodiscard]] Result<PageLines> Next();

 private:
  struct Child {
    pid_t pid = 0;
    UniqueFd pipe;
    std::optional<PageLines> head;
  };

  PageWorkers() = default;
  [[noreturn]] static void Run(StoredFile file, int pipe);
  Result<> Fill(Child& child);

  std::vector<Child> children_;
};

}  // namespace thresh
