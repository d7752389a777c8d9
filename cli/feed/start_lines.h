#pragma once

// StartLines: a `[[start]]` as feed lines, made one at a time: each of its rows becomes `meta`, and
// goes through the templates of its URL, headers and body.

#include <optional>
#include <string>
#include <utility>

#include <simdjson.h>

#include "cli/feed/start_rows.h"
#include "lib/base/result.h"
#include "lib/recipe/fill_template.h"
#include "lib/recipe/recipe.h"

namespace thresh {

class StartLines {
 public:
  /// `recipe`: who has the start; its file's folder is where files are.
  /// Errors: as StartRows::Open().
  [[nodiscard]] static Result<StartLines> Open(const Recipe& recipe, const StartSpec& start);

  /// The next feed line; nullopt after the last, or at a row that makes none: see failure().
  [[nodiscard]] std::optional<std::string> Next();

  [[nodiscard]] const std::string& failure() const noexcept {
    return failure_.empty() ? rows_.failure() : failure_;
  }

 private:
  StartLines(const Recipe& recipe, const StartSpec& start, StartRows rows)
      : recipe_(recipe.name), start_(start), rows_(std::move(rows)) {}
  [[nodiscard]] std::optional<std::string> LineOf(const std::string& row);
  [[nodiscard]] std::optional<TemplateValue> ValueOf(const std::string& name);

  std::string recipe_;
  StartSpec start_;
  StartRows rows_;
  simdjson::dom::parser parser_;
  simdjson::dom::element row_;
  std::string value_, missing_, failure_;
};

}  // namespace thresh
