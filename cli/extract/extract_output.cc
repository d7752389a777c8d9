#include "cli/extract/extract_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/io/file.h"

namespace thresh {
namespace {

Error Fault(const std::string& path) {
  return {Errc::kInternal, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<ExtractOutput>> ExtractOutput::Open(const std::string& out, bool fresh) {
  if (out != "-") {
    if (Result<> made = MakeFolder(out); !made) return made.error();
  }
  return std::unique_ptr<ExtractOutput>(new ExtractOutput(out == "-" ? "" : out, fresh));
}

ExtractOutput::~ExtractOutput() {
  for (const auto& [name, file] : files_) ::unlink(Partial(name).c_str());
}

Result<> ExtractOutput::Write(const std::string& name, std::string_view lines) {
  if (to_stdout()) {
    const bool written = std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size();
    return written ? Result<>(Ok{}) : Fault("stdout");
  }
  UniqueFile& file = files_[name];
  if (!file) {
    if (!fresh_ && ::access(Final(name).c_str(), F_OK) == 0) {
      files_.erase(name);
      return Error{Errc::kInternal, Final(name) +
                                        " is there already: name another folder with -o, "
                                        "or replace it with --fresh"};
    }
    file.reset(std::fopen(Partial(name).c_str(), "wbe"));
    if (!file) return Fault(Partial(name));
  }
  const bool written = std::fwrite(lines.data(), 1, lines.size(), file.get()) == lines.size();
  return written ? Result<>(Ok{}) : Fault(Partial(name));
}

Result<> ExtractOutput::Finish() {
  if (to_stdout()) return std::fflush(stdout) == 0 ? Result<>(Ok{}) : Fault("stdout");
  for (const auto& [name, file] : files_) {
    if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) {
      return Fault(Partial(name));
    }
  }
  while (!files_.empty()) {
    const std::string& name = files_.begin()->first;
    if (std::rename(Partial(name).c_str(), Final(name).c_str()) != 0) return Fault(Final(name));
    files_.erase(files_.begin());
  }
  return SyncFolder(folder_);
}

}  // namespace thresh
