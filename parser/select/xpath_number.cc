#include "parser/select/xpath_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <system_error>

#include "lib/text/json.h"
#include "parser/html/ascii.h"

namespace thresh::select {
namespace {

constexpr std::int64_t kFarExponent = 1'000'000'000;

bool IsXmlSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsXmlSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsXmlSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Digits, or digits with one point somewhere.
bool IsNumber(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto digits = [&](std::size_t from, std::size_t to) {
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                       text.begin() + static_cast<std::ptrdiff_t>(to), html::IsDigit);
  };
  const bool has_digit = text.size() > (point < text.size() ? 1U : 0U);
  return has_digit && digits(0, point) && (point == text.size() || digits(point + 1, text.size()));
}

// Whether digits that no double can hold are too many rather than too small.
bool IsHuge(std::string_view digits) {
  const std::size_t e = std::min(digits.find_first_of("eE"), digits.size());
  std::int64_t exponent = 0;
  bool negative = false;
  for (char c : digits.substr(e)) {
    negative = negative || c == '-';
    if (html::IsDigit(c)) exponent = std::min(exponent * 10 + (c - '0'), kFarExponent);
  }
  if (negative) exponent = -exponent;
  const std::string_view mantissa = digits.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > 0;
}

}  // namespace

double XPathLiteralNumber(std::string_view digits) {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc::result_out_of_range) return number;
  return IsHuge(digits) ? std::numeric_limits<double>::infinity() : 0;
}

double ParseXPathNumber(std::string_view text) {
  text = Trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (!IsNumber(text)) return std::numeric_limits<double>::quiet_NaN();
  const double number = XPathLiteralNumber(text);
  return negative ? -number : number;
}

void AppendXPathNumber(double number, std::string* out) {
  if (std::isnan(number)) {
    out->append("NaN");
  } else if (std::isinf(number)) {
    out->append(number < 0 ? "-Infinity" : "Infinity");
  } else {
    AppendPlainNumber(number, out);
  }
}

double XPathRound(double number) {
  const double below = std::floor(number);
  const double rounded = number - below >= 0.5 ? below + 1 : below;
  return std::copysign(rounded, number);  // Only a zero can differ. NaN and infinities stay.
}

}  // namespace thresh::select
