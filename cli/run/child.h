#pragma once

// Child: a process that a run starts and takes along when it ends, in whatever way.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

struct ChildSpec {
  std::string program;  ///< Name of a file in this program's folder.
  /// Instead of that file, words for a shell, which are given the arguments. Programs in this
  /// program's folder are found, too.
  std::string command;
  std::vector<std::string> arguments;
  std::string log;  ///< File that its stderr is appended to.
  bool inherit_stdout = false;
};

class Child {
 public:
  /// `status`: as a shell would see it, 128 + signal if a signal ended it.
  using ExitFn = std::function<void(Child&, int status)>;

  /// The child runs in a session of its own: a Ctrl-C meant for the run does not reach it.
  /// Errors: kInternal with the program's path and the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<Child>> Spawn(uv_loop_t& loop, ChildSpec spec,
                                                            ExitFn on_exit);

  void Signal(int number) const;

  /// For people: the program's name, or the command.
  [[nodiscard]] const std::string& name() const noexcept {
    return spec_.command.empty() ? spec_.program : spec_.command;
  }
  [[nodiscard]] const ChildSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] int pid() const noexcept { return uv_process_get_pid(process_.get()); }
  [[nodiscard]] std::chrono::milliseconds age() const;
  /// What it has written to its log, the end of it if that is long, without the last newline.
  [[nodiscard]] std::string Said() const;

 private:
  Child(ChildSpec spec, ExitFn on_exit) : spec_(std::move(spec)), on_exit_(std::move(on_exit)) {}

  static void OnExit(uv_process_t* process, std::int64_t status, int signal) noexcept;

  ChildSpec spec_;
  ExitFn on_exit_;
  std::uint64_t log_begin_ = 0;  // Its log has what earlier processes said up to here.
  std::chrono::steady_clock::time_point started_;
  UvOwned<uv_process_t> process_;
};

}  // namespace thresh
