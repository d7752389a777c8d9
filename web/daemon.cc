#include "web/daemon.h"

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "lib/base/handles.h"
#include "lib/base/log.h"
#include "web/gate.h"

namespace thresh {
namespace {

Result<> WritePort(const std::string& path, int port) {
  if (path.empty()) return Ok{};
  const std::string text = std::to_string(port) + "\n";
  const std::string unfinished = path + ".tmp";
  {
    const UniqueFile file(std::fopen(unfinished.c_str(), "we"));
    if (!file || std::fputs(text.c_str(), file.get()) < 0) {
      return Error{Errc::kInvalid, "--port-file: " + path + " cannot be written"};
    }
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return Error{Errc::kInvalid, "--port-file: " + path + " cannot be written"};
  }
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<WebDaemon>> WebDaemon::Create(uv_loop_t& loop, WebOptions options,
                                                     Rereader<WebOptions> reread) {
  std::signal(SIGPIPE, SIG_IGN);  // A browser that leaves is no fault.
  Result<std::unique_ptr<Site>> site = Site::Open(options);
  if (!site) return site.error();
  if (Result<> written = WritePort(options.port_file, (*site)->port()); !written) {
    return written.error();
  }
  const std::string address = SplitHostPort(options.listen).name;
  log::Info("web.started",
            {{"url", "http://" + address + ":" + std::to_string((*site)->port()) + "/"}});
  const bool is_local = address == "localhost" || address == "[::1]" || address.starts_with("127.");
  if (!is_local) {
    log::Warn("web.open", {{"why", "whoever reaches " + address + " can read all of it"}});
  }
  return std::unique_ptr<WebDaemon>(
      new WebDaemon(loop, std::move(*site), std::move(options), std::move(reread)));
}

WebDaemon::WebDaemon(uv_loop_t& loop, std::unique_ptr<Site> site, WebOptions options,
                     Rereader<WebOptions> reread)
    : loop_(loop),
      options_(std::move(options)),
      reread_(std::move(reread)),
      site_(std::move(site)),
      signals_(loop, {SIGTERM, SIGINT, SIGHUP},
               [this](int signal) {
                 if (signal == SIGHUP) return Reload();
                 service_.Stopping();
                 uv_stop(&loop_);
               }),
      service_(loop, [port = site_->port()] { return "at port " + std::to_string(port); }) {
  service_.Ready();
}

void WebDaemon::Reload() {
  if (!reread_) return;
  service_.Reloading();
  Reread<WebOptions> read = reread_(options_);
  if (read.faults.empty()) {
    LogChanges(read.changes);
    options_ = std::move(read.options);
    SetLog(options_.log);
    log::Info("config.loaded", {{"file", read.file.path}});
  } else {
    LogRefused(read.faults);
  }
  service_.Reloaded();
}

}  // namespace thresh
