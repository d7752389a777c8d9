// RecipeReader: [[items]] and their fields.

#include <algorithm>
#include <array>

#include "lib/recipe/recipe_reader.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

constexpr std::string_view kItemKeys{"name match rows jsonld microdata min_rows key fields"};
constexpr std::string_view kFieldKeys{
    "css xpath json any jsonld microdata meta url status header const re pipe type format required "
    "default many join page rows fields"};
constexpr std::string_view kNestedKeys{"rows jsonld microdata fields many required page"};

constexpr int kMaxNesting = 8;  // Records inside one another.

// In the order of FieldType, without kAsFound.
constexpr std::array<std::string_view, 8> kTypeNames{"text", "number", "integer", "bool",
                                                     "date", "url",    "html",    "json"};

}  // namespace

void RecipeReader::ReadItem(const toml::table& table) {
  TableReader in(table, "[[items]]", faults_);
  in.CheckKeys(kItemKeys);
  ItemSpec item;
  ReadItemName(in, &item);
  item.match = in.Strings("match");
  ReadItemRows(in, &item);
  item.min_rows = in.Integer("min_rows", 0).value_or(0);
  const bool has_rows = in.Has("rows") || in.Has("jsonld") || in.Has("microdata");
  if (in.Has("min_rows") && !has_rows) {
    in.Fault("min_rows", "min_rows: expected rows, jsonld or microdata beside it");
  }
  const bool whole_object = item.rows && (item.rows->kind == SourceKind::kJson || item.rows->json ||
                                          item.rows->kind == SourceKind::kJsonLd ||
                                          item.rows->kind == SourceKind::kMicrodata);
  const toml::table* fields = in.Table("fields");
  if (fields != nullptr) {
    item.fields = ReadFields(*fields, 0);
    if (item.fields.empty()) in.Fault("fields", "expected at least one field");
  } else if (!in.Has("fields") && !whole_object) {
    in.Fault("fields", "expected [items.fields]: the item has no fields");
  }
  ReadKey(in, &item);
  recipe_.items.push_back(std::move(item));
}

void RecipeReader::ReadItemName(TableReader& in, ItemSpec* item) {
  const auto name = in.String("name");
  if (!in.Has("name")) {
    in.Fault("", "expected name = \"…\" in [[items]]: it names the output file");
  }
  if (!name) return;
  if (!IsItemName(name->text)) {
    faults_.AddAt(*name,
                  "name: expected letters, digits, - and _ (not \"dead\" or \"jobs\"), found \"" +
                      name->text + "\"");
    return;
  }
  for (const ItemSpec& other : recipe_.items) {
    if (other.name != name->text) continue;
    faults_.AddAt(*name, "name: expected a name of its own, found \"" + name->text + "\" twice");
  }
  item->name = name->text;
}

void RecipeReader::ReadItemRows(TableReader& in, ItemSpec* item) {
  const toml::node* rows = in.Get("rows");
  if (rows != nullptr && rows->is_array()) {
    ReadRowPaths(*rows->as_array(), item);
  } else {
    item->rows = ReadRows(in);
  }
  for (const auto& [key, kind] :
       {std::pair("jsonld", SourceKind::kJsonLd), std::pair("microdata", SourceKind::kMicrodata)}) {
    auto type = in.String(key);
    if (!type) continue;
    if (item->rows) {
      in.Fault(key, "expected one of rows, jsonld and microdata: each says what the rows are");
      continue;
    }
    item->rows.emplace();
    item->rows->kind = kind;
    item->rows->text = std::move(*type);
  }
}

void RecipeReader::ReadKey(TableReader& in, ItemSpec* item) {
  std::vector<std::string_view> names;
  for (const FieldSpec& field : item->fields) names.push_back(field.name);
  for (Located& key : in.LocatedStrings("key")) {
    if (std::find(names.begin(), names.end(), key.text) == names.end()) {
      faults_.AddAt(key, "key: expected a field of the item, found \"" + key.text + "\"" +
                             DidYouMean(key.text, names));
    } else {
      item->key.push_back(std::move(key.text));
    }
  }
}

