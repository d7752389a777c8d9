// thresh-commands: all commands of thresh, which starts it for those that it lacks itself.

#include "cli/line/command_program.h"

int main(int argc, char** argv) {
  using namespace thresh;
  CommandProgram line;
  AddCrawlCommands(line.commands());
  AddPageCommands(line.commands());
  AddMeasureCommands(line.commands());
  return line.Run(argc, argv);
}
