#include "parser/json/repair.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace thresh::json {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsBlank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool IsNumberPart(char c) {
  return IsDigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// The number at the head of `text` by RFC 8259, section 6; 0 bytes if there is none.
struct NumberForm {
  std::size_t size = 0;
  bool integer = true;
};
NumberForm ReadNumberForm(std::string_view text) {
  std::size_t at = 0;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto digits = [&] {
    const std::size_t begin = at;
    while (IsDigit(peek())) ++at;
    return at > begin;
  };
  NumberForm form;
  if (peek() == '-') ++at;
  const bool zero = peek() == '0';
  const std::size_t begin = at;
  if (!digits() || (zero && at > begin + 1)) return {};
  if (peek() == '.') {
    form.integer = false;
    ++at;
    if (!digits()) return {};
  }
  if (peek() == 'e' || peek() == 'E') {
    form.integer = false;
    ++at;
    if (peek() == '+' || peek() == '-') ++at;
    if (!digits()) return {};
  }
  form.size = at;
  return form;
}

template <typename Int>
bool Fits(std::string_view number) {
  Int value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc{};
}

// Digits before the point, counted from the first that is not 0, less the zeros behind it.
std::int64_t Magnitude(std::string_view number) {
  std::int64_t magnitude = 0;
  bool point = false;
  bool counting = false;
  std::size_t i = 0;
  for (; i < number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
    if (number[i] == '.') point = true;
    if (!IsDigit(number[i])) continue;
    counting = counting || number[i] != '0';
    if (counting && !point) ++magnitude;
    if (!counting && point) --magnitude;
  }
  if (!counting || i == number.size()) return counting ? magnitude : -1;
  std::string_view exponent = number.substr(i + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t value = 0;
  const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
  constexpr std::int64_t kFar = std::int64_t{1} << 60;
  if (read.ec != std::errc{}) value = exponent.starts_with('-') ? -kFar : kFar;
  return magnitude + std::min(std::max(value, -kFar), kFar);
}

// One that no double comes near.
bool TooLarge(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc::result_out_of_range && Magnitude(number) > 0;
}

void AppendNumber(std::string_view number, bool integer, std::string* out) {
  if (TooLarge(number)) {
    out->append(number.starts_with('-') ? "-1.7976931348623157e308" : "1.7976931348623157e308");
    return;
  }
  out->append(number);
  if (integer && !Fits<std::int64_t>(number) && !Fits<std::uint64_t>(number)) out->append(".0");
}

// The code unit of `\uXXXX` at the head of `text`, or -1.
int CodeUnit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  unsigned unit = 0;
  const auto read = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return read.ptr == text.data() + 6 && read.ec == std::errc{} ? static_cast<int>(unit) : -1;
}

// Copies the escape at the head of `text`; returns its size.
std::size_t AppendEscape(std::string_view text, std::string* out) {
  const int unit = CodeUnit(text);
  std::size_t size = unit < 0 ? std::min<std::size_t>(2, text.size()) : 6;
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    const int next = CodeUnit(text.substr(6));
    if (unit >= 0xDC00 || next < 0xDC00 || next > 0xDFFF) {
      out->append("\\uFFFD");
      return size;
    }
    size = 12;
  }
  out->append(text.substr(0, size));
  return size;
}

}  // namespace

void RepairNumbersAndSurrogates(std::string_view text, std::string* out) {
  out->clear();
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string && c == '\\') {
      i += AppendEscape(text.substr(i), out);
    } else if (!in_string && (c == '-' || IsDigit(c))) {
      std::size_t end = i;
      while (end < text.size() && IsNumberPart(text[end])) ++end;
      const std::string_view token = text.substr(i, end - i);
      const NumberForm form = ReadNumberForm(token);
      if (form.size == token.size()) {
        AppendNumber(token, form.integer, out);
      } else {
        out->append(token);
      }
      i = end;
    } else {
      if (c == '"') in_string = !in_string;
      out->push_back(c);
      ++i;
    }
  }
}

namespace {

class Tidier {
 public:
  Tidier(std::string_view in, std::string* out) : in_(in), out_(*out) {}

  void Run() {
    Take("\xEF\xBB\xBF");
    SkipBlanks();
    SkipAssignment();
    while (at_ < in_.size()) {
      if (SkipBlanks()) out_.push_back(' ');
      if (at_ == in_.size()) return;
      const char c = in_[at_];
      if (c == '"') {
        String();
        continue;
      }
      if (c == ';' && depth_ == 0) return;
      if (c == '{' || c == '[') ++depth_;
      if (c == '}' || c == ']') Close();
      out_.push_back(c);
      ++at_;
    }
  }