std::vector<FieldSpec> RecipeReader::ReadFields(const toml::table& table, int depth) {
  std::vector<FieldSpec> fields;
  TableReader names(table, "[items.fields]", faults_);
  for (const auto& [name, node] : names.InOrder()) fields.push_back(ReadField(name, *node, depth));
  return fields;
}

FieldSpec RecipeReader::ReadField(const std::string& name, const toml::node& node, int depth) {
  FieldSpec field;
  field.name = name;
  field.place = PlaceOf(node.source());
  if (depth == 0 && name.starts_with('_')) {
    faults_.Add(
        node.source(),
        "field \"" + name +
            "\": expected a name without leading _, which is kept for _id, _url and the like");
  }
  if (node.is_string()) {
    field.sources = {BareSource(LocatedString(node))};
  } else if (!node.is_table()) {
    faults_.Add(node.source(), "field \"" + name + "\": expected a selector or a table, found " +
                                   std::string(KindName(node)));
  } else if (const toml::table& table = *node.as_table(); table.contains("fields")) {
    ReadNested(table, &field, depth + 1);
  } else {
    ReadPlain(table, &field);
  }
  return field;
}

void RecipeReader::ReadNested(const toml::table& table, FieldSpec* field, int depth) {
  TableReader in(table, "field \"" + field->name + "\", which has fields of its own,", faults_);
  in.CheckKeys(kNestedKeys);
  field->nested = true;
  if (depth > kMaxNesting) {
    in.Fault("fields",
             "expected at most " + std::to_string(kMaxNesting) + " records inside one another");
    return;
  }
  ItemSpec rows;
  ReadItemRows(in, &rows);
  if (!rows.other_rows.empty()) in.Fault("rows", "rows: expected one selector, found several");
  field->rows = std::move(rows.rows);
  field->many = in.Bool("many").value_or(false);
  field->required = in.Bool("required").value_or(false);
  field->page = in.Bool("page").value_or(false);
  if (field->many && !field->rows) {
    in.Fault("many", "many: expected rows beside it: without, there is one record");
  }
  if (const toml::table* fields = in.Table("fields")) {
    field->fields = ReadFields(*fields, depth);
    if (field->fields.empty()) in.Fault("fields", "expected at least one field");
  }
}

void RecipeReader::ReadPlain(const toml::table& table, FieldSpec* field) {
  TableReader in(table, "field \"" + field->name + "\"", faults_);
  in.CheckKeys(kFieldKeys);
  if (in.Has("rows")) {
    in.Fault("rows", "rows: expected fields beside it: the fields of the records inside");
    return;
  }
  field->sources =
      ReadSources(in, table,
                  {"css xpath json jsonld microdata meta url status header const",
                   "css, xpath, json, any, jsonld, microdata, meta, url, status, header or const"});
  field->re = in.String("re");
  field->pipe = ReadPipe(in);
  ReadType(in, field);
  field->required = in.Bool("required").value_or(false);
  field->page = in.Bool("page").value_or(false);
  CheckManyAndDefault(in, field);
}

void RecipeReader::CheckManyAndDefault(TableReader& in, FieldSpec* field) {
  field->many = in.Bool("many").value_or(false);
  if (const auto join = in.String("join")) field->join = join->text;
  if (field->join && field->many) {
    in.Fault("join", "expected either many or join: join makes one string of all matches");
  }
  field->default_value = in.ScalarValue("default");
  if (field->default_value && field->required) {
    in.Fault("default",
             "expected either required or default: a field with a default is never missing");
  }
}

void RecipeReader::ReadType(TableReader& in, FieldSpec* field) {
  if (const auto type = in.Choice("type", kTypeNames)) {
    field->type = static_cast<FieldType>(*type + 1);
  }
  if (!in.Has("format")) return;
  field->date_formats = in.LocatedStrings("format");
  if (field->type != FieldType::kDate) {
    in.Fault("format", "format: expected type = \"date\" beside it");
  }
}

}  // namespace thresh
