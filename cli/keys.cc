// `thresh keys`: a key pair for the wires between machines.

#include <cstdio>

#include "cli/commands.h"
#include "lib/base/exit_codes.h"
#include "lib/bus/curve_keys.h"

namespace thresh {

int KeysCommand(const KeysOptions& options) {
  for (const std::string& name : options.names) {
    const CurveKeys keys = NewCurveKeys();
    if (Result<> written = WriteCurveKeys(name, keys); !written) {
      std::fprintf(stderr, "thresh keys: %s\n", written.error().detail.c_str());
      return kExitCannotWrite;
    }
    std::printf("%s.pub\t%s\n", name.c_str(), KeyText(keys.public_key).c_str());
  }
  return kExitDone;
}

}  // namespace thresh
