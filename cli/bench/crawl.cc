// `thresh bench crawl`: the same requests to a server that waits, in several ways.

#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "cli/bench/commands.h"
#include "cli/bench/crawl_report.h"
#include "cli/bench/thresh_process.h"
#include "lib/base/exit_codes.h"
#include "lib/base/handles.h"
#include "lib/io/file.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

int Fail(int status, const std::string& why) {
  std::fprintf(stderr, "thresh bench crawl: %s\n", why.c_str());
  return status;
}

// Without a path; the one that its requests have is the server's contract.
Result<std::string> ServerUrl(const std::string& typed) {
  const Result<Url> url = Url::Parse(typed);
  if (!url || !url->is_http()) {
    return Error{Errc::kInvalid,
                 "--server: expected a URL, as http://127.0.0.1:8082, found " + typed};
  }
  std::string server = url->href();
  while (server.ends_with('/')) server.pop_back();
  return server;
}

Result<> WritePicture(const std::string& path, const std::string& svg) {
  const UniqueFile file(std::fopen(path.c_str(), "we"));
  if (file && std::fwrite(svg.data(), 1, svg.size(), file.get()) == svg.size() &&
      std::fflush(file.get()) == 0) {
    return Ok{};
  }
  return Error{Errc::kInvalid, "cannot write " + path};
}

int CrawlAll(const BenchCrawlOptions& options, const std::string& server) {
  std::vector<ModeResult> results;
  for (const BenchMode& mode : ModesFor(options)) {
    std::fprintf(stderr, "%s ...\n", mode.name.c_str());
    Result<ModeResult> result = RunMode(options, mode, server);
    if (!result) return Fail(kExitInternal, mode.name + ": " + result.error().detail);
    results.push_back(std::move(*result));
  }
  const double ideal_s = IdealSeconds(options, std::max(1U, std::thread::hardware_concurrency()));
  const std::string shown =
      options.json ? CrawlLines(results, ideal_s) : CrawlTable(results, ideal_s);
  const bool printed = std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size() &&
                       std::fflush(stdout) == 0;
  if (!printed) return Fail(kExitCannotWrite, "cannot write to stdout");
  const std::string picture = options.out + "/crawl.svg";
  if (Result<> r = WritePicture(picture, CrawlPicture(options, results, ideal_s)); !r) {
    return Fail(kExitCannotWrite, r.error().detail);
  }
  std::fprintf(stderr, "%s shows when each request began and ended\n", picture.c_str());
  for (const ModeResult& result : results) {
    if (result.load.errors > 0) return kExitSomeDead;
  }
  return kExitDone;
}

}  // namespace

int BenchCrawlCommand(const BenchCrawlOptions& given) {
  BenchCrawlOptions options = given;
  if (ModesFor(options).empty()) {
    return Fail(kExitUsage,
                "--mode: expected serial, concurrent or pipeline; with --cpu-ms one-process, "
                "parsers-1, parsers-2 or parsers-4");
  }
  options.out = AbsolutePath(options.out);
  if (Result<> made = MakeFolder(options.out); !made) {
    return Fail(kExitCannotWrite, made.error().detail);
  }
  if (!options.server.empty()) {
    const Result<std::string> server = ServerUrl(options.server);
    return server ? CrawlAll(options, *server) : Fail(kExitUsage, server.error().detail);
  }
  options.metrics_path = options.out + "/metric_data.json";
  const Result<ThreshProcess> program =
      ThreshProcess::Start({"bench", "server", "--port", "0", "--metrics", options.metrics_path},
                           options.out + "/server.log");
  if (!program) return Fail(kExitInternal, program.error().detail);
  const std::string server = program->ReadLine();
  if (server.empty()) {
    return Fail(kExitInternal,
                "the server did not start; it said why in " + options.out + "/server.log");
  }
  return CrawlAll(options, server);
}

}  // namespace thresh
