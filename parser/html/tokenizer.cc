#include "parser/html/tokenizer.h"

#include "parser/html/ascii.h"
#include "parser/html/references.h"
#include "parser/html/scan.h"

namespace thresh::html {
namespace {

// Whether the `<` at `at` begins markup. `</` at the very end of the page does not.
bool BeginsMarkup(const char* at, const char* end) {
  if (end - at < 2) return false;
  const char next = at[1];
  if (IsAlpha(next) || next == '!' || next == '?') return true;
  return next == '/' && end - at > 2;
}

}  // namespace

void Tokenizer::Start(std::string_view page, Tree* tree) {
  tree_ = tree;
  at_ = page.data();
  end_ = page.data() + page.size();
  state_ = State::kData;
  too_many_attributes_ = false;
  last_start_tag_ = kNoAtom;
  token_.repeated = nullptr;
  token_.to_place = nullptr;
  tags_.Clear();
}

// What no start tag or text in the data state is.
void Tokenizer::NextOther() {
  if (state_ != State::kData) [[unlikely]] {
    if (ReadRaw()) return;
  }
  while (at_ != end_) {
    const Read read = *at_ == '<' ? ReadMarkup() : Read::kIsText;
    if (read == Read::kToken) return;
    if (read == Read::kIsText) {
      ReadText();
      return;
    }
  }
  token_.kind = TokenKind::kEnd;
}

void Tokenizer::SetText(const char* begin, const char* end) {
  token_.kind = TokenKind::kText;
  token_.text = {begin, static_cast<std::size_t>(end - begin)};
  token_.in_page = true;
  token_.has_nul = false;
}

void Tokenizer::SetDecodedText(bool has_nul) {
  token_.kind = TokenKind::kText;
  token_.text = scratch_;
  token_.in_page = false;
  token_.has_nul = has_nul;
}

void Tokenizer::Normalise(const char* begin, const char* broken, const char* end,
                          std::string_view nul) {
  scratch_.assign(begin, broken);
  while (broken != end) {
    if (*broken == '\0') {
      scratch_.append(nul);
    } else if (broken + 1 == end || broken[1] != '\n') {
      scratch_.push_back('\n');
    }
    const char* const next = scan::LineEnds(broken + 1, end);
    scratch_.append(broken + 1, next);
    broken = next;
  }
}

// The data state. REQUIRES: not at the end; a `<` here begins no markup.
void Tokenizer::ReadText() {
  const char* at = *at_ == '<' ? at_ + 1 : at_;
  for (;;) {
    at = scan::Text(at, end_);
    if (at != end_ && *at == '<' && !BeginsMarkup(at, end_)) {
      ++at;
      continue;
    }
    break;
  }
  if (at == end_ || *at == '<') {
    SetText(at_, at);
    at_ = at;
    return;
  }
  scratch_.assign(at_, at);
  at_ = AppendTextUntilTag(at);
}

const char* Tokenizer::AppendTextUntilTag(const char* at) {
  bool has_nul = false;
  while (at != end_) {
    if (*at == '&') {
      at = AppendReference(at, end_, /*in_attribute=*/false, &scratch_);
    } else if (*at == '\r') {
      scratch_.push_back('\n');
      if (++at != end_ && *at == '\n') ++at;
    } else if (*at == '<' && BeginsMarkup(at, end_)) {
      break;
    } else {
      has_nul = has_nul || *at == '\0';
      scratch_.push_back(*at++);
    }
    const char* const next = scan::Text(at, end_);
    scratch_.append(at, next);
    at = next;
  }
  SetDecodedText(has_nul);
  return at;
}

}  // namespace thresh::html
