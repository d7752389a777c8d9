#include "cli/control/report.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/base/exit_codes.h"

namespace thresh {

void Columns::Add(std::string label, std::string value) {
  rows_.emplace_back(std::move(label), std::move(value));
}

std::string Columns::Text() const {
  std::size_t width = 0;
  for (const auto& [label, value] : rows_) width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, value] : rows_) {
    text += label + std::string(width - label.size() + 2, ' ') + value + "\n";
  }
  return text;
}

int PrintData(const char* command, std::string_view text, int status) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return status;
  }
  return Complain(command, kExitCannotWrite,
                  std::string("cannot write to stdout: ") + std::strerror(errno));
}

int Complain(const char* command, int status, const std::string& what) {
  std::fprintf(stderr, "thresh %s: %s\n", command, what.c_str());
  return status;
}

}  // namespace thresh
