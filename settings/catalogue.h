#pragma once

// Catalogue: the tables of all daemons together, since one file is for all of them: a daemon checks
// all of it, and any of them can print the whole.

#include <memory>

#include "lib/config/config_docs.h"
#include "lib/config/daemon_main.h"
#include "settings/fetcher_options.h"
#include "settings/parser_options.h"
#include "settings/sink_options.h"
#include "settings/web_options.h"

namespace thresh {

class Catalogue {
 public:
  Catalogue();

  /// Who `name`, as `thresh-sink`, is. REQUIRES: it is one of them. Lives as long as this.
  [[nodiscard]] DaemonInfo InfoOf(std::string_view name) const;
  [[nodiscard]] const ConfigDocs& docs() const noexcept { return docs_; }

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

 private:
  // What the tables are bound to here: defaults, and then what is only checked.
  FetcherOptions fetcher_;
  ParserSettings parser_;
  SinkOptions sink_;
  WebOptions web_;
  ConfigDocs docs_;
};

}  // namespace thresh
