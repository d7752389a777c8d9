#include "cli/shell/history.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "lib/base/handles.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

bool WriteTo(const std::string& path, int flags, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::string HistoryPath() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (state != nullptr && state[0] == '/') return std::string(state) + "/thresh/history";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') return {};
  return std::string(home) + "/.local/state/thresh/history";
}

ShellHistory::ShellHistory(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  const Result<std::string> text = ReadWholeFile(path_);
  if (!text) return;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    if (end > begin) lines_.emplace_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  const std::size_t found = lines_.size();
  if (found <= kMaxLines) return;
  lines_.erase(lines_.begin(), lines_.end() - kMaxLines);
  if (found >= 2 * kMaxLines) Rewrite();
}

void ShellHistory::Add(std::string_view line) {
  if (IsBlank(line) || line.find('\n') != std::string_view::npos) return;
  if (!lines_.empty() && lines_.back() == line) return;
  lines_.emplace_back(line);
  if (MakeRoomFor()) WriteTo(path_, O_APPEND, std::string(line) + "\n");
}

bool ShellHistory::MakeRoomFor() const {
  if (path_.empty()) return false;
  std::error_code why;
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  if (std::filesystem::create_directories(folder, why)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, why);
  }
  return !why;
}

void ShellHistory::Rewrite() const {
  std::string text;
  for (const std::string& line : lines_) text += line + "\n";
  const std::string fresh = path_ + ".new";
  if (WriteTo(fresh, O_TRUNC, text)) std::rename(fresh.c_str(), path_.c_str());
}

}  // namespace thresh
