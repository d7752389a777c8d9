#include "parser/json/i_regexp.h"

#include <charconv>
#include <cstdio>
#include <vector>

#include <re2/re2.h>
#include <unicode/uchar.h>

#include "lib/text/utf8.h"

namespace thresh::json {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// As RE2 writes this character, outside classes and in them.
void AppendLiteral(std::string_view character, std::string* out) {
  const char c = character.front();
  const bool word = IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (word || static_cast<unsigned char>(c) >= 0x80) {
    out->append(character);
    return;
  }
  char hex[8];
  std::snprintf(hex, sizeof hex, "\\x{%02x}", static_cast<unsigned>(c));
  out->append(hex);
}

// The ranges of the general category C or Cn, which RE2 does not know as Unicode has them,
// or of all else. Surrogates are left out: no text has them.
struct Others {
  bool unassigned_only = false;
  bool complement = false;
  std::string* out = nullptr;

  static UBool OnRange(const void* context, UChar32 begin, UChar32 end,
                       UCharCategory type) noexcept {
    const auto* self = static_cast<const Others*>(context);
    const bool unassigned = type == U_UNASSIGNED;
    const bool other =
        unassigned || type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_PRIVATE_USE_CHAR;
    const bool in = self->unassigned_only ? unassigned : other;
    if (type == U_SURROGATE || in == self->complement) return 1;
    char range[40];
    std::snprintf(range, sizeof range, "\\x{%x}-\\x{%x}", static_cast<unsigned>(begin),
                  static_cast<unsigned>(end - 1));
    self->out->append(range);
    return 1;
  }
};

class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  std::optional<std::string> Run() {
    while (at_ < in_.size()) {
      if (!Piece()) return std::nullopt;
    }
    if (open_groups_ > 0) return std::nullopt;
    return std::move(out_);
  }

 private:
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool Done() const { return at_ >= in_.size(); }
  bool Take(char c) {
    if (Done() || in_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view TakeCharacter() {
    const std::string_view c = in_.substr(at_, DecodeUtf8(in_, at_).length);
    at_ += c.size();
    return c;
  }

  // An atom, a quantifier, or what stands between branches.
  bool Piece() {
    switch (Peek()) {
      case '(':
        ++at_;
        ++open_groups_;
        out_ += "(?:";
        after_atom_ = false;
        return true;
      case ')':
        if (open_groups_-- == 0) return false;
        ++at_;
        out_ += ')';
        after_atom_ = true;
        return true;
      case '|':
        ++at_;
        out_ += '|';
        after_atom_ = false;
        return true;
      case '*':
      case '+':
      case '?':
      case '{': return Quantifier();
      default: after_atom_ = true; return Atom();
    }
  }

  bool Atom() {
    switch (Peek()) {
      case '.':
        ++at_;
        out_ += "[^\\n\\r]";
        return true;
      case '[': return Class();
      case '\\': return AtCategory() ? Category(false) : SingleEscape();
      case '^':
      case '$': out_ += in_[at_++]; return true;  // See the header.
      case ']':
      case '}': return false;
      default: AppendLiteral(TakeCharacter(), &out_); return true;
    }
  }

  bool Quantifier() {
    if (!after_atom_) return false;
    after_atom_ = false;
    const char c = in_[at_++];
    out_ += c;
    if (c != '{') return true;
    if (!Count()) return false;
    if (Take(',')) {
      out_ += ',';
      if (IsDigit(Peek()) && !Count()) return false;
    }
    out_ += '}';
    return Take('}');
  }

  bool Count() {
    const std::size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    std::uint32_t count = 0;
    const auto read = std::from_chars(in_.data() + begin, in_.data() + at_, count);
    if (at_ == begin || read.ec != std::errc{}) return false;
    out_ += std::to_string(count);
    return true;
  }

  [[nodiscard]] bool AtCategory() const { return Peek(1) == 'p' || Peek(1) == 'P'; }

  bool SingleEscape() {
    static constexpr std::string_view kEscapable = "()*+-.?[\\]^{|}";
    ++at_;
    if (Done()) return false;
    const char c = in_[at_++];
    switch (c) {
      case 'n': AppendLiteral("\n", &out_); return true;
      case 'r': AppendLiteral("\r", &out_); return true;
      case 't': AppendLiteral("\t", &out_); return true;
      default: break;
    }
    AppendLiteral({&c, 1}, &out_);
    return kEscapable.find(c) != std::string_view::npos;
  }

  // In a class, what is written as ranges needs no brackets of its own.
  bool Category(bool in_class) {
    static constexpr std::string_view kCategories =
        " L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps Z Zl Zp Zs S Sc Sk Sm So"
        " C Cc Cf Cn Co ";
    const bool complement = Peek(1) == 'P';
    at_ += 2;
    if (!Take('{')) return false;
    const std::size_t end = in_.find('}', at_);
    if (end == std::string_view::npos || end - at_ > 2) return false;
    const std::string_view name = in_.substr(at_, end - at_);
    if (name.empty() || name.find(' ') != std::string_view::npos) return false;
    if (kCategories.find(" " + std::string(name) + " ") == std::string_view::npos) return false;
    at_ = end + 1;
    if (name == "C" || name == "Cn") {
      if (!in_class) out_ += '[';
      const Others others{name == "Cn", complement, &out_};
      u_enumCharTypes(&Others::OnRange, &others);
      if (!in_class) out_ += ']';
    } else {
      out_.append(complement ? "\\P{" : "\\p{").append(name) += '}';
    }
    return true;
  }

  // "[" [ "^" ] ( "-" / CCE1 ) *CCE1 [ "-" ] "]"
  bool Class() {
    ++at_;
    out_ += '[';
    if (Peek() == '^' && Peek(1) != ']') {  // `[^]` holds a circumflex.
      ++at_;
      out_ += '^';
    }
    bool first = true;
    while (!Done() && (first || Peek() != ']')) {
      if (Peek() == '-') {
        if (!first && Peek(1) != ']') return false;
        ++at_;
        AppendLiteral("-", &out_);
      } else if (!ClassItem()) {
        return false;
      }
      first = false;
    }
    out_ += ']';
    return Take(']');
  }

  // CCE1 = ( CCchar [ "-" CCchar ] ) / charClassEsc
  bool ClassItem() {
    if (Peek() == '\\' && AtCategory()) return Category(true);
    if (!ClassCharacter()) return false;
    if (Peek() != '-' || Peek(1) == ']') return true;
    ++at_;
    out_ += '-';
    return ClassCharacter();
  }

  bool ClassCharacter() {
    if (Peek() == '\\') return SingleEscape();
    if (Done() || Peek() == '-' || Peek() == '[' || Peek() == ']') return false;
    AppendLiteral(TakeCharacter(), &out_);
    return true;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::size_t open_groups_ = 0;
  bool after_atom_ = false;
  std::string out_;
};

}  // namespace

std::optional<std::string> IRegexpToRe2(std::string_view pattern) {
  return Translator(pattern).Run();
}

std::shared_ptr<const re2::RE2> CompileIRegexp(std::string_view pattern, bool whole,
                                               std::int64_t max_bytes) {
  auto translated = IRegexpToRe2(pattern);
  if (!translated) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_bytes);
  if (whole) translated = "\\A(?:" + *translated + ")\\z";
  auto re = std::make_shared<const re2::RE2>(*translated, options);
  return re->ok() ? re : nullptr;
}

}  // namespace thresh::json
