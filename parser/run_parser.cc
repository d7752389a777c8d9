#include "parser/run_parser.h"

#include <memory>
#include <string>
#include <utility>

#include "lib/config/daemon_main.h"
#include "settings/catalogue.h"

namespace thresh {
namespace {

Result<ParserOptions> WithSettings(ParserOptions options, const ParserSettings& settings) {
  options.state_dir = settings.run_dir;
  options.join_dir = settings.join_dir;
  options.remote = settings.remote;
  options.limits = {.timeout_ms = settings.timeout_ms,
                    .max_memory_bytes = settings.max_memory_bytes};
  const Result<SandboxMode> mode = ParseSandboxMode(settings.sandbox);
  if (!mode) return mode.error();
  options.sandbox.mode = *mode;
  options.sandbox.max_address_space_bytes = settings.max_address_space_bytes;
  options.cpu_ms = settings.cpu_ms;
  return options;
}

}  // namespace

int RunParser(int argc, char** argv, ParserOptions options) {
  const Catalogue catalogue;
  const auto create = [&](uv_loop_t& loop, const ParserSettings& settings, const ConfigFile&,
                          const Rereader<ParserSettings>&) -> Result<std::shared_ptr<void>> {
    Result<ParserOptions> told = WithSettings(std::move(options), settings);
    if (!told) return told.error();
    auto made = ParserDaemon::Create(loop, std::move(*told));
    if (!made) return made.error();
    return std::shared_ptr<void>(std::shared_ptr<ParserDaemon>(std::move(*made)));
  };
  return RunDaemon<ParserSettings>(catalogue.InfoOf("thresh-parser"), argc, argv, {},
                                   {.table = &ParserTable, .create = create});
}

}  // namespace thresh
