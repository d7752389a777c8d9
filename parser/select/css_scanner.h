#pragma once

// CssScanner: the lexical ground of a selector (CSS Syntax 3, section 4): white
// space, comments, names, escapes, strings. The first failure is kept, with the
// byte offset at which it was found.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace thresh::select {

class CssScanner {
 public:
  explicit CssScanner(std::string_view css) : css_(css) {}

  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  [[nodiscard]] std::size_t size() const noexcept { return css_.size(); }
  [[nodiscard]] bool done() const noexcept { return at_ >= css_.size(); }
  /// The byte `ahead` of here; '\0' past the end.
  [[nodiscard]] char Peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < css_.size() ? css_[at_ + ahead] : '\0';
  }
  /// What stands from `begin` to `end`.
  [[nodiscard]] std::string Text(std::size_t begin, std::size_t end) const {
    return std::string(css_.substr(begin, end - begin));
  }
  void Advance(std::size_t bytes = 1) noexcept { at_ += bytes; }
  void GoBackTo(std::size_t offset) noexcept { at_ = offset; }

  /// Consumes `c` if it is next.
  bool Take(char c) noexcept;
  /// Consumes white space and comments; returns whether there was white space.
  bool SkipSpace();
  void SkipComments();

  /// Whether an identifier starts here.
  [[nodiscard]] bool AtName() const noexcept;
  /// Consumes name characters and escapes, also a name that starts with a digit.
  std::string Name();
  /// Consumes "..." or '...'; nullopt after Fail(). REQUIRES: Peek() is a quote.
  std::optional<std::string> String();

  /// Consumes up to the `,` or `)` that ends an argument, past what is in brackets and
  /// quotes. Returns whether there is one.
  bool SkipArgument();

  /// What is next, for messages: `"x"` or `end of input`.
  [[nodiscard]] std::string Found() const;

  /// Keeps the first failure; returns false.
  bool Fail(std::size_t offset, std::string detail);
  /// Fails here with `expected <what>, found <Found()>`.
  bool Expected(std::string_view what);
  /// As Fail(), for what must not be overlooked where the standard overlooks faults.
  bool FailForGood(std::size_t offset, std::string detail);
  /// Takes the failure back, unless it is for good. Returns whether it did.
  bool Forgive();
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::size_t error_offset() const noexcept { return error_offset_; }
  [[nodiscard]] const std::string& error_detail() const noexcept { return error_detail_; }

 private:
  [[nodiscard]] bool AtEscape(std::size_t ahead) const noexcept;
  void Escape(std::string* out);

  std::string_view css_;
  std::size_t at_ = 0;
  bool failed_ = false;
  bool for_good_ = false;
  std::size_t error_offset_ = 0;
  std::string error_detail_;
};

}  // namespace thresh::select
