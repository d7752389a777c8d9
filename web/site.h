#pragma once

// Site: the web server: the page, what is behind it, `/metrics` and `/healthz`. The one place that
// knows HTTP, by cpp-httplib.
//
// Threads: some of its own, one a request; all end with it.

#include <memory>
#include <string>

#include "lib/base/result.h"
#include "settings/web_options.h"

namespace thresh {

class Site {
 public:
  /// Listens. Errors: kInvalid for options that cannot be used; kUnavailable if the port is taken.
  [[nodiscard]] static Result<std::unique_ptr<Site>> Open(const WebOptions& options);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  [[nodiscard]] int port() const noexcept;

 private:
  struct Parts;
  explicit Site(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace thresh
