#pragma once

// One event, one line, on stderr: `<6>parser.joined pid=4711 parsers=2`.
//
// The leading `<N>` is an sd-daemon(3) priority and is written only when stderr
// is not a terminal, so journald keeps the level and people are spared it. Event
// names are `noun.verb`; names of fields carry their unit.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace thresh::log {

enum class Level { kError = 3, kWarn = 4, kInfo = 6, kDebug = 7 };

struct Field {
  std::string_view name;
  std::string value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, std::integral auto v) : name(n), value(std::to_string(v)) {}
};

/// What is less urgent than `level` is not written. The default is kInfo.
void SetLevel(Level level) noexcept;

/// Data is lost or the process cannot go on: an operator must act.
void Error(std::string_view event, std::initializer_list<Field> fields = {});
/// Unexpected, but nothing is lost.
void Warn(std::string_view event, std::initializer_list<Field> fields = {});
/// An operator's action succeeded, or the state changed.
void Info(std::string_view event, std::initializer_list<Field> fields = {});
/// One line a page or more: off by default.
void Debug(std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace thresh::log
