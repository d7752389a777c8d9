#pragma once

// XPathScanner: the lexical ground of an expression (XPath 1.0, section 3.7): white
// space, names, numbers, literals. The first failure is kept, with the byte offset
// at which it was found.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh::select::xpath {

class XPathScanner {
 public:
  explicit XPathScanner(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }
  [[nodiscard]] bool done() const noexcept { return at_ >= text_.size(); }
  /// The byte `ahead` of here; '\0' past the end.
  [[nodiscard]] char Peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void Advance(std::size_t bytes = 1) noexcept { at_ += bytes; }
  void GoBackTo(std::size_t offset) noexcept { at_ = offset; }

  void SkipSpace() noexcept;
  /// Skips white space; then consumes `token` if it is next.
  bool Take(std::string_view token) noexcept;
  /// As Take, but of a name: the whole of it must be `word`.
  bool TakeWord(std::string_view word) noexcept;

  /// An NCName; empty if none starts here.
  std::string_view Name() noexcept;
  [[nodiscard]] bool AtName() const noexcept;
  [[nodiscard]] bool AtNumber() const noexcept;
  /// The digits. REQUIRES: AtNumber().
  std::string_view Number() noexcept;
  /// What is between the quotes; Fail()s without the second. REQUIRES: at a quote.
  bool Literal(std::string_view* value);

  /// What is next, for messages: `"x"` or `end of input`.
  [[nodiscard]] std::string Found() const;

  /// Keeps the first failure; returns false.
  bool Fail(std::size_t offset, std::string detail);
  /// Fails at what is next with `expected <what>, found <Found()>`.
  bool Expected(std::string_view what);
  [[nodiscard]] std::size_t error_offset() const noexcept { return error_offset_; }
  [[nodiscard]] const std::string& error_detail() const noexcept { return error_detail_; }

 private:
  /// Bytes of the name character at `at`; 0 if it is none.
  [[nodiscard]] std::size_t NameCharAt(std::size_t at, bool first) const noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::size_t error_offset_ = 0;
  std::string error_detail_;
};

/// Levenshtein's distance, for hints.
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace thresh::select::xpath