 private:
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool At(std::string_view token) const { return in_.substr(at_).starts_with(token); }
  bool Take(std::string_view token) {
    if (!At(token)) return false;
    at_ += token.size();
    return true;
  }

  void Close() {
    if (depth_ > 0) --depth_;
    if (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (!out_.empty() && out_.back() == ',') out_.pop_back();
  }

  // White space, comments and markers. Returns whether there were any.
  bool SkipBlanks() {
    const std::size_t begin = at_;
    for (;;) {
      const char c = Peek();
      if (at_ < in_.size() && IsBlank(c)) {
        ++at_;
      } else if (c == '/' ? !SkipScriptComment() : !SkipMarker()) {
        return at_ > begin;
      }
    }
  }

  bool SkipMarker() {
    if (Take("<![CDATA[") || Take("]]>") || Take("-->")) return true;
    if (!Take("<!--")) return false;
    const std::size_t close = Find("-->", &next_marker_);
    if (close == std::string_view::npos) return true;
    const std::size_t first = in_.find_first_not_of(" \n\r\t", at_);
    const bool last = in_.find_first_not_of(" \n\r\t", close + 3) == std::string_view::npos;
    const bool value = last || in_[first] == '{' || in_[first] == '[';
    if (!value || out_.find_first_not_of(' ') != std::string::npos) at_ = close + 3;
    return true;
  }

  bool SkipScriptComment() {
    if (Take("/*")) {
      const std::size_t close = Find("*/", &next_comment_end_);
      at_ = close == std::string_view::npos ? in_.size() : close + 2;
      return true;
    }
    if (!Take("//")) return false;
    while (Peek() == ' ' || Peek() == '\t') ++at_;
    if (At("<![CDATA[") || At("]]>") || At("<!--") || At("-->")) return true;
    at_ = std::min(in_.find_first_of("\n\r", at_), in_.size());
    return true;
  }

  // Where `token` is next. `next` remembers, so that all calls together are linear.
  std::size_t Find(std::string_view token, std::size_t* next) const {
    if (*next != std::string_view::npos && *next < at_) *next = in_.find(token, at_);
    return *next;
  }

  // `var a = `, `window.a["b"] = `.
  void SkipAssignment() {
    const std::size_t begin = at_;
    for (const std::string_view keyword : {"var", "let", "const"}) {
      if (At(keyword) && IsBlank(Peek(keyword.size()))) at_ += keyword.size();
    }
    SkipBlanks();
    const std::size_t name = at_;
    while (NamePart()) {
    }
    const bool named = at_ > name && in_[name] != '[';
    SkipBlanks();
    if (!named || Peek() != '=' || Peek(1) == '=') {
      at_ = begin;
      return;
    }
    ++at_;
  }

  bool NamePart() {
    const char c = Peek();
    if (c == '[' && (Peek(1) == '"' || Peek(1) == '\'')) {
      const std::size_t close = in_.find(Peek(1), at_ + 2);
      if (close == std::string_view::npos || in_.substr(close + 1, 1) != "]") return false;
      at_ = close + 2;
      return true;
    }
    const bool word = IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!word && c != '_' && c != '$' && c != '.') return false;
    ++at_;
    return true;
  }

  void String() {
    out_.push_back(in_[at_++]);
    while (at_ < in_.size()) {
      const char c = in_[at_++];
      if (c == '\\') {
        Backslash();
      } else if (static_cast<unsigned char>(c) < 0x20) {
        AppendControl(c);
      } else {
        out_.push_back(c);
        if (c == '"') return;
      }
    }
  }

  void Backslash() {
    if (Take("\r\n") || Take("\n") || Take("\r")) return;
    if (at_ == in_.size() || static_cast<unsigned char>(in_[at_]) < 0x20) return;
    out_.push_back('\\');
    out_.push_back(in_[at_++]);
  }

  void AppendControl(char c) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
    out_.append(escaped);
  }

  std::string_view in_;
  std::string& out_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t next_marker_ = 0;
  std::size_t next_comment_end_ = 0;
};

}  // namespace

void TidyJsonOfPage(std::string_view text, std::string* out) {
  out->clear();
  Tidier(text, out).Run();
}

}  // namespace thresh::json
