#pragma once

// A recipe compiled: selectors and regular expressions ready to run.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "parser/html/names.h"
#include "parser/select/css_selector.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace thresh {

struct FieldProgram {
  FieldSpec spec;
  std::optional<select::CssSelector> css;  ///< Of FieldSource::kCss.
  select::PseudoElement otherwise;         ///< For branches without a pseudo-element.
  std::shared_ptr<const re2::RE2> re;      ///< Null if there is none.
};

struct ItemProgram {
  ItemSpec spec;
  std::optional<select::CssSelector> rows;
  std::vector<FieldProgram> fields;
};

struct FollowProgram {
  FollowSpec spec;
  std::optional<select::CssSelector> css;
};

struct Program {
  std::string name;
  std::vector<ItemProgram> items;
  std::vector<FollowProgram> follows;
  select::PseudoElement href;  ///< `::attr(href)`, what a link is by default.
};

/// Compiles a recipe. Errors: kInvalid; the detail has a line for each fault,
/// `file:line:column: what was expected, what was found`.
[[nodiscard]] Result<Program> CompileRecipe(const Recipe& recipe, html::NameTable& names);

}  // namespace thresh
