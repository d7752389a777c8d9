#pragma once

// ConfigSource: where a daemon's settings come from, to be read at its start and again at SIGHUP.
// The command line goes over the environment, that over the file, and that over the defaults.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/command_line.h"
#include "lib/config/option.h"
#include "lib/toml/fault.h"

namespace thresh {

inline constexpr std::string_view kConfigFile = "/etc/thresh/thresh.toml";

/// The file that was read, for readers of other tables in it.
struct ConfigFile {
  std::string path;  ///< Empty: none is there.
  std::string text;
};

/// What the file may have beside a daemon's own options.
struct ConfigPlan {
  std::span<const Option> others;             ///< Options of other daemons: they are only checked.
  std::span<const std::string_view> foreign;  ///< Keys of other readers.
};

class ConfigSource {
 public:
  /// `file`: empty: none. `may_lack`: it need not be there.
  ConfigSource(GivenOptions given, std::string file, bool may_lack)
      : given_(std::move(given)), file_(std::move(file)), may_lack_(may_lack) {}

  /// Sets the targets of `own`, which hold the defaults. All faults are noted, those of the file as
  /// `file:line:column: …`.
  ConfigFile Read(std::span<const Option> own, const ConfigPlan& plan,
                  std::vector<TextFault>* faults) const;

 private:
  void ReadEnvironment(const Option& option, std::vector<TextFault>* faults) const;
  void ReadCommandLine(const Option& option) const;
  void DropExcluded(std::span<const Option> own, const std::vector<OptionValue>& defaults) const;

  GivenOptions given_;
  std::string file_;
  bool may_lack_;
};

/// A setting that a file read anew has otherwise than it is at work.
struct ConfigChange {
  std::string key, now, wanted;  ///< As TextOf().
  bool needs_restart = false;
};

/// What of `wanted` differs from `now`; what only a restart can change is set back in `wanted`.
/// REQUIRES: both are the same table, of different targets.
[[nodiscard]] std::vector<ConfigChange> SettleReload(std::span<const Option> now,
                                                     std::span<const Option> wanted);

/// A line for each: `config.changed`, or `config.needs_restart`.
void LogChanges(const std::vector<ConfigChange>& changes);
/// A line for each: `config.refused file=… line=… column=… why=…`. What was at work goes on.
void LogRefused(const std::vector<TextFault>& faults);

}  // namespace thresh
