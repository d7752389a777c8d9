#pragma once

// For .cc files of the command line only: includes CLI11.
//
// CommandProgram: what the programs of the command are: `thresh`, which has the commands of a
// crawl, and `thresh-commands`, which has all of them.

#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/line/command_set.h"

namespace thresh {

class CommandProgram {
 public:
  /// Prepares the process, too: its standard descriptors, signals and environment.
  CommandProgram();
  CommandProgram(const CommandProgram&) = delete;
  CommandProgram& operator=(const CommandProgram&) = delete;

  /// To be filled before Run().
  [[nodiscard]] CommandSet& commands() noexcept { return commands_; }
  [[nodiscard]] bool Has(std::string_view name) const;

  /// Does what the line asks for, or says what is wrong with it. Returns the exit status.
  [[nodiscard]] int Run(int argc, char** argv);

 private:
  CLI::App app_;
  CommandSet commands_;
};

}  // namespace thresh
