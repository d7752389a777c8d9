#include "lib/toml/place.h"

#include <algorithm>

namespace thresh {
namespace {

// Goes through a document character by character, and knows where it is.
class Walker {
 public:
  explicit Walker(std::string_view document) : text_(document) {}

  void GoTo(TextPlace target) {
    while (!AtEnd() && (place_.line < target.line ||
                        (place_.line == target.line && place_.column < target.column))) {
      Step();
    }
  }

  void Step() {
    if (AtEnd()) return;
    if (text_[at_] == '\n') {
      ++place_.line;
      place_.column = 1;
      ++at_;
      return;
    }
    ++at_;
    while (!AtEnd() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) ++at_;
    ++place_.column;
  }

  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] char Now() const { return AtEnd() ? '\0' : text_[at_]; }
  [[nodiscard]] char Next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }
  [[nodiscard]] bool StartsWith(std::string_view what) const {
    return text_.substr(std::min(at_, text_.size())).starts_with(what);
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] TextPlace place() const { return place_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  TextPlace place_{1, 1};
};

std::size_t Utf8Length(std::uint32_t code_point) {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x10000 ? 3 : 4;
}

// Steps over an escape of a basic string; returns how many bytes of the value it makes.
std::size_t StepEscape(Walker& walker) {
  walker.Step();
  const char kind = walker.Now();
  walker.Step();
  if (kind == 'u' || kind == 'U') {
    std::uint32_t code_point = 0;
    for (int digits = kind == 'u' ? 4 : 8; digits > 0; --digits, walker.Step()) {
      const char c = walker.Now();
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      code_point = code_point << 4 | static_cast<std::uint32_t>(digit & 15);
    }
    return Utf8Length(code_point);
  }
  if (kind != '\n' && kind != '\r' && kind != ' ' && kind != '\t') return 1;
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (blank(walker.Now())) walker.Step();  // A line end behind a backslash is no part of it.
  return 0;
}

}  // namespace

TextPlace PlaceInString(std::string_view document, TextPlace quote, std::size_t offset) {
  Walker walker(document);
  walker.GoTo(quote);
  const char mark = walker.Now();
  if (mark != '"' && mark != '\'') return quote;
  const bool several_lines = walker.StartsWith(mark == '"' ? "\"\"\"" : "'''");
  for (int i = several_lines ? 3 : 1; i > 0; --i) walker.Step();
  if (several_lines && walker.Now() == '\r') walker.Step();
  if (several_lines && walker.Now() == '\n') walker.Step();  // The first line end does not count.
  for (std::size_t made = 0; made < offset && !walker.AtEnd();) {
    if (mark == '"' && walker.Now() == '\\') {
      made += StepEscape(walker);
    } else {
      const std::size_t before = walker.at();
      walker.Step();
      made += walker.at() - before;
    }
  }
  return walker.place();
}

}  // namespace thresh
