#include "parser/select/css_scanner.h"

#include <utility>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"

namespace thresh::select {
namespace {

using html::IsAlpha;
using html::IsDigit;
using html::IsSpace;

bool IsNameStart(char c) {
  return IsAlpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsNameChar(char c) {
  return IsNameStart(c) || IsDigit(c) || c == '-';
}
bool IsNewline(char c) {
  return c == '\n' || c == '\r' || c == '\f';
}

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = html::ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

bool CssScanner::Take(char c) noexcept {
  if (done() || css_[at_] != c) return false;
  ++at_;
  return true;
}

void CssScanner::SkipComments() {
  while (Peek() == '/' && Peek(1) == '*') {
    const std::size_t end = css_.find("*/", at_ + 2);
    if (end == std::string_view::npos) Fail(at_, "this comment has no \"*/\"");
    at_ = end == std::string_view::npos ? css_.size() : end + 2;
  }
}

bool CssScanner::SkipSpace() {
  bool any = false;
  for (;; ++at_) {
    SkipComments();
    if (done() || !IsSpace(Peek())) return any;
    any = true;
  }
}

bool CssScanner::AtEscape(std::size_t ahead) const noexcept {
  return Peek(ahead) == '\\' && !IsNewline(Peek(ahead + 1));
}

bool CssScanner::AtName() const noexcept {
  if (Peek() == '-') return IsNameStart(Peek(1)) || Peek(1) == '-' || AtEscape(1);
  return IsNameStart(Peek()) || AtEscape(0);
}

std::string CssScanner::Name() {
  std::string name;
  for (;;) {
    if (!done() && IsNameChar(Peek())) {
      name.push_back(css_[at_++]);
    } else if (AtEscape(0)) {
      Escape(&name);
    } else {
      return name;
    }
  }
}

// CSS Syntax 3, section 4.3.7.
void CssScanner::Escape(std::string* out) {
  ++at_;  // The backslash.
  if (done()) return AppendUtf8(0xFFFD, out);
  if (HexValue(Peek()) < 0) {
    out->push_back(css_[at_++]);  // Any following bytes of the character are name bytes.
    return;
  }
  std::uint32_t code_point = 0;
  for (int digits = 0; digits < 6 && HexValue(Peek()) >= 0; ++digits) {
    code_point = code_point * 16 + static_cast<std::uint32_t>(HexValue(css_[at_++]));
  }
  if (Peek() == '\r' && Peek(1) == '\n') ++at_;
  if (!done() && IsSpace(Peek())) ++at_;
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point == 0 || surrogate || code_point > 0x10FFFF) code_point = 0xFFFD;
  AppendUtf8(code_point, out);
}

std::optional<std::string> CssScanner::String() {
  const std::size_t begin = at_;
  const char quote = css_[at_++];
  std::string text;
  while (!done() && !IsNewline(Peek())) {
    if (Take(quote)) return text;
    if (Peek() == '\\' && at_ + 1 == css_.size()) {
      ++at_;  // It stands for nothing.
    } else if (AtEscape(0)) {
      Escape(&text);
    } else if (Peek() == '\\' && IsNewline(Peek(1))) {  // A line continued.
      at_ += Peek(1) == '\r' && Peek(2) == '\n' ? 3 : 2;
    } else {
      text.push_back(css_[at_++]);
    }
  }
  Fail(begin, std::string("this string has no closing ") + quote);
  return std::nullopt;
}

bool CssScanner::SkipArgument() {
  std::string open;  // The closing brackets that are owed.
  while (!done()) {
    const char c = Peek();
    if (open.empty() && (c == ',' || c == ')')) return true;
    if (c == '"' || c == '\'') {
      if (!String()) return false;
      continue;
    }
    if (c == '/' && Peek(1) == '*') {
      SkipSpace();
      if (failed_) return false;
      continue;
    }
    if (c == '(') open.push_back(')');
    if (c == '[') open.push_back(']');
    if (!open.empty() && c == open.back()) open.pop_back();
    Advance(c == '\\' && at_ + 1 < css_.size() ? 2 : 1);
  }
  return false;
}

std::string CssScanner::Found() const {
  if (done()) return "end of input";
  const std::size_t length = DecodeUtf8(css_, at_).length;
  return '"' + std::string(css_.substr(at_, length)) + '"';
}

bool CssScanner::Fail(std::size_t offset, std::string detail) {
  if (failed_) return false;
  failed_ = true;
  error_offset_ = offset;
  error_detail_ = std::move(detail);
  return false;
}

bool CssScanner::FailForGood(std::size_t offset, std::string detail) {
  for_good_ = for_good_ || !failed_;
  return Fail(offset, std::move(detail));
}

bool CssScanner::Forgive() {
  if (!for_good_) failed_ = false;
  return !for_good_;
}

bool CssScanner::Expected(std::string_view what) {
  return Fail(at_, "expected " + std::string(what) + ", found " + Found());
}

}  // namespace thresh::select
