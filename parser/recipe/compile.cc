#include "parser/recipe/compile.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "lib/recipe/secrets.h"
#include "parser/body/charset.h"
#include "parser/recipe/record_text.h"

namespace thresh {

Program RecipeCompiler::Compile() {
  program_.name = recipe_.name;
  program_.body = recipe_.body;
  CheckCharset();
  for (const ItemSpec& item : recipe_.items) program_.items.push_back(CompileItem(item));
  for (const FollowSpec& follow : recipe_.follows) {
    program_.follows.push_back(CompileFollow(follow));
  }
  for (const AnswerRule& rule : recipe_.fetch.retry_when) CompileRule(rule, true);
  for (const AnswerRule& rule : recipe_.fetch.fail_when) CompileRule(rule, false);
  for (const char c : recipe_.fetch.robots_agent) {
    program_.robots_agent.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  program_.respect_robots_tag = recipe_.fetch.respect_robots_tag;
  program_.respect_nofollow = recipe_.fetch.respect_nofollow;
  return std::move(program_);
}

void RecipeCompiler::CheckCharset() {
  const Located& charset = recipe_.body.charset;
  if (charset.text.empty() || !CharsetOfLabel(charset.text).empty()) return;
  AddFault(
      charset, 0,
      "body.charset: expected a name of an encoding, such as utf-8, windows-1252 or shift_jis, "
      "found \"" +
          charset.text + "\"");
}

ItemProgram RecipeCompiler::CompileItem(const ItemSpec& spec) {
  ItemProgram item;
  item.name = spec.name;
  item.match = spec.match;
  item.min_rows = static_cast<std::uint64_t>(spec.min_rows);
  Rows rows;
  if (spec.rows) {
    item.rows = CompileSource(*spec.rows, rows, Use::kRows, true);
    rows = RowsOf(*item.rows);
  }
  for (const SourceSpec& other : spec.other_rows) {
    item.other_rows.push_back(CompileSource(other, Rows{}, Use::kRows, true));
  }
  item.fields = CompileFields(spec.fields, rows, spec.name, "");
  item.paths = PathsOf(item.fields);
  for (const std::string& key : spec.key) {
    for (std::uint32_t i = 0; i < item.fields.size(); ++i) {
      if (item.fields[i].name == key) item.key.push_back(i);
    }
  }
  return item;
}

std::vector<FieldProgram> RecipeCompiler::CompileFields(const std::vector<FieldSpec>& specs,
                                                        const Rows& rows, const std::string& item,
                                                        const std::string& path) {
  std::vector<FieldProgram> fields;
  for (const FieldSpec& spec : specs) fields.push_back(CompileField(spec, rows, item, path));
  return fields;
}

FieldProgram RecipeCompiler::CompileField(const FieldSpec& spec, const Rows& rows,
                                          const std::string& item, const std::string& path) {
  FieldProgram field;
  field.name = spec.name;
  AppendPacked(spec.name, &field.packed_name);
  field.index = static_cast<std::uint32_t>(program_.field_names.size());
  program_.field_names.push_back({item, path + spec.name});
  field.type = spec.type;
  field.required = spec.required;
  field.many = spec.many;
  field.page = spec.page;
  field.join = spec.join;
  if (spec.nested) {
    CompileNested(spec, rows, item, &field);
    return field;
  }
  field.re = CompileRegex(spec.re);
  field.pipe = CompilePipe(spec.pipe);
  field.formats = CompileFormats(spec.date_formats);
  if (spec.default_value) AppendPackedScalar(*spec.default_value, &field.packed_default);
  field.all = spec.many || spec.join || field.pipe.wants_all();
  const Use use = spec.type == FieldType::kHtml ? Use::kHtmlField : Use::kField;
  for (const SourceSpec& source : spec.sources) {
    field.sources.push_back(CompileSource(source, spec.page ? Rows{} : rows, use, field.all));
  }
  return field;
}

void RecipeCompiler::CompileNested(const FieldSpec& spec, const Rows& rows, const std::string& item,
                                   FieldProgram* field) {
  field->nested = true;
  Rows inner = spec.page ? Rows{} : rows;
  if (spec.rows) {
    field->rows = CompileSource(*spec.rows, inner, Use::kRows, true);
    inner = RowsOf(*field->rows);
  }
  const std::string path = program_.field_names.back().field + ".";
  field->fields = CompileFields(spec.fields, inner, item, path);
  field->paths = PathsOf(field->fields);
}

// The fields' paths that one walk over a row's members can look up. They stay where they are: what
// holds the fields is moved, not they.
json::JsonPathSet RecipeCompiler::PathsOf(std::vector<FieldProgram>& fields) {
  json::JsonPathSet paths;
  for (FieldProgram& field : fields) {
    if (field.page) continue;
    for (SourceProgram& source : field.sources) {
      if (source.kind != SourceKind::kJson || !source.json || !source.json->singular()) continue;
      source.path = paths.Add(*source.json);
    }
    const bool plain = !field.nested && !field.all && field.re == nullptr && field.pipe.empty();
    field.plain_json = plain && std::all_of(field.sources.begin(), field.sources.end(),
                                            [](const SourceProgram& source) {
                                              return source.path != SourceProgram::kNoPath &&
                                                     source.re == nullptr && source.pipe.empty();
                                            });
  }
  return paths;
}

FollowProgram RecipeCompiler::CompileFollow(const FollowSpec& spec) {
  FollowProgram follow;
  follow.match = spec.match;
  follow.recipe = spec.recipe;
  follow.re = CompileRegex(spec.re);
  follow.pipe = CompilePipe(spec.pipe);
  follow.url = spec.url;
  follow.request = spec.request;
  follow.templated = NamesSecrets(spec.url, spec.request);
  follow.root = spec.root;
  follow.delay_ms = static_cast<std::uint64_t>(spec.delay.count());
  follow.strip_params = spec.strip_params;
  follow.params = spec.params;
  for (const SourceSpec& source : spec.sources) {
    follow.sources.push_back(CompileSource(source, Rows{}, Use::kLinks, true));
  }
  if (spec.count) {
    follow.count = CompileSource(spec.count->source, Rows{}, Use::kField, false);
    follow.first = spec.count->first;
    follow.step = spec.count->step;
    follow.below = spec.count->below;
  }
  return follow;
}

// Rules on the status are the fetcher's: it does not send such answers on.
void RecipeCompiler::CompileRule(const AnswerRule& rule, bool retry) {
  if (!rule.source) return;
  RuleProgram program;
  program.value.type = FieldType::kText;
  SourceProgram source = CompileSource(*rule.source, Rows{}, Use::kField, false);
  program.value.all = source.pipe.wants_all();
  program.value.sources.push_back(std::move(source));
  program.in = rule.in;
  program.not_in = rule.not_in;
  program.told = rule.source->text.text;
  program.retry = retry;
  program.delay_ms = static_cast<std::uint32_t>(
      std::min<std::int64_t>(rule.delay.count(), std::numeric_limits<std::int32_t>::max()));
  program.attempts = static_cast<std::uint32_t>(rule.attempts);
  program.whole_host = rule.whole_host;
  program_.rules.push_back(std::move(program));
}

Program CompileRecipe(const Recipe& recipe, html::NameTable& names,
                      std::vector<RecipeFault>* faults) {
  return RecipeCompiler(recipe, names, faults).Compile();
}

Result<Program> CompileRecipe(const Recipe& recipe, html::NameTable& names) {
  std::vector<RecipeFault> faults;
  Program program = CompileRecipe(recipe, names, &faults);
  if (!faults.empty()) return AsError(std::move(faults));
  return program;
}

Result<Recipe> CheckRecipe(const std::string& name, html::NameTable& names) {
  const Result<RecipeFile> file = FindRecipe(name);
  if (!file) return file.error();
  std::vector<RecipeFault> faults;
  Recipe recipe = ReadRecipe(file->text, file->path, {}, &faults);
  (void)CompileRecipe(recipe, names, &faults);
  if (!faults.empty()) return AsError(std::move(faults));
  return recipe;
}

}  // namespace thresh
