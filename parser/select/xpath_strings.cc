#include "parser/select/xpath_strings.h"

#include <string.h>  // memmem: two-way, so linear.

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"

namespace thresh::select::xpath {
namespace {

constexpr std::string_view kXmlSpace = " \t\n\r";

bool StartsCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Where translate() sends the characters that it knows.
class Translation {
 public:
  Translation(std::string_view from, std::string_view to) {
    ascii_.fill(kSame);
    std::size_t target = 0;
    for (std::size_t at = 0; at < from.size();) {
      const Utf8Char source = DecodeUtf8(from, at);
      at += source.length;
      std::int64_t becomes = kDropped;
      if (target < to.size()) {
        const Utf8Char next = DecodeUtf8(to, target);
        target += next.length;
        becomes = next.code_point;
      }
      if (source.code_point >= ascii_.size()) {
        others_.try_emplace(source.code_point, becomes);
      } else if (ascii_[source.code_point] == kSame) {  // The first mention counts.
        ascii_[source.code_point] = becomes;
      }
    }
  }

  static constexpr std::int64_t kSame = -1;
  static constexpr std::int64_t kDropped = -2;

  [[nodiscard]] std::int64_t Of(std::uint32_t code_point) const {
    if (code_point < ascii_.size()) return ascii_[code_point];
    const auto found = others_.find(code_point);
    return found == others_.end() ? kSame : found->second;
  }

 private:
  std::array<std::int64_t, 128> ascii_;
  std::unordered_map<std::uint32_t, std::int64_t> others_;
};

}  // namespace

double StringLength(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += StartsCharacter(c) ? 1 : 0;
  return static_cast<double>(count);
}

std::string_view Substring(std::string_view text, double first, double end) {
  std::size_t begin = text.size();
  double position = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!StartsCharacter(text[at])) continue;
    ++position;
    if (begin == text.size() && position >= first) begin = at;
    if (position < end) continue;  // Not so if `end` is NaN.
    return begin < at ? text.substr(begin, at - begin) : std::string_view();
  }
  return text.substr(begin);
}

std::size_t Find(std::string_view text, std::string_view part) {
  if (part.empty()) return 0;
  if (part.size() > text.size()) return std::string_view::npos;
  const void* const found = ::memmem(text.data(), text.size(), part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

void AppendNormalizedSpace(std::string_view text, std::string* out) {
  bool is_first = true;
  std::size_t begin = text.find_first_not_of(kXmlSpace);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kXmlSpace, begin), text.size());
    if (!is_first) out->push_back(' ');
    out->append(text.substr(begin, end - begin));
    is_first = false;
    begin = text.find_first_not_of(kXmlSpace, end);
  }
}

void AppendTranslated(std::string_view text, std::string_view from, std::string_view to,
                      std::string* out) {
  const Translation translation(from, to);
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char next = DecodeUtf8(text, at);
    const std::int64_t becomes = translation.Of(next.code_point);
    if (becomes == Translation::kSame) {
      out->append(text.substr(at, next.length));
    } else if (becomes != Translation::kDropped) {
      AppendUtf8(static_cast<std::uint32_t>(becomes), out);
    }
    at += next.length;
  }
}

bool IsLanguageIn(std::string_view language, std::string_view range) {
  return language.size() >= range.size() &&
         html::EqualsIgnoreCase(language.substr(0, range.size()), range) &&
         (language.size() == range.size() || language[range.size()] == '-');
}

}  // namespace thresh::select::xpath
