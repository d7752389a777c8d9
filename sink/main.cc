// thresh-sink: reads its settings, runs its daemon.

#include <malloc.h>

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

// Batches come and go, and some that are large: what one gives back the next one takes. By default
// glibc returns so much of it to the kernel at once that each batch has to fault its memory in
// again.
void KeepMemory() {
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  KeepMemory();
  const thresh::Catalogue catalogue;
  return thresh::RunDaemon<thresh::SinkOptions>(catalogue.InfoOf("thresh-sink"), argc, argv, {},
                                                {.table = &thresh::SinkTable, .create = &Create});
}
