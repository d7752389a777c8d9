#include "cli/run/check_settings.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "lib/base/exit_codes.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

std::vector<std::string> CommandOf(const RunOptions& options) {
  std::vector<std::string> words{ProgramFolder() + "/thresh-fetcher", "--check", "--config",
                                 options.config};
  const auto add = [&words](const char* flag, const std::string& value) {
    words.insert(words.end(), {flag, value});
  };
  for (const std::string& recipe : options.recipes) add("--recipe", recipe);
  for (const std::string& set : options.overrides) add("--set", set);
  if (!options.secrets_dir.empty()) add("--secrets-dir", options.secrets_dir);
  return words;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return kExitInternal;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitInternal;
}

}  // namespace

int CheckSettings(const RunOptions& options) {
  std::vector<std::string> words = CommandOf(options);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Stdout may be for records.
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed != 0 ? kExitInternal : WaitFor(child);
}

}  // namespace thresh
