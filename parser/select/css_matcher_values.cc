// What markup says about the values of controls: :blank, :indeterminate, :in-range, :out-of-range.
// A page at rest has those that it begins with
// (https://html.spec.whatwg.org/multipage/semantics-other.html#pseudo-classes).

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/select/css_forms.h"
#include "parser/select/css_matcher.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::Known;
using html::Node;
using html::NodeId;

bool IsBlank(std::string_view text) {
  for (const char c : text) {
    if (!html::IsSpace(c)) return false;
  }
  return true;
}

// Reads dates and times of controls, digit by digit; each read is false if the text is none.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // `digits` of them, a value from `least` to `most`.
  bool Read(std::size_t digits, int least, int most, int* value) {
    if (text_.size() < digits) return false;
    int read = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!html::IsDigit(text_[i])) return false;
      read = read * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    *value = read;
    return read >= least && read <= most;
  }
  bool Skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

 private:
  std::string_view text_;
};

// Days, as if each month had 31: good for comparing.
bool ReadDate(Cursor& text, double* days) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = 0, month = 0, day = 0;
  if (!text.Read(4, 1, 9999, &year) || !text.Skip('-') || !text.Read(2, 1, 12, &month) ||
      !text.Skip('-') || !text.Read(2, 1, 31, &day)) {
    return false;
  }
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  *days = (year * 12 + month - 1) * 31 + day;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Seconds: `hh:mm`, maybe `:ss`, maybe a fraction of up to three digits.
bool ReadTime(Cursor& text, double* seconds) {
  int hour = 0, minute = 0, second = 0, digit = 0;
  if (!text.Read(2, 0, 23, &hour) || !text.Skip(':') || !text.Read(2, 0, 59, &minute)) return false;
  if (text.Skip(':') && !text.Read(2, 0, 59, &second)) return false;
  *seconds = hour * 3600 + minute * 60 + second;
  if (!text.Skip('.')) return true;
  double part = 0.1;
  for (int digits = 0; !text.at_end() && digits < 3; ++digits, part /= 10) {
    if (!text.Read(1, 0, 9, &digit)) return false;
    *seconds += digit * part;
  }
  return true;
}

std::optional<double> ReadNumber(std::string_view text) {
  if (text.empty() || !(html::IsDigit(text[0]) || text[0] == '-' || text[0] == '.')) return {};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value - value == 0 ? std::optional(value) : std::nullopt;
}

// The value as a number that grows with it; nullopt for none, and for what is no such value.
std::optional<double> ReadValue(std::string_view type, std::string_view text) {
  constexpr double kDay = 86400;
  const auto is = [type](std::string_view name) { return html::EqualsIgnoreCase(type, name); };
  if (is("number")) return ReadNumber(text);
  Cursor cursor(text);
  double value = 0, time = 0;
  int year = 0, part = 0;
  bool read = false;
  if (is("date")) {
    read = ReadDate(cursor, &value);
  } else if (is("time")) {
    read = ReadTime(cursor, &value);
  } else if (is("datetime-local")) {
    read = ReadDate(cursor, &value) && (cursor.Skip('T') || cursor.Skip(' ')) &&
           ReadTime(cursor, &time);
    value = value * kDay + time;
  } else if (is("month")) {
    read = cursor.Read(4, 1, 9999, &year) && cursor.Skip('-') && cursor.Read(2, 1, 12, &part);
    value = year * 12 + part;
  } else if (is("week")) {
    read = cursor.Read(4, 1, 9999, &year) && cursor.Skip('-') && cursor.Skip('W') &&
           cursor.Read(2, 1, 53, &part);
    value = year * 53 + part;
  }
  return read && cursor.at_end() ? std::optional(value) : std::nullopt;
}

}  // namespace

bool CssMatcher::MatchValue(const Test& test, NodeId element, const Node& node) const {
  if (node.ns != html::Namespace::kHtml) return false;
  if (test.kind == TestKind::kBlank) return IsBlankControl(element);
  if (test.kind == TestKind::kIndeterminate) return IsIndeterminate(element);
  const std::optional<bool> within = IsInRange(element);
  return within && *within == (test.kind == TestKind::kInRange);
}

// Something to type or pick in that has nothing in it.
bool CssMatcher::IsBlankControl(NodeId element) const {
  const Node& node = tree_.node(element);
  if (node.name == Known("textarea")) {
    for (NodeId id = node.first_child; id != kNoNode; id = tree_.node(id).next_sibling) {
      if (!work_.Spend(1) || !IsBlank(tree_.node(id).text)) return false;
    }
    return true;
  }
  if (node.name != Known("input")) return false;
  const std::string_view type = TypeOf(node);
  if (IsOneOf(type, kButtonTypes) || IsOneOf(type, kPickedTypes) || IsOneOf(type, kToggleTypes)) {
    return false;
  }
  return html::EqualsIgnoreCase(type, "file") ||
         IsBlank(Find(node, program_.names.value).value_or(""));
}

// Progress without a value, and a radio button of whose group none is checked.
bool CssMatcher::IsIndeterminate(NodeId element) const {
  const Node& node = tree_.node(element);
  if (node.name == program_.names.progress) return !Has(node, program_.names.value);
  if (!IsRadio(node) || IsChecked(node)) return false;
  const std::string_view group = Find(node, Known("name")).value_or("");
  if (group.empty()) return true;
  const NodeId form = FormOf(element);
  for (NodeId id = 0; id < tree_.size(); ++id) {
    if (!work_.Spend(1)) return false;
    const Node& other = tree_.node(id);
    if (IsRadio(other) && IsChecked(other) && Find(other, Known("name")) == group &&
        FormOf(id) == form) {
      return false;
    }
  }
  return !work_.exhausted();
}

bool CssMatcher::IsRadio(const Node& node) const {
  return IsHtml(node, Known("input")) && html::EqualsIgnoreCase(TypeOf(node), "radio");
}

// Nullopt for what has no limits, or is not looked at when its form is sent.
std::optional<bool> CssMatcher::IsInRange(NodeId element) const {
  const Node& node = tree_.node(element);
  if (node.name != Known("input") || Has(node, program_.names.readonly) || IsDisabled(element)) {
    return std::nullopt;
  }
  const std::string_view type = TypeOf(node);
  if (html::EqualsIgnoreCase(type, "range")) return true;  // A slider stays within its ends.
  const auto read = [&](html::Atom attribute) {
    return ReadValue(type, Find(node, attribute).value_or(""));
  };
  const auto least = read(program_.names.min), most = read(program_.names.max);
  if (!least && !most) return std::nullopt;
  for (NodeId up = node.parent; up != kNoNode && work_.Spend(1); up = tree_.node(up).parent) {
    if (IsHtml(tree_.node(up), program_.names.datalist)) return std::nullopt;
  }
  const auto value = read(program_.names.value);
  if (!value) return true;
  const bool below = least && *value < *least, above = most && *value > *most;
  const bool around = html::EqualsIgnoreCase(type, "time") && least && most && *least > *most;
  return around ? !(below && above) : !below && !above;  // From 22:00 to 06:00 is over midnight.
}

}  // namespace thresh::select::css
