#include "lib/base/log.h"

#include <unistd.h>

#include <cstdio>

namespace thresh::log {
namespace {

Level g_level = Level::kInfo;

// A value with a space or a control character is quoted, so that a line stays one
// line and its fields stay apart.
void AppendValue(std::string* line, std::string_view value) {
  bool plain = !value.empty();
  for (const char c : value) plain = plain && c > ' ' && c != '"' && c != '\x7f';
  if (plain) {
    line->append(value);
    return;
  }
  line->push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') line->push_back('\\');
    line->push_back(c >= 0 && c < ' ' ? ' ' : c);
  }
  line->push_back('"');
}

void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level > g_level) return;
  static const bool kTerminal = isatty(STDERR_FILENO) != 0;
  std::string line;
  if (!kTerminal) line = "<" + std::to_string(static_cast<int>(level)) + ">";
  line.append(event);
  for (const Field& f : fields) {
    line.append(" ").append(f.name).append("=");
    AppendValue(&line, f.value);
  }
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void SetLevel(Level level) noexcept {
  g_level = level;
}

void Error(std::string_view e, std::initializer_list<Field> f) {
  Write(Level::kError, e, f);
}
void Warn(std::string_view e, std::initializer_list<Field> f) {
  Write(Level::kWarn, e, f);
}
void Info(std::string_view e, std::initializer_list<Field> f) {
  Write(Level::kInfo, e, f);
}
void Debug(std::string_view e, std::initializer_list<Field> f) {
  Write(Level::kDebug, e, f);
}

}  // namespace thresh::log
