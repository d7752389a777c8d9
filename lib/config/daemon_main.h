#pragma once

// DaemonMain: what the main() of every daemon does: options, one loop, one daemon object,
// one line and an exit code when it cannot start.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include "lib/base/exit_codes.h"
#include "lib/base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace thresh {

class DaemonMain {
 public:
  DaemonMain(std::string name, std::string what);
  ~DaemonMain();
  DaemonMain(const DaemonMain&) = delete;
  DaemonMain& operator=(const DaemonMain&) = delete;

  // What an option's target holds now is its default. Targets must outlive Run().
  void Required(const char* flag, std::string& target, const char* sentence);
  void Option(const char* flag, std::string& target, const char* sentence);
  void Option(const char* flag, std::vector<std::string>& target, const char* sentence);
  void Option(const char* flag, std::uint64_t& target, const char* sentence);
  void Option(const char* flag, int& target, const char* sentence);
  void Flag(const char* flag, bool& target, const char* sentence);

  /// Parses the command line, makes the daemon with `create(loop)` and runs the loop until
  /// StopLoop() or uv_stop(). Returns the process's exit status.
  template <typename Daemon, typename Create>
  int Run(int argc, char** argv, Create create) {
    return RunErased(argc, argv, [&](uv_loop_t& loop) -> Result<std::shared_ptr<void>> {
      Result<std::unique_ptr<Daemon>> made = create(loop);
      if (!made) return made.error();
      return std::shared_ptr<void>(std::move(*made));
    });
  }

 private:
  using CreateFn = std::function<Result<std::shared_ptr<void>>(uv_loop_t&)>;
  int RunErased(int argc, char** argv, const CreateFn& create);

  std::string name_;
  std::unique_ptr<CLI::App> app_;
};

/// Ends DaemonMain::Run() with this exit status.
void StopLoop(uv_loop_t& loop, ExitCode status);

/// Ends the daemon, and runs the same program with the same command line in this process.
void RestartProcess(uv_loop_t& loop);

/// The exit status that tells a shell what kind of error this is.
[[nodiscard]] ExitCode ExitCodeOf(Errc code);

}  // namespace thresh
