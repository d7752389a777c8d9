#include "parser/recipe/program.h"

#include <utility>

#include <re2/re2.h>

namespace thresh {
namespace {

class Compiler {
 public:
  Compiler(const Recipe& recipe, html::NameTable& names) : recipe_(recipe), names_(names) {}

  Result<Program> Compile() {
    Program program{.name = recipe_.name};
    for (const ItemSpec& item : recipe_.items) program.items.push_back(CompileItem(item));
    for (const FollowSpec& follow : recipe_.follows) {
      program.follows.push_back({follow, CompileCss(follow.css)});
    }
    program.href = select::AttrPseudoElement("href", names_);
    if (!faults_.empty()) return Error{Errc::kInvalid, faults_};
    return program;
  }

 private:
  ItemProgram CompileItem(const ItemSpec& spec) {
    ItemProgram item{.spec = spec};
    if (spec.rows) {
      item.rows = CompileCss(*spec.rows);
      for (std::size_t b = 0; item.rows && b < item.rows->branch_count(); ++b) {
        if (item.rows->pseudo(b).kind == select::PseudoElement::Kind::kNone) continue;
        AddFault(*spec.rows, 0,
                 "rows: expected elements, found a pseudo-element in \"" + spec.rows->text + "\"");
        break;
      }
    }
    for (const FieldSpec& field : spec.fields) item.fields.push_back(CompileField(field));
    return item;
  }

  FieldProgram CompileField(const FieldSpec& spec) {
    FieldProgram field{.spec = spec};
    field.otherwise.kind = spec.type == FieldType::kHtml ? select::PseudoElement::Kind::kHtml
                                                         : select::PseudoElement::Kind::kText;
    if (spec.source == FieldSource::kCss) field.css = CompileCss(spec.selector);
    if (spec.re) field.re = CompileRegex(*spec.re);
    return field;
  }

  std::optional<select::CssSelector> CompileCss(const Located& css) {
    std::size_t offset = 0;
    Result<select::CssSelector> compiled = select::CssSelector::Compile(css.text, names_, &offset);
    if (compiled) return std::move(*compiled);
    AddFault(css, offset, compiled.error().detail + " in selector \"" + css.text + "\"");
    return std::nullopt;
  }

  std::shared_ptr<const re2::RE2> CompileRegex(const Located& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto re = std::make_shared<const re2::RE2>(pattern.text, options);
    if (re->ok()) return re;
    AddFault(pattern, 0,
             "re: expected a regular expression in RE2's syntax, found \"" + pattern.text +
                 "\": " + re->error());
    return nullptr;
  }

  void AddFault(const Located& where, std::size_t offset, std::string_view detail) {
    if (!faults_.empty()) faults_ += '\n';
    faults_ += FaultAt(recipe_, where, offset, detail);
  }

  const Recipe& recipe_;
  html::NameTable& names_;
  std::string faults_;
};

}  // namespace

Result<Program> CompileRecipe(const Recipe& recipe, html::NameTable& names) {
  return Compiler(recipe, names).Compile();
}

}  // namespace thresh
