// Tags and their attributes: 13.2.5.6 to 13.2.5.8 and 13.2.5.32 to 13.2.5.40.

#include <cstring>

#include "parser/html/ascii.h"
#include "parser/html/references.h"
#include "parser/html/scan.h"
#include "parser/html/tokenizer.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace thresh::html {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

const char* SkipSpace(const char* at, const char* end) {
  while (at != end && IsSpace(*at)) ++at;
  return at;
}

template <bool is_attribute>
bool EndsName(char c) {
  return c == '>' || c == ' ' || (is_attribute && c == '=') || c == '/' || IsSpace(c);
}

#if defined(__SSE2__)
// The bytes of a register that a name may end at, and control characters with them.
template <bool is_attribute>
unsigned NameEnds(__m128i bytes) {
  const __m128i is_low =
      _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x20));
  __m128i ends = _mm_or_si128(is_low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('/')));
  ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('>')));
  if (is_attribute) ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('=')));
  return static_cast<unsigned>(_mm_movemask_epi8(ends));
}

// The first `size` bytes, in lower case; zeros behind them.
NameCache::Key LoweredKey(__m128i bytes, unsigned size) {
  alignas(16) static constexpr unsigned char kKeep[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                          255, 255, 255, 255, 255, 255, 255, 255};
  const __m128i keep = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kKeep + 16 - size));
  const __m128i is_upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                         _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
  const __m128i lowered = _mm_or_si128(bytes, _mm_and_si128(is_upper, _mm_set1_epi8('a' - 'A')));
  NameCache::Key key;
  const __m128i kept = _mm_and_si128(lowered, keep);
  key.low = static_cast<std::uint64_t>(_mm_cvtsi128_si64(kept));
  key.high = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept)));
  return key;
}
#endif

}  // namespace

inline void Tokenizer::BeginTag(TokenKind kind) noexcept {
  token_.kind = kind;
  token_.attributes.clear();
  token_.repeated = nullptr;
  token_.to_place = nullptr;
  entry_ = nullptr;
}

[[gnu::always_inline]] inline bool Tokenizer::ReadRemembered(const char* at) {
#if defined(__SSE2__)
  const char* const end = TagMemo::FindEnd(at);
  if (end == nullptr) return false;
  const std::size_t size = static_cast<std::size_t>(end - at) + 1;
  if (size < TagMemo::kLeastBytes) return false;
  TagMemo::Entry& entry = tags_.EntryOf(at, size);
  if (!tags_.Knows(entry, at, size)) {
    entry_ = &entry;
    key_size_ = size;
    return false;
  }
  token_.name = last_start_tag_ = entry.tag.name;
  token_.self_closing = entry.tag.self_closing;
  token_.repeated = &entry.tag;
  tag_ = at;
  at_ = at + size;
  return true;
#else
  (void)at;
  return false;
#endif
}

// A tag with a short name and no attributes, or with those of an earlier one, far enough from the
// end of the page.
[[gnu::always_inline]] inline bool Tokenizer::ReadUsualTag(const char* at, TokenKind kind) {
#if defined(__SSE2__)
  if (end_ - at <= TagMemo::kMostBytes) return false;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const unsigned ends = NameEnds<false>(bytes);
  if (ends == 0) return false;
  const auto size = static_cast<unsigned>(__builtin_ctz(ends));
  if (at[size] != '>') return kind == TokenKind::kStartTag && ReadRemembered(at);
  token_.name = names_.Find(LoweredKey(bytes, size), size, tree_);
  token_.self_closing = false;
  at_ = at + size + 1;
  if (kind == TokenKind::kStartTag) last_start_tag_ = token_.name;
  return true;
#else
  (void)at, (void)kind;
  return false;
#endif
}

// REQUIRES: at_ is at a `<`.
Tokenizer::Read Tokenizer::ReadMarkup() {
  const char* const next = at_ + 1;
  if (next == end_) return Read::kIsText;
  if (IsAlpha(*next)) return ReadTag(next, TokenKind::kStartTag);
  if (*next == '/') {
    if (next + 1 == end_) return Read::kIsText;
    if (IsAlpha(next[1])) return ReadTag(next + 1, TokenKind::kEndTag);
    if (next[1] != '>') return ReadBogusComment(next + 1);
    at_ = next + 2;  // `</>` is nothing at all.
    return Read::kNothing;
  }
  if (*next == '!') return ReadDeclaration(next + 1);
  return *next == '?' ? ReadBogusComment(next) : Read::kIsText;
}

