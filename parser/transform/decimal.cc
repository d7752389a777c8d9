#include "parser/transform/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "parser/transform/ascii.h"

namespace thresh {
namespace {

constexpr int kMostDigits = 37;  // All of them fit into 128 bits, with room to round up.
constexpr int kMostPlaces = 30;

}  // namespace

std::optional<Decimal> Decimal::Read(std::string_view plain) {
  Decimal read;
  if (plain.starts_with('-')) {
    read.negative_ = true;
    plain.remove_prefix(1);
  }
  int digits = 0;
  bool any = false;
  bool behind_point = false;
  for (; !plain.empty(); plain.remove_prefix(1)) {
    if (plain[0] == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!IsAsciiDigit(plain[0])) break;
    any = true;
    digits += digits > 0 || plain[0] != '0' ? 1 : 0;
    if (digits > kMostDigits) return std::nullopt;
    read.digits_ = read.digits_ * 10 + static_cast<unsigned>(plain[0] - '0');
    read.places_ += behind_point ? 1 : 0;
  }
  int exponent = 0;
  if (!plain.empty() && ToAsciiLower(plain[0]) == 'e') {
    plain.remove_prefix(plain.starts_with("e+") || plain.starts_with("E+") ? 2 : 1);
    const char* const end = plain.data() + plain.size();
    const auto done = std::from_chars(plain.data(), end, exponent);
    if (done.ec != std::errc{} || std::abs(exponent) > 2 * kMostPlaces) return std::nullopt;
    plain.remove_prefix(static_cast<std::size_t>(done.ptr - plain.data()));
  }
  read.places_ -= exponent;
  if (!any || !plain.empty() || std::abs(read.places_) > kMostPlaces) return std::nullopt;
  return read;
}

std::optional<Decimal> Decimal::Of(double value) {
  std::array<char, 40> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return Read({text.data(), static_cast<std::size_t>(end.ptr - text.data())});
}

std::optional<Decimal> Decimal::Times(const Decimal& other) const {
  Decimal product;
  product.negative_ = negative_ != other.negative_;
  product.places_ = places_ + other.places_;
  if (__builtin_mul_overflow(digits_, other.digits_, &product.digits_)) return std::nullopt;
  return product;
}

Decimal Decimal::Rounded(int places) const {
  Decimal rounded = *this;
  bool up = false;
  for (; rounded.places_ > places; --rounded.places_) {
    up = rounded.digits_ % 10 >= 5;
    rounded.digits_ /= 10;
  }
  if (up) ++rounded.digits_;
  return rounded;
}

void Decimal::AppendTo(std::string* out) const {
  std::array<char, 48> digits;  // From the last one on.
  std::size_t count = 0;
  Digits rest = digits_;
  int places = places_;
  for (; rest != 0 && places > 0 && rest % 10 == 0; --places) rest /= 10;
  if (rest == 0) {
    out->push_back('0');
    return;
  }
  for (; rest != 0; rest /= 10)
    digits[count++] = static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative_) out->push_back('-');
  const auto behind = static_cast<std::size_t>(std::max(places, 0));
  if (count <= behind) {
    out->append("0.");
    out->append(behind - count, '0');
  }
  for (std::size_t left = count; left > 0; --left) {
    if (left == behind && count > behind) out->push_back('.');
    out->push_back(digits[left - 1]);
  }
  if (places < 0) out->append(static_cast<std::size_t>(-places), '0');
}

}  // namespace thresh
