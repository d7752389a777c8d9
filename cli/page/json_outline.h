#pragma once

// JSON values for people: a member or an element a line, indented.

#include <cstddef>
#include <string>

#include <simdjson.h>

namespace thresh {

/// Appends at most `max_lines` lines, each with its end. Returns false if there would be more.
bool AppendJsonOutline(simdjson::dom::element value, std::size_t max_lines, std::string* out);

}  // namespace thresh
