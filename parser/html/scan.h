#pragma once

// Scans for the few bytes that mean something in a stretch of markup. The first bytes are looked
// at in place; what is longer goes to the widest instructions that the machine has. No load
// leaves [at, end), so pages need no padding.

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace thresh::html::scan {

/// Returns the first byte in [at, end) that is wanted, or `end`.
using Finder = const char* (*)(const char* at, const char* end) noexcept;

/// The long scans, chosen once for the machine. See scan.cc.
struct Finders {
  Finder text;           ///< `<` `&` CR NUL
  Finder double_quoted;  ///< `"` `&` CR NUL
  Finder single_quoted;  ///< `'` `&` CR NUL
  Finder line_ends;      ///< CR NUL
  const char* instructions;
};
extern const Finders kFinders;

#if defined(__SSE2__)
/// A bit for each of the 16 bytes that is one of `wanted`.
template <char... wanted>
inline unsigned Match16(__m128i bytes) noexcept {
  __m128i any = _mm_setzero_si128();
  ((any = _mm_or_si128(any, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)))), ...);
  return static_cast<unsigned>(_mm_movemask_epi8(any));
}
#endif

template <char... wanted>
inline const char* Find(const char* at, const char* end, Finder rest) noexcept {
#if defined(__SSE2__)
  for (int block = 0; block < 2 && end - at >= 16; ++block, at += 16) {
    const unsigned hits = Match16<wanted...>(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    if (hits != 0) [[likely]] {
      return at + __builtin_ctz(hits);
    }
  }
  if (end - at >= 16) return rest(at, end);
#endif
  (void)rest;
  while (at != end && ((*at != wanted) && ...)) ++at;
  return at;
}

inline const char* Text(const char* at, const char* end) noexcept {
  return Find<'<', '&', '\r', '\0'>(at, end, kFinders.text);
}
inline const char* Quoted(const char* at, const char* end, char quote) noexcept {
  return quote == '"' ? Find<'"', '&', '\r', '\0'>(at, end, kFinders.double_quoted)
                      : Find<'\'', '&', '\r', '\0'>(at, end, kFinders.single_quoted);
}
inline const char* LineEnds(const char* at, const char* end) noexcept {
  return Find<'\r', '\0'>(at, end, kFinders.line_ends);
}

}  // namespace thresh::html::scan
