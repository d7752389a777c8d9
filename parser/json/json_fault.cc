#include "parser/json/json_fault.h"

#include "lib/text/json.h"
#include "lib/text/text_place.h"
#include "lib/text/utf8.h"

namespace thresh {
namespace {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  std::optional<JsonFault> Run() {
    while (fault_.detail.empty() && Value() && AfterValue()) {
    }
    return fault_.detail.empty() ? std::nullopt : std::optional(fault_);
  }

 private:
  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool AtDigit() const { return Peek() >= '0' && Peek() <= '9'; }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\n' || Peek() == '\t' || Peek() == '\r') ++at_;
  }

  bool Expected(std::string_view what) {
    fault_ = {at_, "expected " + std::string(what) + ", found " + Found()};
    return false;
  }

  [[nodiscard]] std::string Found() const {
    if (at_ >= text_.size()) return "the end";
    const Utf8Char c = DecodeUtf8(text_, at_);
    if (!c.valid) return "a byte that is no UTF-8";
    return JsonString(text_.substr(at_, c.length));
  }

  // A scalar, an empty array or object, or the beginning of another value's container. False
  // after a fault.
  bool Value() {
    for (;;) {
      SkipSpace();
      if (Take('{')) {
        SkipSpace();
        if (Take('}')) return true;
        open_ += '{';
        if (!Key()) return false;
      } else if (Take('[')) {
        SkipSpace();
        if (Take(']')) return true;
        open_ += '[';
      } else {
        return Scalar();
      }
    }
  }

  bool Scalar() {
    if (Peek() == '"') return String();
    if (Peek() == '-' || AtDigit()) return Number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return true;
    }
    return Expected("a value");
  }

  // Closes what ends here. True if another value must follow.
  bool AfterValue() {
    for (;;) {
      SkipSpace();
      if (open_.empty()) return at_ < text_.size() ? Expected("the end") : false;
      const bool object = open_.back() == '{';
      if (Take(',')) return !object || Key();
      if (!Take(object ? '}' : ']')) return Expected(object ? "\",\" or \"}\"" : "\",\" or \"]\"");
      open_.pop_back();
    }
  }

  bool Key() {
    SkipSpace();
    if (Peek() != '"') return Expected("a key in double quotes");
    if (!String()) return false;
    SkipSpace();
    return Take(':') || Expected("\":\"");
  }

  bool String() {
    ++at_;
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte == '\\') {
        if (!Escape()) return false;
      } else if (byte < 0x20) {
        return Expected("an escape such as \\n");
      } else {
        const Utf8Char c = DecodeUtf8(text_, at_);
        if (!c.valid) return Expected("UTF-8");
        at_ += c.length;
      }
    }
    return Expected("\"");
  }

  bool Escape() {
    ++at_;
    if (Take('u')) return HexDigits();
    if (at_ < text_.size() && std::string_view("\"\\/bfnrt").find(Peek()) != std::string::npos) {
      ++at_;
      return true;
    }
    return Expected("one of \" \\ / b f n r t u after \\");
  }

  bool HexDigits() {
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = Peek();
      const bool hex = AtDigit() || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!hex) return Expected("four hexadecimal digits after \\u");
    }
    return true;
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits("a digit")) return false;
    if (Take('.') && !Digits("a digit after \".\"")) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      return Digits("a digit of the exponent");
    }
    return true;
  }

  bool Digits(std::string_view what) {
    if (!AtDigit()) return Expected(what);
    while (AtDigit()) ++at_;
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;  // Brackets not closed yet.
  JsonFault fault_;
};

}  // namespace

std::optional<JsonFault> FindJsonFault(std::string_view text) {
  return JsonScanner(text).Run();
}

Error WithPlace(const Error& error, std::string_view text, std::uint64_t line) {
  if (error.code != Errc::kInvalid) return error;
  const auto fault = FindJsonFault(text);
  if (!fault) return error;
  const TextPlace place = PlaceOf(text, fault->offset);
  return {error.code, "line " + std::to_string(place.line + line - 1) + ", column " +
                          std::to_string(place.column) + ": " + fault->detail};
}

}  // namespace thresh
