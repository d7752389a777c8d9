#include "cli/page/output.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr std::size_t kPiece = 64 << 10;

}  // namespace

bool Output::Write(std::string_view data) {
  waiting_.append(data);
  return waiting_.size() < kPiece ? failure_ == 0 : Flush();
}

bool Output::Flush() {
  if (failure_ == 0) {
    const bool whole = std::fwrite(waiting_.data(), 1, waiting_.size(), stdout) == waiting_.size();
    if (!whole || std::fflush(stdout) != 0) failure_ = errno != 0 ? errno : EIO;
  }
  waiting_.clear();
  return failure_ == 0;
}

int Output::Finish(int status) {
  if (Flush()) return status;
  if (failure_ != EPIPE) {
    std::fprintf(stderr, "thresh %s: cannot write to stdout: %s\n", command_,
                 std::strerror(failure_));
  }
  return kExitCannotWrite;
}

}  // namespace thresh
