// thresh-sink: reads its settings, runs its daemon.

#include "settings/catalogue.h"
#include "sink/daemon.h"

namespace {

thresh::Result<std::shared_ptr<void>> Create(uv_loop_t& loop, thresh::SinkOptions options,
                                             const thresh::ConfigFile&,
                                             thresh::Rereader<thresh::SinkOptions> reread) {
  auto made = thresh::SinkDaemon::Create(loop, std::move(options), std::move(reread));
  if (!made) return made.error();
  return std::shared_ptr<void>(std::shared_ptr<thresh::SinkDaemon>(std::move(*made)));
}

}  // namespace

int main(int argc, char** argv) {
  const thresh::Catalogue catalogue;
  return thresh::RunDaemon<thresh::SinkOptions>(catalogue.InfoOf("thresh-sink"), argc, argv, {},
                                                {.table = &thresh::SinkTable, .create = &Create});
}
