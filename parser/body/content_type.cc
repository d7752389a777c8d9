#include "parser/body/content_type.h"

#include <algorithm>
#include <optional>
#include <string>

#include "parser/body/ascii.h"

namespace thresh::body {
namespace {

bool IsTokenChar(char c) {
  const bool is_digit = c >= '0' && c <= '9';
  return IsAlpha(c) || is_digit ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

// "HTTP quoted-string token code points": no control characters but tab.
bool IsParameterValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto b = static_cast<unsigned char>(c);
    return b == '\t' || (b >= 0x20 && b != 0x7F);
  });
}

struct MimeType {
  std::string_view essence;
  std::optional<std::string> charset;  // The label.
};

class MimeParser {
 public:
  explicit MimeParser(std::string_view text) : rest_(Trim(text)) {}

  std::optional<MimeType> Parse() {
    const std::string_view essence = Trim(TakeUntil(";"));
    const std::size_t slash = essence.find('/');
    if (slash == std::string_view::npos || !IsToken(essence.substr(0, slash)) ||
        !IsToken(essence.substr(slash + 1))) {
      return std::nullopt;
    }
    MimeType type{.essence = essence};
    while (!rest_.empty()) {
      rest_.remove_prefix(1);  // The semicolon.
      ReadParameter(&type);
    }
    return type;
  }

 private:
  std::string_view TakeUntil(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void ReadParameter(MimeType* type) {
    while (!rest_.empty() && IsSpace(rest_.front())) rest_.remove_prefix(1);
    const std::string_view name = TakeUntil(";=");
    if (rest_.empty() || rest_.front() == ';') return;
    rest_.remove_prefix(1);
    std::string value;
    if (!rest_.empty() && rest_.front() == '"') {
      value = TakeQuoted();
      TakeUntil(";");
    } else {
      value = Trim(TakeUntil(";"));
      if (value.empty()) return;
    }
    if (!type->charset && EqualsIgnoreCase(name, "charset") && IsParameterValue(value)) {
      type->charset = std::move(value);
    }
  }

  // "Collect an HTTP quoted string", its value.
  std::string TakeQuoted() {
    std::string value;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      value.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
};

// The first of a list of types: up to a comma outside of quotes, which is taken away with it.
std::string_view TakeListed(std::string_view* list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list->size() && (quoted || (*list)[end] != ','); ++end) {
    if ((*list)[end] == '"') quoted = !quoted;
    if (quoted && (*list)[end] == '\\') ++end;
  }
  end = std::min(end, list->size());
  const std::string_view first = list->substr(0, end);
  list->remove_prefix(std::min(end + 1, list->size()));
  return first;
}

}  // namespace

const Charset* CharsetOfContentType(std::string_view value) {
  std::string_view essence;
  std::optional<std::string> charset;
  while (!value.empty()) {
    std::optional<MimeType> type = MimeParser(TakeListed(&value)).Parse();
    if (!type || type->essence == "*/*") continue;
    const bool is_other = !EqualsIgnoreCase(type->essence, essence);
    essence = type->essence;
    if (is_other || type->charset) charset = std::move(type->charset);
  }
  return charset ? FindCharset(*charset) : nullptr;
}

}  // namespace thresh::body
