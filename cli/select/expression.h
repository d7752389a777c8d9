#pragma once

// Expression: a CSS selector, an XPath or a JSONPath expression as people type it, compiled, and
// run on a Document. What it finds comes out as values, one a match.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/page/document.h"
#include "lib/base/result.h"
#include "lib/url/url.h"
#include "parser/html/names.h"
#include "parser/json/json_path.h"
#include "parser/select/css_selector.h"
#include "parser/select/work_budget.h"
#include "parser/select/xpath.h"

namespace thresh {

enum class ExpressionKind { kCss, kXPath, kJson };

/// The rule of recipes for a bare string: JSONPath if it begins with `$`, XPath with `/`, `./`,
/// `.//` or `(`, else CSS.
[[nodiscard]] ExpressionKind KindOf(std::string_view text);

/// `CSS selector`, `XPath`, `JSONPath`: for people.
[[nodiscard]] const char* NameOf(ExpressionKind kind);

/// What a match gives.
struct Match {
  bool is_json = false;   ///< `text` is a value as JSON already: a number, an object, …
  std::string_view text;  ///< Else text that is to be quoted.
};
/// False: no more are wanted.
using MatchFn = std::function<bool(const Match&)>;

/// What to take of an element if the expression does not say.
struct TakeOptions {
  enum class What { kText, kHtml, kAttribute };
  What what = What::kText;
  std::string attribute;    ///< Of kAttribute; an element without it is no match.
  std::optional<Url> base;  ///< If given, the values of attributes that hold URLs become absolute.
};

class Expression {
 public:
  /// Errors: kInvalid; the detail says where and what was expected, and shows the expression with
  /// a mark under the place: three lines.
  [[nodiscard]] static Result<Expression> Compile(ExpressionKind kind, std::string_view text,
                                                  html::NameTable& names);

  [[nodiscard]] ExpressionKind kind() const noexcept { return kind_; }

  /// Whether the expression fits the form: JSONPath needs JSON, the others a tree.
  [[nodiscard]] bool Fits(BodyForm form) const noexcept;

  /// Calls `take` for each match, in document order, until it returns false.
  /// Errors: kTooLarge if the work passes its bound; those of Document::ForEachRoot().
  /// REQUIRES: Fits(document.form()).
  [[nodiscard]] Result<> Run(Document& document, html::NameTable& names, const TakeOptions& options,
                             const MatchFn& take) const;

 private:
  explicit Expression(ExpressionKind kind) : kind_(kind) {}

  void RunCss(const Document& document, html::NameTable& names, const TakeOptions& options,
              const MatchFn& take, select::WorkBudget& work) const;
  void RunXPath(const Document& document, html::NameTable& names, const TakeOptions& options,
                const MatchFn& take, select::WorkBudget& work) const;
  [[nodiscard]] Result<> RunJson(Document& document, const MatchFn& take,
                                 select::WorkBudget& work) const;

  ExpressionKind kind_;
  std::optional<select::CssSelector> css_;
  std::optional<select::XPath> xpath_;
  std::optional<json::JsonPath> json_;
};

}  // namespace thresh
