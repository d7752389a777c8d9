// RecipeCompiler: selectors, expressions, pipes.

#include <algorithm>
#include <cctype>
#include <utility>

#include <re2/re2.h>

#include "parser/recipe/compile.h"
#include "parser/recipe/record_text.h"

namespace thresh {

using Pseudo = select::PseudoElement;
using select::SelectorSet;

SourceProgram RecipeCompiler::CompileSource(const SourceSpec& spec, const Rows& rows, Use use,
                                            bool all) {
  SourceProgram source;
  source.kind = spec.kind;
  source.re = CompileRegex(spec.re);
  source.pipe = CompilePipe(spec.pipe);
  all = all || source.pipe.wants_all();
  switch (spec.kind) {
    case SourceKind::kCss:
    case SourceKind::kXPath:
    case SourceKind::kJson: CompileSelector(spec, rows, use, all, &source); break;
    case SourceKind::kJsonLd:
    case SourceKind::kMicrodata:
    case SourceKind::kMeta: source.text = spec.text.text; break;
    case SourceKind::kHeader:
      for (const char c : spec.text.text) {
        source.text.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      }
      break;
    case SourceKind::kConst:
      if (spec.constant) AppendPackedScalar(*spec.constant, &source.packed);
      break;
    case SourceKind::kUrl:
    case SourceKind::kStatus: break;
  }
  if (spec.json) source.json = CompilePath(*spec.json);
  return source;
}

void RecipeCompiler::CompileSelector(const SourceSpec& spec, const Rows& rows, Use use, bool all,
                                     SourceProgram* source) {
  const bool json = spec.kind == SourceKind::kJson;
  if (rows.kind == Rows::Kind::kJson && !json) {
    AddFault(spec.text, 0,
             "expected JSONPath, found \"" + spec.text.text +
                 "\": the rows are JSON (page = true looks in the page)");
  } else if (rows.kind == Rows::Kind::kElements && json) {
    AddFault(spec.text, 0,
             "expected css or xpath beside json, found \"" + spec.text.text +
                 "\" alone: the rows are elements");
  }
  if (spec.kind == SourceKind::kCss) {
    CompileCss(spec, rows, use, all, source);
  } else if (spec.kind == SourceKind::kXPath) {
    CompileXPath(spec, use, source);
  } else {
    source->json = CompilePath(spec.text);
    program_.reads_json = true;
  }
}

void RecipeCompiler::CompileCss(const SourceSpec& spec, const Rows& rows, Use use, bool all,
                                SourceProgram* source) {
  std::size_t offset = 0;
  Result<select::CssSelector> css = select::CssSelector::Compile(spec.text.text, names_, &offset);
  if (!css) {
    AddFault(spec.text, offset, css.error().detail + " in selector \"" + spec.text.text + "\"");
    return;
  }
  if (!css->dropped().empty()) {
    const auto& dropped = css->dropped().front();
    AddFault(spec.text, dropped.offset, dropped.why + " in selector \"" + spec.text.text + "\"");
  }
  if (use == Use::kRows && !spec.json) {
    for (std::size_t b = 0; b < css->branch_count(); ++b) {
      if (css->pseudo(b).kind == Pseudo::Kind::kNone) continue;
      AddFault(spec.text, 0,
               "rows: expected elements, found a pseudo-element in \"" + spec.text.text + "\"");
      break;
    }
  }
  source->otherwise.kind = use == Use::kHtmlField ? Pseudo::Kind::kHtml : Pseudo::Kind::kText;
  if (use == Use::kLinks && !spec.json)
    source->otherwise = select::AttrPseudoElement("href", names_);
  source->whole_page = rows.kind == Rows::Kind::kPage;
  const bool known_rows = rows.kind != Rows::Kind::kJson;
  source->css = program_.selectors.Add(std::move(*css),
                                       all || spec.json ? select::Need::kAll : select::Need::kFirst,
                                       known_rows ? rows.css : SelectorSet::kPage);
}

void RecipeCompiler::CompileXPath(const SourceSpec& spec, Use use, SourceProgram* source) {
  std::size_t offset = 0;
  Result<select::XPath> xpath = select::XPath::Compile(spec.text.text, names_, &offset);
  if (!xpath) {
    AddFault(spec.text, offset, xpath.error().detail + " in XPath \"" + spec.text.text + "\"");
    return;
  }
  if (use == Use::kRows && !spec.json && !xpath->selects_nodes()) {
    AddFault(spec.text, 0,
             "rows: expected an XPath that selects nodes, found \"" + spec.text.text + "\"");
  }
  source->otherwise.kind = use == Use::kHtmlField ? Pseudo::Kind::kHtml : Pseudo::Kind::kText;
  if (use == Use::kLinks && !spec.json)
    source->otherwise = select::AttrPseudoElement("href", names_);
  source->xpath = std::move(*xpath);
}

RecipeCompiler::Rows RecipeCompiler::RowsOf(const SourceProgram& source) {
  if (source.kind == SourceKind::kCss && !source.json) return {Rows::Kind::kElements, source.css};
  if (source.kind == SourceKind::kXPath && !source.json) {
    return {Rows::Kind::kElements, SelectorSet::kAnyScope};
  }
  return {Rows::Kind::kJson, SelectorSet::kPage};
}

std::optional<json::JsonPath> RecipeCompiler::CompilePath(const Located& text) {
  std::size_t offset = 0;
  Result<json::JsonPath> path = json::JsonPath::Compile(text.text, &offset);
  if (path) return std::move(*path);
  AddFault(text, offset, path.error().detail + " in JSONPath \"" + text.text + "\"");
  return std::nullopt;
}

std::shared_ptr<const re2::RE2> RecipeCompiler::CompileRegex(
    const std::optional<Located>& pattern) {
  if (!pattern) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto re = std::make_shared<const re2::RE2>(pattern->text, options);
  if (re->ok()) return re;
  AddFault(*pattern, 0,
           "re: expected a regular expression in RE2's syntax, found \"" + pattern->text +
               "\": " + re->error());
  return nullptr;
}

Pipe RecipeCompiler::CompilePipe(const std::vector<TransformSpec>& specs) {
  std::vector<PipeFault> faults;
  Pipe pipe = Pipe::Compile(specs, &faults);
  for (const PipeFault& fault : faults) AddFault(fault.where, fault.offset, fault.detail);
  return pipe;
}

std::vector<DateFormat> RecipeCompiler::CompileFormats(const std::vector<Located>& formats) {
  std::vector<DateFormat> compiled;
  for (const Located& text : formats) {
    std::size_t offset = 0;
    if (Result<DateFormat> format = DateFormat::Compile(text.text, &offset)) {
      compiled.push_back(std::move(*format));
    } else {
      AddFault(text, offset, format.error().detail);
    }
  }
  return compiled;
}

void RecipeCompiler::AddFault(const Located& where, std::size_t offset, std::string_view detail) {
  faults_.push_back(FaultAt(recipe_, where, offset, detail));
}

}  // namespace thresh
