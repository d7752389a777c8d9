// thresh-parser: reads its options, runs its daemon.

#include "parser/run_parser.h"

int main(int argc, char** argv) {
  return thresh::RunParser(argc, argv, {});
}
