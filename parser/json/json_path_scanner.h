#pragma once

// PathScanner: the lexical ground of a JSONPath query (RFC 9535, appendix A): blanks,
// integers, numbers, string literals, names. The first failure is kept, with the byte
// offset at which it was found.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh::json::path {

class PathScanner {
 public:
  /// REQUIRES: `text` is UTF-8.
  explicit PathScanner(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  [[nodiscard]] bool done() const noexcept { return at_ >= text_.size(); }
  /// The byte `ahead` of here; '\0' past the end.
  [[nodiscard]] char Peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void GoBackTo(std::size_t offset) noexcept { at_ = offset; }

  /// Consumes `token` if it is next.
  bool Take(std::string_view token) noexcept;
  /// Consumes blanks (space, tab, LF, CR); returns whether there were any.
  bool SkipBlanks() noexcept;

  /// Whether a member name can start here, as in `.name`.
  [[nodiscard]] bool AtName() const noexcept;
  [[nodiscard]] std::string_view Name() noexcept;
  /// Consumes a function's name: empty if none starts here.
  [[nodiscard]] std::string_view FunctionName() noexcept;

  /// An index or a bound of a slice, within +-(2^53 - 1); nullopt after Fail().
  std::optional<std::int64_t> Integer();

  struct Number {
    bool is_integer = false;
    std::int64_t integer = 0;
    double number = 0;
  };
  /// A number to compare with; nullopt after Fail().
  std::optional<Number> NumberLiteral();

  /// '...' or "..."; nullopt after Fail(). REQUIRES: Peek() is a quote.
  std::optional<std::string> String();

  /// What is next, for messages: `"x"` or `end of input`.
  [[nodiscard]] std::string Found() const;

  /// Keeps the first failure; returns false.
  bool Fail(std::size_t offset, std::string detail);
  /// Fails here with `expected <what>, found <Found()>`.
  bool Expected(std::string_view what);
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::size_t error_offset() const noexcept { return error_offset_; }
  [[nodiscard]] const std::string& error_detail() const noexcept { return error_detail_; }

 private:
  bool Escape(char quote, std::string* out);
  bool UnicodeEscape(std::size_t begin, std::string* out);
  std::optional<std::uint32_t> FourHexDigits();
  bool Digits();

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::size_t error_offset_ = 0;
  std::string error_detail_;
};

}  // namespace thresh::json::path
