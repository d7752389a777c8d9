#include "lib/url/ip_address.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <utility>

#include "lib/url/ascii.h"

namespace thresh {
namespace {

void AppendNumber(std::uint32_t number, int base, std::string* out) {
  std::array<char, 10> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out->append(digits.data(), end);
}

// One part of an IPv4 address, held at UINT64_MAX / 16 when it is larger: no part may come
// near that.
std::optional<std::uint64_t> ParseIpv4Part(std::string_view part) {
  if (part.empty()) return std::nullopt;
  unsigned base = 10;
  if (part.size() >= 2 && part[0] == '0') {
    base = AsciiLower(part[1]) == 'x' ? 16 : 8;
    part.remove_prefix(base == 16 ? 2 : 1);
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() / 16;
  std::uint64_t value = 0;  // "0x" alone is zero.
  for (const char c : part) {
    const int digit = HexValue(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return std::nullopt;
    value = std::min(kMost - 15, value) * base + static_cast<unsigned>(digit);
    value = std::min(kMost, value);
  }
  return value;
}

std::string_view WithoutFinalDot(std::string_view domain) {
  if (domain.size() > 1 && domain.back() == '.') domain.remove_suffix(1);
  return domain;
}

// Reads the pieces of an IPv6 address from left to right.
class Ipv6Reader {
 public:
  explicit Ipv6Reader(std::string_view text) : rest_(text) {}

  std::optional<Ipv6Pieces> Read() {
    if (rest_.starts_with(':')) {
      if (!rest_.starts_with("::")) return std::nullopt;
      rest_.remove_prefix(1);  // The second colon reads as the gap.
    }
    while (!rest_.empty()) {
      if (index_ == 8 || !ReadPiece()) return std::nullopt;
    }
    if (!gap_) return index_ == 8 ? std::optional(pieces_) : std::nullopt;
    // What stands after the gap moves to the end.
    std::rotate(pieces_.begin() + Offset(*gap_), pieces_.begin() + Offset(index_), pieces_.end());
    return pieces_;
  }

 private:
  static std::ptrdiff_t Offset(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

  bool ReadPiece() {
    if (rest_.front() == ':') {
      if (gap_) return false;
      rest_.remove_prefix(1);
      gap_ = ++index_;  // The gap stands for one piece of zeros at least.
      return true;
    }
    std::size_t length = 0;
    unsigned value = 0;
    while (length < 4 && length < rest_.size() && HexValue(rest_[length]) >= 0) {
      value = value << 4 | static_cast<unsigned>(HexValue(rest_[length++]));
    }
    if (length < rest_.size() && rest_[length] == '.') return length != 0 && ReadIpv4Tail();
    rest_.remove_prefix(length);
    pieces_[index_++] = static_cast<std::uint16_t>(value);
    return rest_.empty() || SkipColon();
  }

  bool SkipColon() {
    if (rest_.front() != ':' || rest_.size() == 1) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // The last two pieces, written as four decimal numbers.
  bool ReadIpv4Tail() {
    if (index_ > 6) return false;
    for (int seen = 0; seen < 4; ++seen) {
      if (seen > 0) {
        if (!rest_.starts_with('.')) return false;
        rest_.remove_prefix(1);
      }
      const auto number = ReadDecimalByte();
      if (!number) return false;
      pieces_[index_] = static_cast<std::uint16_t>(pieces_[index_] << 8 | *number);
      if (seen % 2 == 1) ++index_;
    }
    return rest_.empty();
  }

  std::optional<unsigned> ReadDecimalByte() {
    std::size_t length = 0;
    unsigned value = 0;
    while (length < rest_.size() && IsAsciiDigit(rest_[length])) {
      if (length > 0 && value == 0) return std::nullopt;  // A leading zero.
      value = value * 10 + static_cast<unsigned>(HexValue(rest_[length++]));
      if (value > 255) return std::nullopt;
    }
    if (length == 0) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }

  std::string_view rest_;
  Ipv6Pieces pieces_{};
  std::size_t index_ = 0;           // The piece to be read next.
  std::optional<std::size_t> gap_;  // The first piece after `::`.
};

}  // namespace

bool EndsInNumber(std::string_view domain) {
  domain = WithoutFinalDot(domain);
  const std::string_view last = domain.substr(domain.rfind('.') + 1);  // npos + 1 is 0.
  if (last.empty() || !IsAsciiDigit(last.front())) return false;
  return std::all_of(last.begin(), last.end(), IsAsciiDigit) || ParseIpv4Part(last).has_value();
}

std::optional<std::uint32_t> ParseIpv4(std::string_view text) {
  text = WithoutFinalDot(text);
  std::uint64_t address = 0;
  for (unsigned shift = 24;; shift -= 8) {
    const std::size_t dot = text.find('.');
    const auto part = ParseIpv4Part(text.substr(0, dot));
    if (!part) return std::nullopt;
    if (dot == std::string_view::npos) {  // The last part fills what is left.
      if (*part >> (shift + 8) != 0) return std::nullopt;
      return static_cast<std::uint32_t>(address | *part);
    }
    if (*part > 255 || shift == 0) return std::nullopt;
    address |= *part << shift;
    text.remove_prefix(dot + 1);
  }
}

std::optional<Ipv6Pieces> ParseIpv6(std::string_view text) {
  return Ipv6Reader(text).Read();
}

void AppendIpv4(std::uint32_t address, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    AppendNumber(address >> shift & 0xFF, 10, out);
    if (shift > 0) out->push_back('.');
  }
}

void AppendIpv6(const Ipv6Pieces& pieces, std::string* out) {
  std::size_t gap = pieces.size();
  std::size_t gap_length = 1;  // A single zero is no gap.
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::size_t end = i;
    while (end < pieces.size() && pieces[end] == 0) ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
    i = std::max(i, end);
  }
  for (std::size_t i = 0; i < pieces.size();) {
    if (i == gap) {
      out->append(i == 0 ? "::" : ":");
      i += gap_length;
      continue;
    }
    AppendNumber(pieces[i++], 16, out);
    if (i < pieces.size()) out->push_back(':');
  }
}

}  // namespace thresh
