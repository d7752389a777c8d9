// Transforms of numbers, URLs and encoded data.

#include <algorithm>
#include <cmath>

#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "lib/url/percent.h"
#include "parser/json/write.h"
#include "parser/transform/ascii.h"
#include "parser/transform/decimal.h"
#include "parser/transform/functions.h"
#include "parser/transform/number.h"
#include "parser/transform/tools.h"

namespace thresh::transforms {
namespace {

bool KeepNumber(double value, PipeMemory& memory, std::string_view* out) {
  if (!std::isfinite(value)) return false;
  std::string& text = memory.Scratch();
  AppendPlainNumber(value, &text);
  *out = memory.Keep(text);
  return true;
}

bool Keep(const Decimal& number, PipeMemory& memory, std::string_view* out) {
  std::string& text = memory.Scratch();
  number.AppendTo(&text);
  *out = memory.Keep(text);
  return true;
}

// `+` as a space, then percent-decoding: a form's coding (WHATWG URL 5.1).
std::string DecodeForm(std::string_view text) {
  std::string plus(text);
  for (char& c : plus) c = c == '+' ? ' ' : c;
  return PercentDecode(plus);
}

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

bool DecodeBase64(std::string_view in, std::string* out) {
  std::uint32_t bits = 0;
  int count = 0;
  bool ended = false;
  for (const char c : in) {
    if (IsAsciiSpace(c)) continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int digit = Base64Digit(c);
    if (digit < 0 || ended) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return count < 6;
}

}  // namespace

bool Digits(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  std::string& digits = memory.Scratch();
  for (const char c : in) {
    if (IsAsciiDigit(c)) digits.push_back(c);
  }
  *out = memory.Keep(digits);
  return !digits.empty();
}

bool Number(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const auto number = FindPlainNumber(in);
  if (!number) return false;
  if (const auto decimal = Decimal::Read(number->View())) return Keep(*decimal, memory, out);
  const auto rounded = ToNumber(number->View());
  return rounded && KeepNumber(*rounded, memory, out);
}

bool Multiply(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const auto number = ToPlainNumber(in);
  if (!number) return false;
  const auto decimal = Decimal::Read(number->View());
  const auto factor = Decimal::Of(step.number);
  if (decimal && factor) {
    if (const auto product = decimal->Times(*factor)) return Keep(*product, memory, out);
  }
  const auto rounded = ToNumber(in);
  return rounded && KeepNumber(*rounded * step.number, memory, out);
}

bool Round(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const auto number = ToPlainNumber(in);
  if (!number) return false;
  const auto places =
      static_cast<int>(std::clamp<std::int64_t>(step.integer[0].value_or(0), -30, 30));
  const auto decimal = Decimal::Read(number->View());
  if (decimal) return Keep(decimal->Rounded(places), memory, out);
  const auto rounded = ToNumber(in);
  return rounded && KeepNumber(*rounded, memory, out);
}

bool AbsoluteUrl(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const Url* const base = memory.base();
  if (base == nullptr) return false;
  const Result<const Url*> url = memory.tools().url.Parse(in, base);
  if (!url) return false;
  *out = memory.Keep((*url)->href());
  return true;
}

bool QueryParam(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  in = in.substr(0, in.find('#'));
  const std::size_t question = in.find('?');
  if (question == std::string_view::npos) return false;
  std::string_view query = in.substr(question + 1);
  while (!query.empty() && memory.work().Spend(1)) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (DecodeForm(pair.substr(0, equals)) != step.text[0]) continue;
    const std::string value =
        equals == std::string_view::npos ? "" : DecodeForm(pair.substr(equals + 1));
    *out = memory.Keep(IsUtf8(value) ? value : RepairUtf8(value));
    return true;
  }
  return false;
}

bool UrlDecode(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = memory.Keep(RepairUtf8(PercentDecode(in)));
  return true;
}

bool UrlEncode(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = memory.Keep(PercentEncodeComponent(in));
  return true;
}

bool Base64Decode(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  std::string decoded;
  if (!DecodeBase64(in, &decoded)) return false;
  *out = memory.Keep(RepairUtf8(decoded));
  return true;
}

bool Json(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const Result<simdjson::dom::element> root = memory.tools().json.ParseOfPage(in);
  if (!root) return false;
  const auto found = step.path->SelectFirst(*root, memory.work());
  if (!found || found->is_null()) return false;
  std::string& text = memory.Scratch();
  json::AppendText(*found, &text);
  *out = memory.Keep(text);
  return true;
}

}  // namespace thresh::transforms