Tokenizer::Read Tokenizer::ReadTag(const char* at, TokenKind kind) {
  BeginTag(kind);
  return ReadUsualTag(at, kind) ? Read::kToken : ReadAnyTag(at, kind);
}

// Text and start tags, which are most of a page, are read without a detour.
void Tokenizer::Next(bool in_foreign) {
  in_foreign_ = in_foreign;
  if (state_ == State::kData && end_ - at_ >= 2) [[likely]] {
    if (*at_ != '<') return ReadText();
    if (IsAlpha(at_[1])) {
      BeginTag(TokenKind::kStartTag);
      if (ReadUsualTag(at_ + 1, TokenKind::kStartTag)) return;
      if (ReadAnyTag(at_ + 1, TokenKind::kStartTag) == Read::kToken) return;
    }
  }
  NextOther();
}

void Tokenizer::ReadAttributesAgain() {
  const char* at = tag_;
  while (!EndsName<false>(*at)) ++at;
  token_.repeated = nullptr;
  keeps_attributes_ = true;
  ReadAttributes(at);
}

// A tag that the page ends in is dropped.
Tokenizer::Read Tokenizer::ReadAnyTag(const char* at, TokenKind kind) {
  const char* const begin = at;
  const Atom name = ReadName<false>(&at);
  token_.name = name;
  token_.self_closing = false;
  if (at != end_ && *at == '>') {
    at_ = at + 1;
  } else {
    keeps_attributes_ = kind == TokenKind::kStartTag;
    if (!ReadAttributes(at)) {
      at_ = end_;
      return Read::kNothing;
    }
  }
  if (kind == TokenKind::kStartTag) last_start_tag_ = name;
  if (entry_ != nullptr && at_ == begin + key_size_) {
    tags_.Keep(*entry_, begin, key_size_, name, token_.self_closing);
    token_.to_place = &entry_->tag;
  }
  return Read::kToken;
}

template <bool is_attribute>
Atom Tokenizer::ReadName(const char** at) {
#if defined(__SSE2__)
  const char* const begin = *at;
  if (end_ - begin > 16) [[likely]] {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
    if (const unsigned ends = NameEnds<is_attribute>(bytes); ends != 0) [[likely]] {
      const auto size = static_cast<unsigned>(__builtin_ctz(ends));
      if (size > 0 && EndsName<is_attribute>(begin[size])) [[likely]] {
        *at = begin + size;
        return names_.Find(LoweredKey(bytes, size), size, tree_);
      }
    }
  }
#endif
  return ReadNameBytewise<is_attribute>(at);
}

// Long names, names with a NUL or a control character, and names near the end of the page.
template <bool is_attribute>
Atom Tokenizer::ReadNameBytewise(const char** at) {
  scratch_.clear();
  const char* here = *at;
  // An attribute's name may begin with `=`.
  while (here != end_ && (!EndsName<is_attribute>(*here) || (here == *at && *here == '='))) {
    if (*here == '\0') {
      scratch_.append(kReplacement);
    } else {
      scratch_.push_back(ToLower(*here));
    }
    ++here;
  }
  *at = here;
  return tree_->NameFromPage(scratch_);
}

// From behind the tag's name to behind its `>`. False if the page ends before.
bool Tokenizer::ReadAttributes(const char* at) {
  names_seen_ = 0;
  const char* const end = end_;
  for (;;) {
    if (at != end && *at == ' ') ++at;
    if (at != end && IsSpace(*at)) at = SkipSpace(at, end);
    if (at == end) return false;
    if (*at == '>') {
      at_ = at + 1;
      return true;
    }
    if (*at != '/') {
      const char* const behind = ReadUsualAttribute(at);
      at = behind != nullptr ? behind : ReadAttribute(at);
      if (at == nullptr) return false;
    } else if (++at != end && *at == '>') {
      token_.self_closing = true;
    }
  }
}

