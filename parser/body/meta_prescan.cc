#include "parser/body/meta_prescan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "parser/body/ascii.h"

namespace thresh::body {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Whoever could read the declaration is not reading UTF-16.
const Charset* AsciiCompatible(const Charset* charset) {
  if (charset == nullptr) return nullptr;
  const bool is_utf16 = charset->family == Family::kUtf16Be || charset->family == Family::kUtf16Le;
  return is_utf16 ? FindCharset("utf-8") : charset;
}

// The beginning of `<?x` in UTF-16.
const Charset* Utf16Declaration(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("<\0?\0x\0"sv)) return FindCharset("utf-16le");
  if (head.starts_with("\0<\0?\0x"sv)) return FindCharset("utf-16be");
  return nullptr;
}

std::size_t FindIgnoreCase(std::string_view text, std::string_view wanted, std::size_t from) {
  for (std::size_t at = from; at + wanted.size() <= text.size(); ++at) {
    if (EqualsIgnoreCase(text.substr(at, wanted.size()), wanted)) return at;
  }
  return kNone;
}

// Names and values are views: their case does not matter to whoever looks at them.
struct Attribute {
  std::string_view name, value;
};

// What the attributes of one `<meta>` say, each counted once.
class MetaTag {
 public:
  void Take(const Attribute& a) {
    if (EqualsIgnoreCase(a.name, "http-equiv") && First(&seen_http_equiv_)) {
      got_pragma_ = EqualsIgnoreCase(a.value, "content-type");
    } else if (EqualsIgnoreCase(a.name, "content") && First(&seen_content_)) {
      const Charset* const charset = CharsetInMetaContent(a.value);
      if (charset == nullptr || seen_charset_ || need_pragma_) return;
      charset_ = charset;
      need_pragma_ = true;
    } else if (EqualsIgnoreCase(a.name, "charset") && First(&seen_charset_)) {
      charset_ = FindCharset(a.value);
      need_pragma_ = false;
    }
  }

  [[nodiscard]] const Charset* charset() const {
    if (charset_ == nullptr || (need_pragma_ && !got_pragma_)) return nullptr;
    if (charset_->family == Family::kUserDefined) return FindCharset("windows-1252");
    return AsciiCompatible(charset_);
  }

 private:
  static bool First(bool* seen) { return !std::exchange(*seen, true); }

  const Charset* charset_ = nullptr;
  bool need_pragma_ = false, got_pragma_ = false;
  bool seen_http_equiv_ = false, seen_content_ = false, seen_charset_ = false;
};

class Prescan {
 public:
  explicit Prescan(std::string_view head) : head_(head) {}

  // Null at the end of the bytes.
  const Charset* Run() {
    for (; !ended(); ++at_) {
      at_ = head_.find('<', at_);
      if (ended()) break;
      if (StartsWith("<!--")) {
        SkipComment();
      } else if (IsMeta()) {
        at_ += 5;
        if (const Charset* charset = ReadMeta()) return charset;
      } else if (IsTag()) {
        SkipTag();
      } else if (StartsWith("<!") || StartsWith("</") || StartsWith("<?")) {
        at_ = head_.find('>', at_);
      }
      if (ended()) break;
    }
    return nullptr;
  }

 private:
  [[nodiscard]] bool ended() const noexcept { return at_ >= head_.size(); }
  [[nodiscard]] char now() const { return head_[at_]; }
  [[nodiscard]] char At(std::size_t at) const { return at < head_.size() ? head_[at] : '\0'; }
  [[nodiscard]] bool StartsWith(std::string_view text) const {
    return head_.substr(at_).starts_with(text);
  }

  [[nodiscard]] bool IsMeta() const {
    const char after = At(at_ + 5);
    return EqualsIgnoreCase(head_.substr(at_, 5), "<meta") && (IsSpace(after) || after == '/');
  }

  [[nodiscard]] bool IsTag() const {
    return IsAlpha(At(at_ + 1)) || (At(at_ + 1) == '/' && IsAlpha(At(at_ + 2)));
  }

  // The hyphens of `<!--` may be those of `-->`.
  void SkipComment() {
    at_ = head_.find("-->", at_ + 2);
    if (at_ != kNone) at_ += 2;
  }

