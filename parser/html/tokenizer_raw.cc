// Text in which only one end tag is markup: 13.2.5.2 to 13.2.5.5 and 13.2.5.9 to 13.2.5.31.

#include <cstring>

#include "parser/html/ascii.h"
#include "parser/html/references.h"
#include "parser/html/scan.h"
#include "parser/html/tokenizer.h"

namespace thresh::html {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Whether the word at `at` is `name` in any case, with a byte behind it that ends a tag's name.
bool IsTagWord(const char* at, const char* end, std::string_view name) {
  if (static_cast<std::size_t>(end - at) <= name.size()) return false;
  const char behind = at[name.size()];
  return (IsSpace(behind) || behind == '/' || behind == '>') &&
         EqualsIgnoreCase({at, name.size()}, name);
}

}  // namespace

// False at what is to be read as data: an end tag, or the end of the page.
bool Tokenizer::ReadRaw() {
  if (at_ == end_) return false;
  switch (state_) {
    case State::kData: return false;
    case State::kCdata: return ReadCdata(at_) == Read::kToken;
    case State::kPlaintext: ReadRawText(end_); return true;
    case State::kRcdata:
    case State::kRawText:
    case State::kScriptData: break;
  }
  const char* const end = state_ == State::kScriptData ? FindScriptEnd(at_) : FindEndTag(at_);
  const bool is_rcdata = state_ == State::kRcdata;
  if (end != end_) state_ = State::kData;
  if (end == at_) return false;
  if (is_rcdata) {
    ReadRcdata(end);
  } else {
    ReadRawText(end);
  }
  return true;
}

bool Tokenizer::IsEndTag(const char* at) const {
  return last_start_tag_ != kNoAtom && end_ - at > 2 && at[1] == '/' &&
         IsTagWord(at + 2, end_, tree_->name(last_start_tag_));
}

const char* Tokenizer::FindEndTag(const char* at) const {
  while (at != end_) {
    const void* const found = std::memchr(at, '<', static_cast<std::size_t>(end_ - at));
    if (found == nullptr) return end_;
    at = static_cast<const char*>(found);
    if (IsEndTag(at)) return at;
    ++at;
  }
  return end_;
}

// In a script, `<!--` hides `</script>` if a `<script>` stands between, until `-->`.
const char* Tokenizer::FindScriptEnd(const char* at) const {
  enum class Escape { kNone, kComment, kScriptInComment };
  Escape escape = Escape::kNone;
  int dashes = 0;
  while (at != end_) {
    if (escape == Escape::kNone) {
      const void* const found = std::memchr(at, '<', static_cast<std::size_t>(end_ - at));
      if (found == nullptr) return end_;
      at = static_cast<const char*>(found);
      if (IsEndTag(at)) return at;
      if (end_ - at < 4 || std::memcmp(at, "<!--", 4) != 0) {
        ++at;
        continue;
      }
      escape = Escape::kComment;
      dashes = 2;
      at += 4;
    } else if (*at == '<') {
      dashes = 0;
      const bool in_script = escape == Escape::kScriptInComment;
      if (!in_script && IsEndTag(at)) return at;
      const bool is_close = end_ - at > 1 && at[1] == '/';
      const char* const word = at + (is_close ? 2 : 1);
      ++at;
      if (is_close != in_script || !IsTagWord(word, end_, "script")) continue;
      escape = in_script ? Escape::kComment : Escape::kScriptInComment;
      at = word + 7;  // Behind what ended the name.
    } else {
      if (*at == '>' && dashes >= 2) escape = Escape::kNone;
      dashes = *at == '-' ? dashes + 1 : 0;
      ++at;
    }
  }
  return end_;
}

// The text up to `end`, line ends and NULs put right.
void Tokenizer::ReadRawText(const char* end) {
  const char* const broken = scan::LineEnds(at_, end);
  SetText(at_, end);
  if (broken != end) {
    Normalise(at_, broken, end, kReplacement);
    SetDecodedText(/*has_nul=*/false);
  }
  at_ = end;
}

void Tokenizer::ReadRcdata(const char* end) {
  const char* at = scan::Text(at_, end);
  while (at != end && *at == '<') at = scan::Text(at + 1, end);
  if (at == end) {
    SetText(at_, end);
    at_ = end;
    return;
  }
  scratch_.assign(at_, at);
  while (at != end) {
    if (*at == '&') {
      at = AppendReference(at, end, /*in_attribute=*/false, &scratch_);
    } else if (*at == '\r') {
      scratch_.push_back('\n');
      if (++at != end && *at == '\n') ++at;
    } else if (*at == '\0') {
      scratch_.append(kReplacement);
      ++at;
    } else {
      scratch_.push_back(*at++);
    }
  }
  at_ = end;
  SetDecodedText(/*has_nul=*/false);
}

}  // namespace thresh::html
