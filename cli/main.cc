// thresh: the command. It runs what crawls and asks daemons by itself. The rest, and the help of
// all, is thresh-commands beside it: libcurl, RocksDB and what they need take longer to load than
// most commands to run.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/line/command_program.h"
#include "lib/base/exit_codes.h"
#include "lib/io/file.h"

int main(int argc, char** argv) {
  using namespace thresh;
  CommandProgram line;
  AddCrawlCommands(line.commands());
  if (argc > 1 && line.Has(argv[1])) return line.Run(argc, argv);
  const std::string program = ProgramFolder() + "/thresh-commands";
  ::execv(program.c_str(), argv);
  std::fprintf(stderr, "thresh: cannot start %s: %s; it belongs beside thresh\n", program.c_str(),
               std::strerror(errno));
  return kExitInternal;
}
