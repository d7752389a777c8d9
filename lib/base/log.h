#pragma once

// One event, one line, on stderr: `parser.joined pid=4711 parsers=2`, or as JSON
// `{"time":"2025-01-31T12:00:00.123Z","level":"info","event":"parser.joined","pid":4711,…}`.
//
// Where stderr is the journal's, a priority stands before it (`<6>`, sd-daemon(3)), which journald
// takes away and keeps. Event names are `noun.verb`; names of fields carry their unit. Values are
// redacted: no log shows a secret (lib/base/redact.h).

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace thresh::log {

enum class Level { kError = 3, kWarn = 4, kInfo = 6, kDebug = 7 };

enum class Format { kText, kJson };

struct Field {
  std::string_view name;
  std::string value;
  bool number = false;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, std::integral auto v)
      : name(n), value(std::to_string(v)), number(true) {}
};

/// What is less urgent than `level` is not written. The default is kInfo.
void SetLevel(Level level) noexcept;

/// Whether it is written: for who would make its fields for each page.
[[nodiscard]] bool IsWritten(Level level) noexcept;

/// The default is kText.
void SetFormat(Format format) noexcept;

/// Data is lost or the process cannot go on: an operator must act.
void Error(std::string_view event, std::initializer_list<Field> fields = {});
/// Unexpected, but nothing is lost.
void Warn(std::string_view event, std::initializer_list<Field> fields = {});
/// An operator's action succeeded, or the state changed.
void Info(std::string_view event, std::initializer_list<Field> fields = {});
/// One line a page or more: off by default.
void Debug(std::string_view event, std::initializer_list<Field> fields = {});

/// What a program says that cannot begin, and ends: `thresh-sink: cannot make folder …`. In JSON an
/// event `program.refused`.
void Refusal(std::string_view program, std::string_view why);

/// How a line is written, without its end.
struct Style {
  Format format = Format::kText;
  bool priority = false;
};
[[nodiscard]] std::string Line(const Style& style, Level level, std::string_view event,
                               std::initializer_list<Field> fields);

/// Whether `descriptor` is the stream that `journal_stream`, the value of $JOURNAL_STREAM, names:
/// `device:inode`.
[[nodiscard]] bool IsJournal(int descriptor, const char* journal_stream);

}  // namespace thresh::log
