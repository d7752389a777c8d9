#include "cli/line/command_program.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/exit_codes.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

// A descriptor that was closed would be taken by the next file opened, and that file written
// to as if it were standard output. Writing to a closed stdout fails here as it should.
void OpenStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int opened = ::open(fd == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
    if (opened != fd) std::abort();  // The lowest free one is the one that was closed.
  }
}

// What is there to be meant by a word that was not expected.
std::vector<std::string_view> KnownWords(const CLI::App& app, bool option) {
  std::vector<std::string_view> known;
  if (option) {
    for (const CLI::Option* o : app.get_options()) {
      for (const std::string& name : o->get_lnames()) known.push_back(name);
    }
    return known;
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  return known;
}

std::string UsageFault(const CLI::App* app, const CLI::Error& fault) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  std::string text = fault.what();
  const std::vector<std::string> unexpected = app->remaining();
  if (!unexpected.empty()) {
    std::string_view word = unexpected.front();
    const bool option = word.starts_with("--");
    const bool command = !option && !app->get_subcommands(nullptr).empty();
    if (option) word.remove_prefix(2);
    const std::string_view nearest =
        NearestName(word.substr(0, word.find('=')), KnownWords(*app, option));
    if (command) text = "expected a command, found \"" + std::string(word) + '"';
    if (!nearest.empty()) {
      text += "; did you mean \"" + std::string(option ? "--" : "") + std::string(nearest) + "\"?";
    } else if (word.starts_with('-') && !option) {
      text += "; what begins with - and is no option stands behind --";
    }
  }
  std::string name = app->get_name();
  while ((app = app->get_parent()) != nullptr) name.insert(0, app->get_name() + " ");
  return text + "\n`" + name + " --help` says more.\n";
}

}  // namespace

CommandProgram::CommandProgram()
    : app_("thresh turns URLs into records.", "thresh"), commands_(app_) {
  OpenStandardDescriptors();
  ::unsetenv("NOTIFY_SOCKET");    // A service manager that started us is not our daemons'.
  std::signal(SIGPIPE, SIG_IGN);  // A reader that leaves is an error to report, not to die of.
  app_.set_version_flag("--version", "thresh " THRESH_VERSION);
  app_.failure_message(&UsageFault);
}

bool CommandProgram::Has(std::string_view name) const {
  for (const CLI::App* command : app_.get_subcommands(nullptr)) {
    if (command->get_name() == name) return true;
  }
  return false;
}

int CommandProgram::Run(int argc, char** argv) {
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    for (std::string& word : words) {
      if (word.starts_with('[') && word.ends_with(']')) word += kShield;
    }
    std::reverse(words.begin(), words.end());  // The last one first, as CLI11 wants them.
    app_.parse(std::move(words));
  } catch (const CLI::ParseError& e) {
    return app_.exit(e) == 0 ? kExitDone : kExitUsage;
  }
  return commands_.Run();
}

}  // namespace thresh
