#pragma once

// The web daemon: a Site, until it is asked to end.

#include <memory>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/config/daemon_main.h"
#include "lib/io/signals.h"
#include "lib/service/service.h"
#include "settings/web_options.h"
#include "web/site.h"

namespace thresh {

class WebDaemon {
 public:
  /// Errors: those of Site::Open(); kInvalid if the port's file cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<WebDaemon>> Create(uv_loop_t& loop,
                                                                 WebOptions options,
                                                                 Rereader<WebOptions> reread = {});

 private:
  WebDaemon(uv_loop_t& loop, std::unique_ptr<Site> site, WebOptions options,
            Rereader<WebOptions> reread);
  void Reload();

  uv_loop_t& loop_;
  WebOptions options_;
  const Rereader<WebOptions> reread_;
  std::unique_ptr<Site> site_;
  Signals signals_;
  Service service_;
};

}  // namespace thresh
