#pragma once

#include <string>

namespace thresh {

struct PlotOptions {
  std::string folder;  ///< Of a run, or a state folder.
  std::string out;     ///< Empty: `run.svg` in the folder; `-`: stdout.
};
/// Draws what a run did. Returns the process's exit status.
int PlotCommand(const PlotOptions& options);

}  // namespace thresh
