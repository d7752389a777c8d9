// `thresh plot FOLDER`: a run's statistics as a picture.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cli/plot/commands.h"
#include "cli/plot/run_figure.h"
#include "lib/base/exit_codes.h"
#include "lib/base/handles.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

int Fail(int status, const std::string& why) {
  std::fprintf(stderr, "thresh plot: %s\n", why.c_str());
  return status;
}

bool Write(const std::string& text, std::FILE* file) {
  return file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
         std::fflush(file) == 0;
}

}  // namespace

int PlotCommand(const PlotOptions& options) {
  const std::string name(kStatisticsName);
  std::string path = options.folder + "/.thresh/" + name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) path = options.folder + "/" + name;
  if (!std::filesystem::exists(path, ignored)) {
    return Fail(kExitBadInput,
                options.folder + ": expected the folder of a thresh run, or a state folder, with " +
                    name + " in it; found none");
  }
  const Result<std::vector<StatisticsLine>> lines = ReadStatistics(path);
  if (!lines) return Fail(kExitBadInput, lines.error().detail);
  const std::string title = std::filesystem::path(AbsolutePath(options.folder)).filename().string();
  const std::string svg = RunFigure(title, *lines).ToSvg();
  if (options.out == "-") {
    return Write(svg, stdout) ? kExitDone : Fail(kExitCannotWrite, "cannot write to stdout");
  }
  const std::string out = options.out.empty() ? options.folder + "/run.svg" : options.out;
  const UniqueFile file(std::fopen(out.c_str(), "we"));
  if (!Write(svg, file.get())) {
    return Fail(kExitCannotWrite, "cannot write " + out + ": " + std::strerror(errno));
  }
  std::fprintf(stderr, "%s\n", out.c_str());
  return kExitDone;
}

}  // namespace thresh
