// thresh-web: reads its settings, serves the page.

#include "settings/catalogue.h"
#include "web/daemon.h"

namespace {

thresh::Result<std::shared_ptr<void>> Create(uv_loop_t& loop, thresh::WebOptions options,
                                             const thresh::ConfigFile&,
                                             thresh::Rereader<thresh::WebOptions> reread) {
  auto made = thresh::WebDaemon::Create(loop, std::move(options), std::move(reread));
  if (!made) return made.error();
  return std::shared_ptr<void>(std::shared_ptr<thresh::WebDaemon>(std::move(*made)));
}

}  // namespace

int main(int argc, char** argv) {
  const thresh::Catalogue catalogue;
  return thresh::RunDaemon<thresh::WebOptions>(catalogue.InfoOf("thresh-web"), argc, argv, {},
                                               {.table = &thresh::WebTable, .create = &Create});
}
