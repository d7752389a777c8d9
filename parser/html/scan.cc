#include "parser/html/scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace thresh::html::scan {
namespace {

template <char... wanted>
const char* FindBytewise(const char* at, const char* end) noexcept {
  while (at != end && ((*at != wanted) && ...)) ++at;
  return at;
}

#if defined(__SSE2__)
template <char... wanted>
const char* FindSse2(const char* at, const char* end) noexcept {
  for (; end - at >= 16; at += 16) {
    const unsigned hits = Match16<wanted...>(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    if (hits != 0) return at + __builtin_ctz(hits);
  }
  return FindBytewise<wanted...>(at, end);
}
#endif

#if defined(__x86_64__)
template <char... wanted>
__attribute__((target("avx2"))) const char* FindAvx2(const char* at, const char* end) noexcept {
  for (; end - at >= 32; at += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    __m256i any = _mm256_setzero_si256();
    ((any = _mm256_or_si256(any, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted)))), ...);
    const auto hits = static_cast<unsigned>(_mm256_movemask_epi8(any));
    if (hits != 0) return at + __builtin_ctz(hits);
  }
  return FindSse2<wanted...>(at, end);
}

Finders Choose() noexcept {
  __builtin_cpu_init();  // This may run before the constructor that does it.
  if (__builtin_cpu_supports("avx2")) {
    return {FindAvx2<'<', '&', '\r', '\0'>, FindAvx2<'"', '&', '\r', '\0'>,
            FindAvx2<'\'', '&', '\r', '\0'>, FindAvx2<'\r', '\0'>, "avx2"};
  }
  return {FindSse2<'<', '&', '\r', '\0'>, FindSse2<'"', '&', '\r', '\0'>,
          FindSse2<'\'', '&', '\r', '\0'>, FindSse2<'\r', '\0'>, "sse2"};
}
#else
Finders Choose() noexcept {
  return {FindBytewise<'<', '&', '\r', '\0'>, FindBytewise<'"', '&', '\r', '\0'>,
          FindBytewise<'\'', '&', '\r', '\0'>, FindBytewise<'\r', '\0'>, "bytes"};
}
#endif

}  // namespace

const Finders kFinders = Choose();

}  // namespace thresh::html::scan