// Of two attributes of one name the first counts.
[[gnu::always_inline]] inline void Tokenizer::AddAttribute(Atom name, std::string_view value) {
  const std::uint64_t bit = std::uint64_t{1} << (name & 63);
  if ((names_seen_ & bit) != 0) {
    for (const Attribute& before : token_.attributes) {
      if (before.name == name) return;
    }
  }
  names_seen_ |= bit;
  if (token_.attributes.size() == max_attributes_) {
    too_many_attributes_ = true;
    return;
  }
  token_.attributes.push_back({name, value});
}

// `name="value"` of a start tag, with a short name and nothing to decode. Returns what is behind
// it; nullptr, with nothing done, for any other.
inline const char* Tokenizer::ReadUsualAttribute(const char* at) {
#if defined(__SSE2__)
  if (!keeps_attributes_ || end_ - at <= 18) return nullptr;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const unsigned ends = NameEnds<true>(bytes);
  if (ends == 0) return nullptr;
  const auto size = static_cast<unsigned>(__builtin_ctz(ends));
  if (size == 0 || at[size] != '=' || at[size + 1] != '"') return nullptr;
  const char* const value = at + size + 2;
  const char* const value_end = scan::Quoted(value, end_, '"');
  if (value_end == end_ || *value_end != '"') return nullptr;
  if (token_.attributes.size() == max_attributes_) return nullptr;
  AddAttribute(names_.Find(LoweredKey(bytes, size), size, tree_),
               {value, static_cast<std::size_t>(value_end - value)});
  return value_end + 1;
#else
  (void)at;
  return nullptr;
#endif
}

// Returns the first byte behind name and value; nullptr at the end of the page or over the limit.
const char* Tokenizer::ReadAttribute(const char* at) {
  const Atom name = ReadName<true>(&at);
  if (at != end_ && IsSpace(*at)) at = SkipSpace(at, end_);
  if (at == end_) return nullptr;
  std::string_view value;
  if (*at == '=') {
    at = ReadAttributeValue(at + 1, &value);
    if (at == nullptr) return nullptr;
  }
  if (keeps_attributes_) AddAttribute(name, value);
  return too_many_attributes_ ? nullptr : at;
}

const char* Tokenizer::ReadAttributeValue(const char* at, std::string_view* value) {
  if (at != end_ && IsSpace(*at)) at = SkipSpace(at, end_);
  if (at == end_) return nullptr;
  if (*at == '"' || *at == '\'') return ReadQuoted(at, value);
  return *at == '>' ? at : ReadUnquoted(at, value);
}

// REQUIRES: `at` is at the opening quote. Returns what is behind the closing one.
const char* Tokenizer::ReadQuoted(const char* at, std::string_view* value) {
  const char quote = *at++;
  const char* const begin = at;
  at = scan::Quoted(at, end_, quote);
  if (at == end_) return nullptr;
  if (*at == quote) [[likely]] {
    *value = {begin, static_cast<std::size_t>(at - begin)};
    return at + 1;
  }
  scratch_.assign(begin, at);
  while (*at != quote) {
    if (*at == '&') {
      at = AppendReference(at, end_, /*in_attribute=*/true, &scratch_);
    } else if (*at == '\r') {
      scratch_.push_back('\n');
      if (++at != end_ && *at == '\n') ++at;
    } else {
      scratch_.append(kReplacement);
      ++at;
    }
    const char* const next = scan::Quoted(at, end_, quote);
    if (next == end_) return nullptr;
    scratch_.append(at, next);
    at = next;
  }
  if (keeps_attributes_) *value = tree_->Keep(scratch_);
  return at + 1;
}

const char* Tokenizer::ReadUnquoted(const char* at, std::string_view* value) {
  const char* const begin = at;
  while (at != end_ && !IsSpace(*at) && *at != '>' && *at != '&' && *at != '\0') ++at;
  if (at == end_) return nullptr;
  if (*at != '&' && *at != '\0') {
    *value = {begin, static_cast<std::size_t>(at - begin)};
    return at;
  }
  scratch_.assign(begin, at);
  while (at != end_ && !IsSpace(*at) && *at != '>') {
    if (*at == '&') {
      at = AppendReference(at, end_, /*in_attribute=*/true, &scratch_);
    } else if (*at == '\0') {
      scratch_.append(kReplacement);
      ++at;
    } else {
      scratch_.push_back(*at++);
    }
  }
  if (at == end_) return nullptr;
  if (keeps_attributes_) *value = tree_->Keep(scratch_);
  return at;
}

}  // namespace thresh::html
