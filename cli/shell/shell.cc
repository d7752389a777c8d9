// `thresh shell URL|FILE`: a prompt for expressions on one page.

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/fetch_page.h"
#include "cli/shell/history.h"
#include "cli/shell/line_reader.h"
#include "cli/shell/session.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr const char* kName = "shell";
constexpr std::size_t kMinWidth = 20;

Result<PageAnswer> GetPage(const std::string& where) {
  if (IsWebUrl(where)) return FetchPage(where);
  Result<std::string> body = ReadInput(where);
  if (!body) return body.error();
  return PageAnswer{.url = where, .final_url = where, .body = std::move(*body)};
}

std::size_t Width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::max(kMinWidth, static_cast<std::size_t>(size.ws_col));
}

bool Print(const ShellReply& reply) {
  std::fwrite(reply.err.data(), 1, reply.err.size(), stderr);
  return std::fwrite(reply.out.data(), 1, reply.out.size(), stdout) == reply.out.size() &&
         std::fflush(stdout) == 0;
}

int Talk(ShellSession& session, LineReader& lines) {
  while (const auto line = lines.Next()) {
    session.set_width(Width());
    const ShellReply reply = session.Take(*line);
    if (!Print(reply)) return Complain(kName, kExitCannotWrite, "cannot write to stdout");
    if (reply.quit) break;
  }
  return kExitDone;
}

}  // namespace

int ShellCommand(const ShellOptions& options) {
  if (const std::string fault = CharsetFault(options.page.charset); !fault.empty()) {
    return Complain(kName, kExitUsage, fault);
  }
  if (options.page.file.empty() || options.page.file == "-") {
    return Complain(kName, kExitUsage, "expected a URL or a file: stdin is for the expressions");
  }
  SessionOptions how{.width = Width(), .charset = options.page.charset};
  if (options.as != "auto") how.form = BodyFormOf(options.as);
  ShellSession session(std::move(how), &GetPage);
  const Result<std::string> opened = session.Open(options.page.file);
  if (!opened) {
    const bool not_had = opened.error().code == Errc::kTransient;
    return Complain(kName, not_had ? kExitSomeDead : kExitBadInput, opened.error().detail);
  }
  ShellHistory history(HistoryPath());
  const auto lines = MakeLineReader(
      history, [&session](std::string_view before) { return session.Complete(before); });
  const std::string hint = lines->interactive() ? "expressions, or :help\n" : "";
  if (!Print({.out = *opened + hint})) {
    return Complain(kName, kExitCannotWrite, "cannot write to stdout");
  }
  return Talk(session, *lines);
}

}  // namespace thresh
