#pragma once

// What the main() of every daemon does: its settings from command line, environment and file; one
// loop, one daemon object; one line and an exit code when it cannot start.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <uv.h>

#include "lib/base/exit_codes.h"
#include "lib/base/result.h"
#include "lib/config/config_docs.h"
#include "lib/config/config_source.h"
#include "lib/config/log_options.h"
#include "lib/config/start_options.h"

namespace thresh {

/// Who it is, and what else stands in its file. Lives as long as the process.
struct DaemonInfo {
  std::string_view name, what;
  ConfigDocs docs;
  std::vector<std::string_view> foreign;  ///< Keys of the file that others read.
};

/// The settings, read once more. `faults`: if there are any, nothing else counts.
template <typename Options>
struct Reread {
  Options options;
  ConfigFile file;
  std::vector<ConfigChange> changes;  ///< From those it was given; to be logged if all is taken.
  std::vector<TextFault> faults;
};

/// Given the settings at work, reads them again. It is the only thing that a daemon keeps of its
/// command line.
template <typename Options>
using Rereader = std::function<Reread<Options>(const Options& now)>;

template <typename Options>
struct DaemonParts {
  OptionTable (*table)(Options&) = nullptr;
  std::function<Result<std::shared_ptr<void>>(uv_loop_t&, Options, const ConfigFile&,
                                              Rereader<Options>)>
      create;
  /// Of --check: looks at what the settings name, notes faults, and says in some words what is
  /// fine. May be empty.
  std::function<std::string(const Options&, const ConfigFile&, std::vector<TextFault>*)> check;
};

/// RunDaemon() without its types.
class DaemonStart {
 public:
  /// `rows`: the daemon's own, with the defaults.
  DaemonStart(const DaemonInfo& info, const OptionTable& rows, int argc, char** argv);

  /// All is said already: the process ends with it.
  [[nodiscard]] std::optional<int> exit_status() const { return exit_status_; }
  [[nodiscard]] bool checks() const { return options_.check; }
  [[nodiscard]] const ConfigSource& source() const { return *source_; }

  /// What --check says of it, or a start that found faults. Returns the exit status.
  int Tell(const ConfigFile& file, const std::string& fine, std::vector<TextFault> faults) const;

  int Run(const std::function<Result<std::shared_ptr<void>>(uv_loop_t&)>& create) const;

 private:
  [[nodiscard]] bool Print() const;

  const DaemonInfo& info_;
  char** argv_;
  StartOptions options_;
  std::optional<ConfigSource> source_;
  std::optional<int> exit_status_;
};

/// Reads the settings over `options`, makes the daemon and runs the loop until StopLoop() or
/// uv_stop(). Returns the process's exit status. `Options` has `LogOptions log`.
template <typename Options>
int RunDaemon(const DaemonInfo& info, int argc, char** argv, Options options,
              const DaemonParts<Options>& parts) {
  const Options defaults = options;
  const OptionTable rows = parts.table(options);
  DaemonStart start(info, rows, argc, argv);
  if (start.exit_status()) return *start.exit_status();
  const OptionTable all = info.docs.Options();
  const ConfigPlan plan{all, info.foreign};
  std::vector<TextFault> faults;
  const ConfigFile file = start.source().Read(rows, plan, &faults);
  SetLog(options.log);
  if (start.checks()) {
    std::string fine;
    if (parts.check) fine = parts.check(options, file, &faults);
    return start.Tell(file, fine, std::move(faults));
  }
  if (!faults.empty()) return start.Tell(file, "", std::move(faults));
  const Rereader<Options> reread = [&, source = start.source()](const Options& now) {
    Reread<Options> read{.options = defaults};
    Options at_work = now;
    const OptionTable wanted = parts.table(read.options);
    read.file = source.Read(wanted, plan, &read.faults);
    read.changes = SettleReload(parts.table(at_work), wanted);
    return read;
  };
  return start.Run(
      [&](uv_loop_t& loop) { return parts.create(loop, std::move(options), file, reread); });
}

/// Ends RunDaemon() with this exit status.
void StopLoop(uv_loop_t& loop, ExitCode status);

/// Ends the daemon, and runs the same program with the same command line in this process.
void RestartProcess(uv_loop_t& loop);

/// The exit status that tells a shell what kind of error this is.
[[nodiscard]] ExitCode ExitCodeOf(Errc code);

}  // namespace thresh
