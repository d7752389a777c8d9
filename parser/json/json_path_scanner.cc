#include "parser/json/json_path_scanner.h"

#include <charconv>
#include <cstdlib>
#include <utility>

#include "lib/text/utf8.h"

namespace thresh::json::path {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsNameFirst(char c) {
  return IsLower(c) || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;  // I-JSON, RFC 7493, 2.2.

}  // namespace

bool PathScanner::Take(std::string_view token) noexcept {
  if (!text_.substr(at_).starts_with(token)) return false;
  at_ += token.size();
  return true;
}

bool PathScanner::SkipBlanks() noexcept {
  const std::size_t begin = at_;
  while (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r') ++at_;
  return at_ > begin;
}

bool PathScanner::AtName() const noexcept {
  return IsNameFirst(Peek());
}

std::string_view PathScanner::Name() noexcept {
  const std::size_t begin = at_;
  while (IsNameFirst(Peek()) || IsDigit(Peek())) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view PathScanner::FunctionName() noexcept {
  const std::size_t begin = at_;
  if (!IsLower(Peek())) return {};
  while (IsLower(Peek()) || IsDigit(Peek()) || Peek() == '_') ++at_;
  return text_.substr(begin, at_ - begin);
}

// int = "0" / (["-"] DIGIT1 *DIGIT)
std::optional<std::int64_t> PathScanner::Integer() {
  const std::size_t begin = at_;
  Take("-");
  const std::size_t digits = at_;
  while (IsDigit(Peek())) ++at_;
  if (at_ == digits) {
    Expected("a digit");
    return std::nullopt;
  }
  if (text_[digits] == '0' && (at_ > digits + 1 || digits > begin)) {
    Fail(begin, "an integer has no leading 0 and no -0, found \"" +
                    std::string(text_.substr(begin, at_ - begin)) + '"');
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto read = std::from_chars(text_.data() + begin, text_.data() + at_, value);
  if (read.ec != std::errc{} || value > kMaxInteger || value < -kMaxInteger) {
    Fail(begin, "an integer lies within 9007199254740991 of 0, found \"" +
                    std::string(text_.substr(begin, at_ - begin)) + '"');
    return std::nullopt;
  }
  return value;
}

bool PathScanner::Digits() {
  if (!IsDigit(Peek())) return Expected("a digit");
  while (IsDigit(Peek())) ++at_;
  return true;
}

// number = (int / "-0") [ frac ] [ exp ]
std::optional<PathScanner::Number> PathScanner::NumberLiteral() {
  const std::size_t begin = at_;
  Take("-");
  const std::size_t digits = at_;
  if (!Digits()) return std::nullopt;
  if (text_[digits] == '0' && at_ > digits + 1) {
    Fail(begin, "a number has no leading 0");
    return std::nullopt;
  }
  bool whole = true;
  if (Take(".")) {
    whole = false;
    if (!Digits()) return std::nullopt;
  }
  if (Peek() == 'e' || Peek() == 'E') {
    whole = false;
    ++at_;
    if (Peek() == '+' || Peek() == '-') ++at_;
    if (!Digits()) return std::nullopt;
  }
  const std::string text(text_.substr(begin, at_ - begin));
  Number out;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out.integer);
  out.is_integer = whole && read.ec == std::errc{};
  if (!out.is_integer) out.number = std::strtod(text.c_str(), nullptr);
  return out;
}

std::optional<std::string> PathScanner::String() {
  const std::size_t begin = at_;
  const char quote = text_[at_++];
  std::string out;
  while (!done()) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return out;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      Fail(at_, "a control character in a string must be escaped");
      return std::nullopt;
    }
    ++at_;
    if (c != '\\') {
      out.push_back(c);
    } else if (!Escape(quote, &out)) {
      return std::nullopt;
    }
  }
  Fail(begin, std::string("this string has no closing ") + quote);
  return std::nullopt;
}

// Behind the backslash.
bool PathScanner::Escape(char quote, std::string* out) {
  const std::size_t begin = at_ - 1;
  const char c = Peek();
  ++at_;
  switch (c) {
    case 'b': out->push_back('\b'); return true;
    case 'f': out->push_back('\f'); return true;
    case 'n': out->push_back('\n'); return true;
    case 'r': out->push_back('\r'); return true;
    case 't': out->push_back('\t'); return true;
    case '/':
    case '\\': out->push_back(c); return true;
    case 'u': return UnicodeEscape(begin, out);
    default: break;
  }
  if (c == quote) {
    out->push_back(c);
    return true;
  }
  at_ = begin + 1;
  return Fail(begin, "expected one of b f n r t / \\ u " + std::string(1, quote) +
                         " after the backslash, found " + Found());
}

std::optional<std::uint32_t> PathScanner::FourHexDigits() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexValue(Peek());
    if (digit < 0) {
      Expected("four hex digits");
      return std::nullopt;
    }
    value = value << 4 | static_cast<std::uint32_t>(digit);
    ++at_;
  }
  return value;
}

bool PathScanner::UnicodeEscape(std::size_t begin, std::string* out) {
  const auto first = FourHexDigits();
  if (!first) return false;
  std::uint32_t code_point = *first;
  if (code_point >= 0xDC00 && code_point <= 0xDFFF) {
    return Fail(begin, "a low surrogate without a high one before it");
  }
  if (code_point >= 0xD800 && code_point <= 0xDBFF) {
    if (!Take("\\u")) return Fail(begin, "a high surrogate without a low one behind it");
    const auto low = FourHexDigits();
    if (!low) return false;
    if (*low < 0xDC00 || *low > 0xDFFF) {
      return Fail(begin, "a high surrogate without a low one behind it");
    }
    code_point = 0x10000 + ((code_point - 0xD800) << 10) + (*low - 0xDC00);
  }
  AppendUtf8(code_point, out);
  return true;
}

std::string PathScanner::Found() const {
  if (done()) return "end of input";
  return '"' + std::string(text_.substr(at_, DecodeUtf8(text_, at_).length)) + '"';
}

bool PathScanner::Fail(std::size_t offset, std::string detail) {
  if (failed_) return false;
  failed_ = true;
  error_offset_ = offset;
  error_detail_ = std::move(detail);
  return false;
}

bool PathScanner::Expected(std::string_view what) {
  return Fail(at_, "expected " + std::string(what) + ", found " + Found());
}

}  // namespace thresh::json::path
