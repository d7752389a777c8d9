// Comments, doctypes and CDATA sections: 13.2.5.41 to 13.2.5.71.

#include <cstring>

#include "parser/html/ascii.h"
#include "parser/html/scan.h"
#include "parser/html/tokenizer.h"

namespace thresh::html {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool StartsWith(const char* at, const char* end, std::string_view word) {
  return static_cast<std::size_t>(end - at) >= word.size() &&
         std::memcmp(at, word.data(), word.size()) == 0;
}

bool StartsWithIgnoreCase(const char* at, const char* end, std::string_view word) {
  return static_cast<std::size_t>(end - at) >= word.size() &&
         EqualsIgnoreCase({at, word.size()}, word);
}

const char* FindByte(const char* at, const char* end, char byte) {
  if (at == end) return end;
  const void* const found = std::memchr(at, byte, static_cast<std::size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

const char* SkipSpace(const char* at, const char* end) {
  while (at != end && IsSpace(*at)) ++at;
  return at;
}

// A comment that the page ends in loses what may have been the start of its end.
const char* CutBrokenEnd(const char* begin, const char* end) {
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  for (std::string_view tail : {"--!", "--", "-"}) {
    if (text.ends_with(tail)) return end - tail.size();
  }
  return end;
}

}  // namespace

// `at` is behind `<!`.
Tokenizer::Read Tokenizer::ReadDeclaration(const char* at) {
  if (StartsWith(at, end_, "--")) return ReadComment(at + 2);
  if (StartsWithIgnoreCase(at, end_, "doctype")) return ReadDoctype(at + 7);
  if (in_foreign_ && StartsWith(at, end_, "[CDATA[")) return ReadCdata(at + 7);
  return ReadBogusComment(at);
}

// ---- Comments -------------------------------------------------------------------

// `at` is behind `<!--`.
Tokenizer::Read Tokenizer::ReadComment(const char* at) {
  const char* const begin = at;
  for (std::string_view none : {">", "->"}) {
    if (!StartsWith(at, end_, none)) continue;
    at_ = at + none.size();
    SetComment(begin, begin);
    return Read::kToken;
  }
  for (;; ++at) {
    at = FindByte(at, end_, '-');
    if (at == end_) break;
    const bool is_end = StartsWith(at, end_, "-->");
    if (!is_end && !StartsWith(at, end_, "--!>")) continue;
    at_ = at + (is_end ? 3 : 4);
    SetComment(begin, at);
    return Read::kToken;
  }
  at_ = end_;
  SetComment(begin, CutBrokenEnd(begin, end_));
  return Read::kToken;
}

Tokenizer::Read Tokenizer::ReadBogusComment(const char* at) {
  const char* const close = FindByte(at, end_, '>');
  at_ = close == end_ ? end_ : close + 1;
  SetComment(at, close);
  return Read::kToken;
}

void Tokenizer::SetComment(const char* begin, const char* end) {
  token_.kind = TokenKind::kComment;
  token_.text = Decoded(begin, end);
  token_.in_page = true;  // Or in the tree: it need not be copied.
}

// Line ends and NULs put right; a view of the page where there was nothing to do.
std::string_view Tokenizer::Decoded(const char* begin, const char* end) {
  const char* const broken = scan::LineEnds(begin, end);
  if (broken == end) return {begin, static_cast<std::size_t>(end - begin)};
  Normalise(begin, broken, end, kReplacement);
  return tree_->Keep(scratch_);
}

// ---- CDATA ----------------------------------------------------------------------

// `at` is behind `<![CDATA[`. NULs stay: the tree builder deals with them.
Tokenizer::Read Tokenizer::ReadCdata(const char* at) {
  const std::string_view rest(at, static_cast<std::size_t>(end_ - at));
  const std::size_t close = rest.find("]]>");
  const std::string_view text = rest.substr(0, close);
  at_ = close == std::string_view::npos ? end_ : at + close + 3;
  state_ = State::kData;
  if (text.empty()) return Read::kNothing;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  SetText(begin, end);
  if (const char* const broken = scan::LineEnds(begin, end); broken != end) {
    Normalise(begin, broken, end, std::string_view("\0", 1));
    SetDecodedText(scratch_.find('\0') != std::string::npos);
  }
  return Read::kToken;
}

// ---- Doctypes -------------------------------------------------------------------

// `at` is behind `<!doctype`.
Tokenizer::Read Tokenizer::ReadDoctype(const char* at) {
  token_.kind = TokenKind::kDoctype;
  token_.force_quirks = false;
  token_.doctype_name.reset();
  token_.public_id.reset();
  token_.system_id.reset();
  at = SkipSpace(at, end_);
  if (at == end_ || *at == '>') {
    token_.force_quirks = true;
  } else {
    at = ReadDoctypeName(at);
    at = ReadDoctypeIds(at);
  }
  at_ = at == end_ ? end_ : at + 1;
  return Read::kToken;
}

const char* Tokenizer::ReadDoctypeName(const char* at) {
  std::string name;
  for (; at != end_ && !IsSpace(*at) && *at != '>'; ++at) {
    if (*at == '\0') {
      name.append(kReplacement);
    } else {
      name.push_back(ToLower(*at));
    }
  }
  token_.doctype_name = tree_->Keep(name);
  return at;
}

// Returns where the doctype's `>` is, or the end.
const char* Tokenizer::ReadDoctypeIds(const char* at) {
  at = SkipSpace(at, end_);
  if (at == end_) {
    token_.force_quirks = true;
    return at;
  }
  if (*at == '>') return at;
  if (StartsWithIgnoreCase(at, end_, "system")) return ReadSystemId(SkipSpace(at + 6, end_));
  if (!StartsWithIgnoreCase(at, end_, "public")) return BreakDoctype(at);
  at = SkipSpace(at + 6, end_);
  if (at == end_ || (*at != '"' && *at != '\'')) return BreakDoctype(at);
  at = ReadDoctypeId(at, &token_.public_id);
  if (token_.force_quirks) return at;
  at = SkipSpace(at, end_);
  if (at != end_ && *at == '>') return at;
  return ReadSystemId(at);
}

const char* Tokenizer::ReadSystemId(const char* at) {
  if (at == end_ || (*at != '"' && *at != '\'')) return BreakDoctype(at);
  at = ReadDoctypeId(at, &token_.system_id);
  if (token_.force_quirks) return at;
  at = SkipSpace(at, end_);
  if (at == end_) token_.force_quirks = true;
  return FindByte(at, end_, '>');
}

// Reads up to the closing quote and returns what is behind; up to a `>` or the end, which break it.
const char* Tokenizer::ReadDoctypeId(const char* at, std::optional<std::string_view>* id) {
  const char quote = *at++;
  const char* const begin = at;
  while (at != end_ && *at != quote && *at != '>') ++at;
  *id = Decoded(begin, at);
  if (at == end_ || *at == '>') {
    token_.force_quirks = true;
    return at;
  }
  return at + 1;
}

const char* Tokenizer::BreakDoctype(const char* at) {
  token_.force_quirks = true;
  return FindByte(at, end_, '>');
}

}  // namespace thresh::html
