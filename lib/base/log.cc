#include "lib/base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "lib/base/redact.h"
#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh::log {
namespace {

Level g_level = Level::kInfo;
Format g_format = Format::kText;

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kError: return "error";
    case Level::kWarn: return "warn";
    case Level::kInfo: return "info";
    case Level::kDebug: break;
  }
  return "debug";
}

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

std::string ShownValue(const Field& field) {
  if (field.number) return field.value;
  return IsSecretField(field.name) ? std::string(kRedacted) : Redact(field.value);
}

void AppendText(std::string_view event, std::initializer_list<Field> fields, std::string* line) {
  line->append(event);
  for (const Field& f : fields) {
    line->append(" ").append(f.name).append("=");
    AppendValue(line, ShownValue(f));
  }
}

void AppendJson(Level level, std::string_view event, std::initializer_list<Field> fields,
                std::string* line) {
  line->append(R"({"time":")").append(FormatUtc(WallClockMs()));
  line->append(R"(","level":")").append(NameOf(level)).append(R"(","event":)");
  AppendJsonString(event, line);
  for (const Field& f : fields) {
    line->push_back(',');
    AppendJsonString(f.name, line);
    line->push_back(':');
    if (f.number) {
      line->append(f.value);
    } else {
      AppendJsonString(ShownValue(f), line);
    }
  }
  line->push_back('}');
}

std::string Priority(Level level) {
  return "<" + std::to_string(static_cast<int>(level)) + ">";
}

Style OurStyle() {
  static const bool kJournal = IsJournal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
  return {.format = g_format, .priority = kJournal};
}

// One call, so that lines of several processes do not mix.
void WriteLine(std::string line) {
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (IsWritten(level)) WriteLine(Line(OurStyle(), level, event, fields));
}

}  // namespace

std::string Line(const Style& style, Level level, std::string_view event,
                 std::initializer_list<Field> fields) {
  std::string line = style.priority ? Priority(level) : std::string();
  if (style.format == Format::kJson) {
    AppendJson(level, event, fields, &line);
  } else {
    AppendText(event, fields, &line);
  }
  return line;
}

bool IsJournal(int descriptor, const char* journal_stream) {
  struct stat status {};
  if (journal_stream == nullptr || ::fstat(descriptor, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == journal_stream;
}

void SetLevel(Level level) noexcept {
  g_level = level;
}

bool IsWritten(Level level) noexcept {
  return level <= g_level;
}

void SetFormat(Format format) noexcept {
  g_format = format;
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

void Refusal(std::string_view program, std::string_view why) {
  const Style style = OurStyle();
  if (style.format == Format::kJson) {
    return Write(Level::kError, "program.refused", {{"program", program}, {"why", why}});
  }
  WriteLine((style.priority ? Priority(Level::kError) : std::string()) + std::string(program) +
            ": " + Redact(why));
}

}  // namespace thresh::log
