#pragma once

// The commands that ask daemons at work, or order them something. Each returns the process's exit
// status; data goes to stdout, all else to stderr.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace thresh {

struct TopOptions {
  PlaceOptions place;
  bool once = false;  ///< One picture, as text.
};
int TopCommand(const TopOptions& options);

struct TapOptions {
  PlaceOptions place;
  std::string stage;         ///< fetch, parse or sink.
  std::string recipe, host;  ///< Empty: any.
  double per_s = 20;
  std::uint64_t count = 0;  ///< Ends after so many events; 0: never.
  bool json = false;
};
int TapCommand(const TapOptions& options);

struct TailOptions {
  PlaceOptions place;
  std::string item;  ///< Empty: all items.
  std::uint64_t lines = 10;
  bool from_start = false;
};
int TailCommand(const TailOptions& options);

struct JobsOptions {
  PlaceOptions place;
  std::string job;  ///< A label; empty: any.
  std::uint64_t limit = 100;
  bool json = false;
};
int JobsCommand(const JobsOptions& options);

struct CancelOptions {
  PlaceOptions place;
  std::string job;
  std::uint64_t job_id = 0;
  std::string recipe;
  std::string host;
  std::vector<std::string> urls;
  bool all = false;
  bool json = false;
};
int CancelCommand(const CancelOptions& options);

struct PauseOptions {
  PlaceOptions place;
  std::string host;  ///< Empty: all.
  bool json = false;
};
int PauseCommand(const PauseOptions& options);
int ResumeCommand(const PauseOptions& options);

struct DrainOptions {
  PlaceOptions place;
  bool json = false;
};
int DrainCommand(const DrainOptions& options);

}  // namespace thresh
