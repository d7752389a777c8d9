#pragma once

// RecipeCompiler: what CompileRecipe() is made of. Inside the room only.
//
//   compile.cc         items, fields, follow rules
//   compile_source.cc  selectors, expressions, pipes

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/recipe/program.h"

namespace thresh {

class RecipeCompiler {
 public:
  RecipeCompiler(const Recipe& recipe, html::NameTable& names, std::vector<RecipeFault>* faults)
      : recipe_(recipe), names_(names), faults_(*faults) {}

  [[nodiscard]] Program Compile();

 private:
  // What the rows are that a source is looked for in.
  struct Rows {
    enum class Kind { kPage, kElements, kJson };
    Kind kind = Kind::kPage;
    select::SelectorSet::Id css = select::SelectorSet::kPage;  ///< Whose hits are the elements.
  };
  // How a source's value is used.
  enum class Use { kField, kHtmlField, kRows, kLinks };

  // compile.cc
  ItemProgram CompileItem(const ItemSpec& spec);
  std::vector<FieldProgram> CompileFields(const std::vector<FieldSpec>& specs, const Rows& rows,
                                          const std::string& item, const std::string& path);
  FieldProgram CompileField(const FieldSpec& spec, const Rows& rows, const std::string& item,
                            const std::string& path);
  static json::JsonPathSet PathsOf(std::vector<FieldProgram>& fields);
  void CompileNested(const FieldSpec& spec, const Rows& rows, const std::string& item,
                     FieldProgram* field);
  FollowProgram CompileFollow(const FollowSpec& spec);
  void CompileRule(const AnswerRule& rule, bool retry);
  void CheckCharset();

  // compile_source.cc
  SourceProgram CompileSource(const SourceSpec& spec, const Rows& rows, Use use, bool all);
  void CompileSelector(const SourceSpec& spec, const Rows& rows, Use use, bool all,
                       SourceProgram* source);
  void CompileCss(const SourceSpec& spec, const Rows& rows, Use use, bool all,
                  SourceProgram* source);
  void CompileXPath(const SourceSpec& spec, Use use, SourceProgram* source);
  static Rows RowsOf(const SourceProgram& source);
  std::optional<json::JsonPath> CompilePath(const Located& text);
  std::shared_ptr<const re2::RE2> CompileRegex(const std::optional<Located>& pattern);
  Pipe CompilePipe(const std::vector<TransformSpec>& specs);
  std::vector<DateFormat> CompileFormats(const std::vector<Located>& formats);
  void AddFault(const Located& where, std::size_t offset, std::string_view detail);

  const Recipe& recipe_;
  html::NameTable& names_;
  std::vector<RecipeFault>& faults_;
  Program program_;
};

}  // namespace thresh
