#include "parser/json/lines.h"

#include <algorithm>
#include <string>

namespace thresh::json {

using simdjson::dom::element;

DocumentLines::DocumentLines(Document& document, std::string_view body)
    : document_(document), rest_(body) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

void DocumentLines::SkipBlanks() {
  const std::size_t blanks = std::min(rest_.find_first_not_of(" \t\r\n\x1E"), rest_.size());
  const std::string_view skipped = rest_.substr(0, blanks);
  next_line_ += static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
  rest_.remove_prefix(blanks);
}

// Parses the first `size` bytes of what is left, and goes behind them.
Result<element> DocumentLines::Take(std::size_t size) {
  const std::string_view text = rest_.substr(0, size);
  Result<element> root = document_.Parse(text, rest_.size() - size);
  next_line_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  rest_.remove_prefix(size);
  if (root) return root;
  return Error{root.error().code, "line " + std::to_string(line_) + ": " + root.error().detail};
}

std::size_t DocumentLines::LineSize() const {
  return std::min(rest_.find('\n'), rest_.size());
}

// Through the bracket that closes the first one; all that is left if there is none.
std::size_t DocumentLines::BracketedSize() const {
  if (rest_.front() != '{' && rest_.front() != '[') return LineSize();
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    const char c = rest_[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return rest_.size();
}

std::optional<Result<element>> DocumentLines::Next() {
  SkipBlanks();
  if (rest_.empty()) return std::nullopt;
  line_ = next_line_;
  if (mode_ == Mode::kUnknown) {
    const auto begin = rest_;
    const std::size_t begin_line = next_line_;
    Result<element> first = Take(LineSize());
    mode_ = Mode::kLines;
    if (first) return first;
    rest_ = begin;
    next_line_ = begin_line;
    Result<element> bracketed = Take(BracketedSize());
    if (bracketed) {
      mode_ = Mode::kConcatenated;
      return bracketed;
    }
    rest_ = begin;
    next_line_ = begin_line;
  }
  return Take(mode_ == Mode::kLines ? LineSize() : BracketedSize());
}

}  // namespace thresh::json
