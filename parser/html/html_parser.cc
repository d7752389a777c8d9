#include "parser/html/html_parser.h"

#include "parser/html/tree_builder.h"

namespace thresh::html {

HtmlParser::HtmlParser(NameTable& names, ParseLimits limits)
    : builder_(std::make_unique<TreeBuilder>(names, limits)) {}

HtmlParser::~HtmlParser() = default;

Result<> HtmlParser::Parse(std::string_view page, Tree* tree) {
  return builder_->Build(page, tree);
}

Result<> HtmlParser::ParseFragment(std::string_view page, std::string_view context, Tree* tree) {
  return builder_->BuildFragment(page, context, tree);
}

}  // namespace thresh::html
