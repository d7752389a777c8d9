#include "lib/config/option.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "lib/base/duration.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

// The larger ones first, those of 1,024 before those of 1,000: what people are shown.
constexpr std::array kByteUnits{Unit{"TiB", std::uint64_t{1} << 40},
                                Unit{"GiB", std::uint64_t{1} << 30},
                                Unit{"MiB", std::uint64_t{1} << 20},
                                Unit{"KiB", std::uint64_t{1} << 10},
                                Unit{"TB", 1'000'000'000'000},
                                Unit{"GB", 1'000'000'000},
                                Unit{"MB", 1'000'000},
                                Unit{"kB", 1'000},
                                Unit{"B", 1}};
constexpr std::array kShownTimes{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                 Unit{"s", 1'000}};
constexpr std::size_t kShownBytes = 200;  // Of what was found.

std::vector<std::string_view> PartedBy(char mark, std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(mark), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// A number at the beginning, and what stands behind it and maybe a space.
std::optional<std::pair<std::uint64_t, std::string_view>> NumberAndUnit(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (text.size() > 1 && text.front() == ' ') text.remove_prefix(1);
  return std::pair(number, text);
}

std::optional<std::uint64_t> Bytes(std::string_view text) {
  const auto read = NumberAndUnit(text);
  if (!read) return std::nullopt;
  const auto& [number, unit] = *read;
  if (unit.empty()) return number;
  for (const Unit& known : kByteUnits) {
    if (unit != known.name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / known.size) return std::nullopt;
    return number * known.size;
  }
  return std::nullopt;
}

// In units of `own_ms`; a number alone is one of those.
std::optional<std::uint64_t> Time(std::string_view text, std::uint64_t own_ms) {
  const auto read = NumberAndUnit(text);
  if (!read) return std::nullopt;
  if (read->second.empty()) return read->first;
  const auto duration = ParseDuration(std::to_string(read->first).append(read->second));
  if (!duration) return std::nullopt;
  const auto ms = static_cast<std::uint64_t>(duration->count());
  return ms % own_ms == 0 ? std::optional(ms / own_ms) : std::nullopt;
}

std::optional<std::uint64_t> Number(const Option& option, std::string_view text) {
  switch (option.kind) {
    case OptionKind::kBytes: return Bytes(text);
    case OptionKind::kMilliseconds: return Time(text, 1);
    case OptionKind::kSeconds: return Time(text, 1000);
    default: break;
  }
  const auto read = NumberAndUnit(text);
  return read && read->second.empty() ? std::optional(read->first) : std::nullopt;
}

// What fits where it goes; of times, what ParseDuration() takes.
std::uint64_t MostOf(const Option& option) {
  constexpr auto kMostInt = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
  constexpr std::uint64_t kTenYears = std::uint64_t{3653} * 86'400;
  std::uint64_t most = option.most;
  if (std::holds_alternative<int*>(option.target)) most = std::min(most, kMostInt);
  if (option.kind == OptionKind::kSeconds) most = std::min(most, kTenYears);
  if (option.kind == OptionKind::kMilliseconds) most = std::min(most, kTenYears * 1000);
  return most;
}

std::string ShownNumber(const Option& option, std::uint64_t number) {
  std::string text = std::to_string(number);
  if (number == 0 || option.kind == OptionKind::kCount) return text;
  if (option.kind == OptionKind::kBytes) {
    for (std::size_t i = 0; i < 4; ++i) {
      const Unit& unit = kByteUnits[i];
      if (number % unit.size == 0) return std::to_string(number / unit.size).append(unit.name);
    }
    return text;
  }
  const std::uint64_t own_ms = option.kind == OptionKind::kSeconds ? 1000 : 1;
  for (const Unit& unit : kShownTimes) {
    if (number * own_ms % unit.size != 0) continue;
    return std::to_string(number * own_ms / unit.size).append(unit.name);
  }
  return text;
}

Error Unexpected(const Option& option, std::string_view found) {
  return {
      Errc::kInvalid,
      "expected " + Expected(option) + ", found " +
          (found.empty() ? "nothing" : "\"" + std::string(found.substr(0, kShownBytes)) + "\"")};
}

Result<OptionValue> CheckedText(const Option& option, std::string_view text) {
  const bool one_line =
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  const bool may_be_empty = !option.unset.empty() || IsList(option);
  if (!one_line || (text.empty() && !may_be_empty)) return Unexpected(option, text);
  if (option.kind == OptionKind::kChoice) {
    const std::vector<std::string_view> words = PartedBy(' ', option.choices);
    if (std::find(words.begin(), words.end(), text) == words.end()) {
      Error error = Unexpected(option, text);
      error.detail += DidYouMean(text, words);
      return error;
    }
  }
  return OptionValue(std::string(text));
}

// As a TOML basic string: no option has control characters.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

Result<OptionValue> ParseValue(const Option& option, std::string_view text) {
  if (option.kind == OptionKind::kBool) {
    if (text != "true" && text != "false") return Unexpected(option, text);
    return OptionValue(text == "true");
  }
  if (!IsNumber(option)) return CheckedText(option, text);
  const auto number = Number(option, text);
  if (!number || *number < option.least || *number > MostOf(option)) {
    return Unexpected(option, text);
  }
  return OptionValue(*number);
}

Result<OptionValue> CheckNumber(const Option& option, std::int64_t number) {
  const auto positive = static_cast<std::uint64_t>(number);
  if (number < 0 || positive < option.least || positive > MostOf(option)) {
    return Error{Errc::kInvalid,
                 "expected " + Expected(option) + ", found " + std::to_string(number)};
  }
  return OptionValue(positive);
}

void SetValue(const Option& option, const OptionValue& value) {
  if (const auto* flag = std::get_if<bool*>(&option.target)) {
    **flag = std::get<bool>(value);
  } else if (const auto* narrow = std::get_if<int*>(&option.target)) {
    **narrow = static_cast<int>(std::get<std::uint64_t>(value));
  } else if (const auto* number = std::get_if<std::uint64_t*>(&option.target)) {
    **number = std::get<std::uint64_t>(value);
  } else if (const auto* text = std::get_if<std::string*>(&option.target)) {
    **text = std::get<std::string>(value);
  } else {
    *std::get<std::vector<std::string>*>(option.target) = std::get<std::vector<std::string>>(value);
  }
}

OptionValue ValueOf(const Option& option) {
  if (const auto* flag = std::get_if<bool*>(&option.target)) return **flag;
  if (const auto* narrow = std::get_if<int*>(&option.target)) {
    return static_cast<std::uint64_t>(**narrow);
  }
  if (const auto* number = std::get_if<std::uint64_t*>(&option.target)) return **number;
  if (const auto* text = std::get_if<std::string*>(&option.target)) return **text;
  return *std::get<std::vector<std::string>*>(option.target);
}

std::string TextOf(const Option& option) {
  const OptionValue value = ValueOf(option);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return ShownNumber(option, *number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string joined;
  for (const std::string& element : std::get<std::vector<std::string>>(value)) {
    joined += (joined.empty() ? "" : ", ") + element;
  }
  return joined;
}

std::string TomlOf(const Option& option) {
  const OptionValue value = ValueOf(option);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    const std::string text = ShownNumber(option, *number);
    const bool has_unit = text.find_first_not_of("0123456789") != std::string::npos;
    return has_unit ? Quoted(text) : text;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return Quoted(*text);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return TextOf(option);
  std::string array = "[";
  for (const std::string& element : *list) {
    array += (array.size() > 1 ? ", " : "") + Quoted(element);
  }
  return array + "]";
}

bool IsUnset(const Option& option) {
  return !option.unset.empty() && TextOf(option).empty();
}

std::string Expected(const Option& option) {
  switch (option.kind) {
    case OptionKind::kBool: return "true or false";
    case OptionKind::kText:
      return option.unset.empty() ? "a line of text" : "a line of text, or \"\"";
    case OptionKind::kPath: return option.unset.empty() ? "a path" : "a path, or \"\"";
    case OptionKind::kTexts: return "texts of one line";
    case OptionKind::kPaths: return "paths";
    case OptionKind::kChoice: {
      std::string words;
      const std::vector<std::string_view> choices = PartedBy(' ', option.choices);
      for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) words += i + 1 == choices.size() ? " or " : ", ";
        words += choices[i];
      }
      return words;
    }
    default: break;
  }
  std::string what = option.kind == OptionKind::kBytes ? "bytes such as 1048576 or \"1MiB\""
                     : option.kind == OptionKind::kMilliseconds
                         ? "milliseconds, or a time such as \"15s\""
                     : option.kind == OptionKind::kSeconds ? "seconds, or a time such as \"6h\""
                                                           : "a whole number";
  const bool bounded = option.most < static_cast<std::uint64_t>(std::numeric_limits<int>::max());
  if (option.least > 0) what += ", at least " + ShownNumber(option, option.least);
  if (bounded) what += ", at most " + ShownNumber(option, option.most);
  return what;
}

std::string_view TypeName(const Option& option) {
  switch (option.kind) {
    case OptionKind::kBool: return "BOOL";
    case OptionKind::kCount: return "COUNT";
    case OptionKind::kBytes: return "BYTES";
    case OptionKind::kMilliseconds:
    case OptionKind::kSeconds: return "TIME";
    case OptionKind::kChoice: return "WORD";
    case OptionKind::kPath:
    case OptionKind::kPaths: return "PATH";
    case OptionKind::kText:
    case OptionKind::kTexts: break;
  }
  return "TEXT";
}

std::vector<std::string_view> FlagsOf(const Option& option) {
  return PartedBy(',', option.flag);
}

std::vector<std::string_view> ExcludedBy(const Option& option) {
  return PartedBy(',', option.excludes);
}

}  // namespace thresh
