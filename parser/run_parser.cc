#include "parser/run_parser.h"

#include <memory>
#include <utility>

#include "lib/config/daemon_main.h"
#include "settings/catalogue.h"

namespace thresh {
namespace {

ParserOptions WithSettings(ParserOptions options, const ParserSettings& settings) {
  options.state_dir = settings.run_dir;
  options.join_dir = settings.join_dir;
  options.limits = {.timeout_ms = settings.timeout_ms,
                    .max_memory_bytes = settings.max_memory_bytes};
  options.cpu_ms = settings.cpu_ms;
  return options;
}

// A parser has no recipes of its own, so little can change: what it logs.
std::function<void()> Reloader(ParserSettings settings, Rereader<ParserSettings> reread) {
  return [now = std::move(settings), reread = std::move(reread)]() mutable {
    Reread<ParserSettings> read = reread(now);
    if (!read.faults.empty()) {
      LogRefused(read.faults);
      return;
    }
    LogChanges(read.changes);
    now = std::move(read.options);
    SetLogLevel(now.log_level);
  };
}

}  // namespace

int RunParser(int argc, char** argv, ParserOptions options) {
  const Catalogue catalogue;
  const DaemonInfo info = catalogue.InfoOf("thresh-parser");
  const auto create = [&](uv_loop_t& loop, ParserSettings settings, const ConfigFile&,
                          Rereader<ParserSettings> reread) -> Result<std::shared_ptr<void>> {
    options = WithSettings(std::move(options), settings);
    options.on_hang_up = Reloader(std::move(settings), std::move(reread));
    auto made = ParserDaemon::Create(loop, std::move(options));
    if (!made) return made.error();
    return std::shared_ptr<void>(std::shared_ptr<ParserDaemon>(std::move(*made)));
  };
  return RunDaemon<ParserSettings>(info, argc, argv, {}, {.table = &ParserTable, .create = create});
}

}  // namespace thresh
