#pragma once

// Strings of a TOML document with their places, and mistakes in it, as people are told them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

using Scalar = std::variant<std::string, std::int64_t, double, bool>;

/// A string of the document, and where its opening quote stands in it. Lines and columns count from
/// 1; columns are characters.
struct Located {
  std::string text;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  /// Not in the document itself: what it was given by, as `--set fetch.proxy`. Null: the document.
  std::shared_ptr<const std::string> origin;

  /// The same text, wherever it stands.
  friend bool operator==(const Located& a, const Located& b) { return a.text == b.text; }
};

/// A mistake; `line` 0 is the command line's.
struct TextFault {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;    ///< `file:line:column: what was expected, what was found`.
  std::string file;    ///< Or what of the command line.
  std::string detail;  ///< Of `text`, what stands behind the place.
};

/// `detail` gets no line ends of its own.
[[nodiscard]] TextFault MakeFault(std::string_view file, std::uint32_t line, std::uint32_t column,
                                  std::string_view detail);

/// Of what stands in no file: `origin: detail`.
[[nodiscard]] TextFault MakeFault(std::string_view origin, std::string_view detail);

/// In the order of their file; those of the command line first.
void SortFaults(std::vector<TextFault>* faults);

/// All of them in the order of the file, a line each. Errc::kInvalid.
[[nodiscard]] Error AsError(std::vector<TextFault> faults);

}  // namespace thresh
