#pragma once

// What the main() of a parser does.

#include "parser/daemon.h"

namespace thresh {

/// Reads the command line over `options`, runs the daemon; returns the process's exit status.
int RunParser(int argc, char** argv, ParserOptions options);

}  // namespace thresh
