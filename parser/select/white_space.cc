#include "parser/select/white_space.h"

#include "parser/html/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>

#include <bit>
#endif

namespace thresh::select {
namespace {

#ifdef __SSE2__

constexpr std::size_t kBlock = sizeof(__m128i);

__m128i Load(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

// 0xFF where a byte is tab, LF, FF or CR: 9 to 13 without 11.
__m128i IsControlSpace(__m128i bytes) {
  const __m128i from_tab = _mm_sub_epi8(bytes, _mm_set1_epi8(9));
  const __m128i in_range = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, _mm_set1_epi8(4)), from_tab);
  return _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(11)), in_range);
}

// A bit for each of the 16 bytes at `from` that is uncollapsed. Reads 17 bytes.
unsigned UncollapsedBits(const char* from) {
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i here = Load(from);
  const __m128i next = Load(from + 1);
  const __m128i is_space = _mm_cmpeq_epi8(here, space);
  const __m128i space_next = _mm_or_si128(_mm_cmpeq_epi8(next, space), IsControlSpace(next));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(IsControlSpace(here), _mm_and_si128(is_space, space_next))));
}

// The first such place among the whole blocks from `at` on, or where they end.
std::size_t SkipBlocks(std::string_view text, std::size_t at) {
  for (; at + kBlock < text.size(); at += kBlock) {
    const unsigned bits = UncollapsedBits(text.data() + at);
    if (bits != 0) return at + static_cast<std::size_t>(std::countr_zero(bits));
  }
  return at;
}

#else

std::size_t SkipBlocks(std::string_view, std::size_t at) {
  return at;
}

#endif

}  // namespace

std::size_t FindUncollapsed(std::string_view text, std::size_t at) noexcept {
  for (at = SkipBlocks(text, at); at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) > ' ' || !html::IsSpace(c)) continue;
    if (c != ' ' || at + 1 == text.size() || html::IsSpace(text[at + 1])) return at;
  }
  return at;
}

std::string_view Trimmed(std::string_view text) noexcept {
  while (!text.empty() && html::IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && html::IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace thresh::select
