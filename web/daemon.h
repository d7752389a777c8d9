#pragma once

// The web daemon: a Site, until it is asked to end.

#include <memory>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/signals.h"
#include "lib/service/service.h"
#include "web/options.h"
#include "web/site.h"

namespace thresh {

class WebDaemon {
 public:
  /// Errors: those of Site::Open(); kInvalid if the port's file cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<WebDaemon>> Create(uv_loop_t& loop,
                                                                 const WebOptions& options);

 private:
  WebDaemon(uv_loop_t& loop, std::unique_ptr<Site> site);

  std::unique_ptr<Site> site_;
  Signals signals_;
  Service service_;
};

}  // namespace thresh