  void SkipTag() {
    while (!ended() && !IsSpace(now()) && now() != '>') ++at_;
    while (GetAttribute()) {
    }
  }

  // Null if the tag names no encoding, and if the bytes end in it.
  const Charset* ReadMeta() {
    MetaTag meta;
    while (const auto attribute = GetAttribute()) meta.Take(*attribute);
    return ended() ? nullptr : meta.charset();
  }

  // "Get an attribute"; nullopt at the tag's end or the bytes'.
  std::optional<Attribute> GetAttribute() {
    while (!ended() && (IsSpace(now()) || now() == '/')) ++at_;
    if (ended() || now() == '>') return std::nullopt;
    const std::size_t begin = at_;
    while (!ended() && !IsSpace(now()) && now() != '/' && now() != '>' &&
           (now() != '=' || at_ == begin)) {
      ++at_;
    }
    Attribute attribute{.name = head_.substr(begin, at_ - begin)};
    SkipSpaces();
    if (!ended() && now() == '=') {
      ++at_;
      SkipSpaces();
      attribute.value = ReadValue();
    }
    if (ended()) return std::nullopt;
    return attribute;
  }

  std::string_view ReadValue() {
    if (ended() || now() == '>') return {};
    if (const char quote = now(); quote == '"' || quote == '\'') {
      const std::size_t begin = ++at_;
      at_ = head_.find(quote, at_);
      if (ended()) return {};
      return head_.substr(begin, at_++ - begin);
    }
    const std::size_t begin = at_;
    while (!ended() && !IsSpace(now()) && now() != '>') ++at_;
    return head_.substr(begin, at_ - begin);
  }

  void SkipSpaces() {
    while (!ended() && IsSpace(now())) ++at_;
  }

  const std::string_view head_;
  std::size_t at_ = 0;
};

}  // namespace

const Charset* CharsetInMetaContent(std::string_view content) {
  constexpr std::string_view kWord = "charset";
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < content.size() && IsSpace(content[at])) ++at;
  };
  do {
    at = FindIgnoreCase(content, kWord, at);
    if (at == kNone) return nullptr;
    at += kWord.size();
    skip_spaces();
  } while (at >= content.size() || content[at] != '=');
  ++at;
  skip_spaces();
  if (at >= content.size()) return nullptr;
  if (const char quote = content[at]; quote == '"' || quote == '\'') {
    const std::size_t end = content.find(quote, at + 1);
    return end == kNone ? nullptr : FindCharset(content.substr(at + 1, end - at - 1));
  }
  std::size_t end = at;
  while (end < content.size() && !IsSpace(content[end]) && content[end] != ';') ++end;
  return FindCharset(content.substr(at, end - at));
}

const Charset* PrescanXml(std::string_view head) {
  if (const Charset* utf16 = Utf16Declaration(head)) return utf16;
  if (!head.starts_with("<?xml")) return nullptr;
  const std::size_t declaration_end = head.find('>');
  if (declaration_end == kNone) return nullptr;
  const std::string_view declaration = head.substr(0, declaration_end);
  std::size_t at = declaration.find("encoding");
  if (at == kNone) return nullptr;
  at += std::string_view("encoding").size();
  const auto skip_blanks = [&] {
    while (at < declaration.size() && static_cast<unsigned char>(declaration[at]) <= ' ') ++at;
  };
  skip_blanks();
  if (at >= declaration.size() || declaration[at] != '=') return nullptr;
  ++at;
  skip_blanks();
  if (at >= declaration.size() || (declaration[at] != '"' && declaration[at] != '\'')) {
    return nullptr;
  }
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == kNone) return nullptr;
  const std::string_view label = declaration.substr(at + 1, end - at - 1);
  const bool has_blank = std::any_of(label.begin(), label.end(),
                                     [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  return has_blank ? nullptr : AsciiCompatible(FindCharset(label));
}

const Charset* PrescanHtml(std::string_view head) {
  if (const Charset* utf16 = Utf16Declaration(head)) return utf16;
  if (const Charset* charset = Prescan(head).Run()) return charset;
  return PrescanXml(head);
}

}  // namespace thresh::body
