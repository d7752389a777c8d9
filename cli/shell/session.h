#pragma once

// ShellSession: what `thresh shell` does with each line, whatever it comes from.
//
// Lifetime: self-contained.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/page/document.h"
#include "cli/page/fetch_page.h"
#include "cli/select/expression.h"
#include "cli/shell/page_names.h"

namespace thresh {

struct SessionOptions {
  std::size_t width = 100;       ///< Columns; longer values are cut.
  std::string charset;           ///< Goes over what pages say.
  std::optional<BodyForm> form;  ///< Goes over what pages look like.
};

/// What a line gives: for stdout, for stderr, and whether it was the last one.
struct ShellReply {
  std::string out, err;
  bool quit = false;
};

class ShellSession {
 public:
  /// How a page is had: by URL or file name.
  using GetFn = std::function<Result<PageAnswer>(const std::string&)>;

  ShellSession(SessionOptions options, GetFn get)
      : options_(std::move(options)), get_(std::move(get)) {}

  /// Loads a page in the place of the present one, which stays if that fails. Returns what is to
  /// be said of it.
  /// Errors: those of `get`, and of Document::Load().
  [[nodiscard]] Result<std::string> Open(const std::string& where);

  /// Takes an expression or a command such as `:help`. REQUIRES: a page is open.
  [[nodiscard]] ShellReply Take(std::string_view line);

  [[nodiscard]] Completions Complete(std::string_view before_cursor);

  void set_width(std::size_t width) noexcept { options_.width = width; }

 private:
  struct Page {
    explicit Page(html::NameTable& names) : document(names) {}
    std::string name;
    std::uint32_t status = 200;
    Document document;
  };

  [[nodiscard]] ShellReply TakeCommand(std::string_view word, std::string_view rest);
  [[nodiscard]] ShellReply SetKind(std::optional<ExpressionKind> kind, std::string_view rest);
  [[nodiscard]] ShellReply SetTake(TakeOptions::What what, std::string_view attribute);
  [[nodiscard]] ShellReply SetShown(std::string_view number);
  [[nodiscard]] ShellReply OpenPage(std::string_view where);
  [[nodiscard]] ShellReply Tree(std::string_view lines) const;
  [[nodiscard]] ShellReply Evaluate(std::string_view text, std::optional<ExpressionKind> kind);
  [[nodiscard]] std::string Describe() const;

  SessionOptions options_;
  const GetFn get_;
  html::NameTable names_;
  std::unique_ptr<Page> page_;
  PageNames page_names_;
  std::optional<ExpressionKind> kind_;  // Without: by the rule of KindOf().
  TakeOptions take_;
  std::size_t shown_ = 10;
};

/// What a page is: by a file's name, else as recipes read it, by Content-Type and first bytes.
[[nodiscard]] BodyForm GuessForm(const PageAnswer& page);

}  // namespace thresh
