#pragma once

// The encodings of the Encoding standard (https://encoding.spec.whatwg.org/#names-and-labels)
// and what each is called on the web.

#include <cstdint>
#include <span>
#include <string_view>

namespace thresh::body {

enum class Family : std::uint8_t {
  kUtf8,
  kSingleByte,
  kGb18030,  ///< GBK too: their decoders are one.
  kBig5,
  kEucJp,
  kIso2022Jp,
  kShiftJis,
  kEucKr,
  kUtf16Be,
  kUtf16Le,
  kUserDefined,
  kReplacement,
};

struct Charset {
  std::string_view name;  ///< As the standard writes it.
  Family family = Family::kUtf8;
  const char* converter = nullptr;  ///< ICU's name of what knows a kSingleByte's upper half.
  std::string_view labels;          ///< In lower case, with blanks between.

  /// Whether bytes below 0x80 are always ASCII.
  [[nodiscard]] bool extends_ascii() const noexcept {
    return family != Family::kIso2022Jp && family != Family::kUtf16Be &&
           family != Family::kUtf16Le && family != Family::kReplacement;
  }
};

/// All 40 of them.
[[nodiscard]] std::span<const Charset> AllCharsets();

/// "Get an encoding" (section 4.2): white space around it and its case do not matter. Null for
/// what is no label.
[[nodiscard]] const Charset* FindCharset(std::string_view label);

}  // namespace thresh::body
