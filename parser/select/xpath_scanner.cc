#include "parser/select/xpath_scanner.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"

namespace thresh::select::xpath {
namespace {

struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};

// XML 1.0 (fifth edition), productions 4 and 4a, beyond ASCII.
constexpr auto kNameStart = std::to_array<CodePoints>({
    {0xC0, 0xD6},
    {0xD8, 0xF6},
    {0xF8, 0x2FF},
    {0x370, 0x37D},
    {0x37F, 0x1FFF},
    {0x200C, 0x200D},
    {0x2070, 0x218F},
    {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF},
    {0xF900, 0xFDCF},
    {0xFDF0, 0xFFFC},  // Without U+FFFD: broken UTF-8 is no name.
    {0x10000, 0xEFFFF},
});
constexpr auto kNameMore = std::to_array<CodePoints>({
    {0xB7, 0xB7},
    {0x300, 0x36F},
    {0x203F, 0x2040},
});

template <typename Table>
bool Has(const Table& table, std::uint32_t code_point) {
  return std::any_of(table.begin(), table.end(), [code_point](const CodePoints& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

bool IsXmlSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

std::size_t XPathScanner::NameCharAt(std::size_t at, bool first) const noexcept {
  if (at >= text_.size()) return 0;
  const char c = text_[at];
  if (static_cast<unsigned char>(c) < 0x80) {
    const bool starts = html::IsAlpha(c) || c == '_';
    return starts || (!first && (html::IsDigit(c) || c == '-' || c == '.')) ? 1 : 0;
  }
  const Utf8Char decoded = DecodeUtf8(text_, at);
  const bool is_name =
      Has(kNameStart, decoded.code_point) || (!first && Has(kNameMore, decoded.code_point));
  return is_name ? decoded.length : 0;
}

void XPathScanner::SkipSpace() noexcept {
  while (!done() && IsXmlSpace(text_[at_])) ++at_;
}

bool XPathScanner::Take(std::string_view token) noexcept {
  SkipSpace();
  if (!text_.substr(at_).starts_with(token)) return false;
  at_ += token.size();
  return true;
}

bool XPathScanner::TakeWord(std::string_view word) noexcept {
  SkipSpace();
  const std::size_t begin = at_;
  if (Name() == word) return true;
  at_ = begin;
  return false;
}

bool XPathScanner::AtName() const noexcept {
  return NameCharAt(at_, true) > 0;
}

std::string_view XPathScanner::Name() noexcept {
  const std::size_t begin = at_;
  std::size_t bytes = NameCharAt(at_, true);
  while (bytes > 0) {
    at_ += bytes;
    bytes = NameCharAt(at_, false);
  }
  return text_.substr(begin, at_ - begin);
}

bool XPathScanner::AtNumber() const noexcept {
  return html::IsDigit(Peek()) || (Peek() == '.' && html::IsDigit(Peek(1)));
}

std::string_view XPathScanner::Number() noexcept {
  const std::size_t begin = at_;
  while (html::IsDigit(Peek())) ++at_;
  if (Peek() == '.') ++at_;
  while (html::IsDigit(Peek())) ++at_;
  const std::size_t sign = Peek(1) == '-' || Peek(1) == '+' ? 1 : 0;
  if (html::ToLower(Peek()) == 'e' && html::IsDigit(Peek(1 + sign))) {
    at_ += 1 + sign;
    while (html::IsDigit(Peek())) ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

bool XPathScanner::Literal(std::string_view* value) {
  const char quote = Peek();
  const std::size_t end = text_.find(quote, at_ + 1);
  if (end == std::string_view::npos) {
    return Fail(at_, std::string("this string has no closing ") + quote);
  }
  *value = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return true;
}

std::string XPathScanner::Found() const {
  if (done()) return "end of input";
  const std::size_t length = DecodeUtf8(text_, at_).length;
  return '"' + RepairUtf8(text_.substr(at_, length)) + '"';
}

bool XPathScanner::Fail(std::size_t offset, std::string detail) {
  if (failed_) return false;
  failed_ = true;
  error_offset_ = offset;
  error_detail_ = std::move(detail);
  return false;
}

bool XPathScanner::Expected(std::string_view what) {
  SkipSpace();
  return Fail(at_, "expected " + std::string(what) + ", found " + Found());
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace thresh::select::xpath
