#pragma once

// Why a text is no JSON, and where: the parsers that are quick do not say.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

struct JsonFault {
  std::size_t offset = 0;  ///< The byte that cannot stand there; text.size() for the end.
  std::string detail;      ///< What was expected, what was found.
};

/// The first fault by RFC 8259 and its demand of UTF-8; nullopt if there is none. Numbers are
/// of any size, nesting of any depth, and surrogates may stand alone.
[[nodiscard]] std::optional<JsonFault> FindJsonFault(std::string_view text);

/// A kInvalid error of parsing `text`, which begins at `line` of a page: with line, column and
/// fault. Other errors as they are.
[[nodiscard]] Error WithPlace(const Error& error, std::string_view text, std::uint64_t line = 1);

}  // namespace thresh
