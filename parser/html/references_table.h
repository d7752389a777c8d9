#pragma once

// The named character references of HTML 13.5, made at build time by scripts/make_references.

#include <cstddef>
#include <cstdint>

namespace thresh::html {

inline constexpr std::size_t kReferenceCount = 2231;

/// All names one after another, sorted by their bytes, without `&`, with `;` where it belongs.
extern const char kReferenceNames[];
/// Where each name begins; the last entry is where the last name ends.
extern const std::uint16_t kReferenceStarts[kReferenceCount + 1];
/// By the code of a letter: how many names begin with a lesser one.
extern const std::uint16_t kReferencesByLetter[129];
/// UTF-8, NUL-terminated.
extern const char kReferenceValues[kReferenceCount][8];

}  // namespace thresh::html
