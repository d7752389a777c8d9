#include "lib/recipe/url_pattern.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace thresh {
namespace {

struct Number {
  std::uint64_t value = 0;
  std::size_t end = 0;
};

std::optional<Number> ReadNumber(std::string_view text, std::size_t at) {
  Number n;
  const char* begin = text.data() + at;
  const auto read = std::from_chars(begin, text.data() + text.size(), n.value);
  if (read.ec != std::errc{}) return std::nullopt;
  n.end = at + static_cast<std::size_t>(read.ptr - begin);
  return n;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view url) {
  std::size_t p = 0, u = 0;
  std::size_t star = std::string_view::npos, resume = 0;  // Where to go back to on a mismatch.
  while (u < url.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = u;
    } else if (p < pattern.size() && pattern[p] == url[u]) {
      ++p;
      ++u;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      u = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view url) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& p) { return MatchesPattern(p, url); });
}

std::size_t LiteralPrefix(std::string_view pattern) {
  return std::min(pattern.find('*'), pattern.size());
}

UrlRange::UrlRange(std::string text) {
  for (std::size_t open = text.find('['); open != std::string::npos;
       open = text.find('[', open + 1)) {
    const auto first = ReadNumber(text, open + 1);
    if (!first || text.compare(first->end, 1, "-") != 0) continue;
    const auto last = ReadNumber(text, first->end + 1);
    if (!last || text.compare(last->end, 1, "]") != 0 || last->value < first->value) continue;
    has_range_ = true;
    first_ = next_ = first->value;
    last_ = last->value;
    if (text[open + 1] == '0') width_ = first->end - open - 1;
    before_ = text.substr(0, open);
    after_ = text.substr(last->end + 1);
    return;
  }
  before_ = std::move(text);
}

std::optional<std::string> UrlRange::Next() {
  if (ended_) return std::nullopt;
  std::string number = has_range_ ? std::to_string(next_) : "";
  ended_ = next_++ == last_;
  if (number.size() < width_) number.insert(0, width_ - number.size(), '0');
  return before_ + number + after_;
}

}  // namespace thresh
