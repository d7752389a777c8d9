// RecipeReader: where a value comes from, and what is done to its text.

#include <algorithm>
#include <array>

#include "lib/recipe/recipe_reader.h"

namespace thresh {
namespace {

constexpr std::string_view kSourceKeys =
    "css xpath json jsonld microdata meta url status header const";
constexpr std::string_view kAnyKeys{
    "css xpath json jsonld microdata meta url status header const re pipe"};
constexpr std::string_view kRowsKeys{"css xpath json"};

struct SourceKey {
  std::string_view key;
  SourceKind kind;
};
constexpr std::array kKinds{SourceKey{"css", SourceKind::kCss},
                            SourceKey{"xpath", SourceKind::kXPath},
                            SourceKey{"json", SourceKind::kJson},
                            SourceKey{"jsonld", SourceKind::kJsonLd},
                            SourceKey{"microdata", SourceKind::kMicrodata},
                            SourceKey{"meta", SourceKind::kMeta},
                            SourceKey{"url", SourceKind::kUrl},
                            SourceKey{"status", SourceKind::kStatus},
                            SourceKey{"header", SourceKind::kHeader},
                            SourceKey{"const", SourceKind::kConst}};

// `json` beside one of these is looked for inside what they find.
bool HoldsJson(SourceKind kind) {
  return kind == SourceKind::kCss || kind == SourceKind::kXPath || kind == SourceKind::kJsonLd ||
         kind == SourceKind::kMicrodata;
}

bool IsAmong(std::string_view names, std::string_view name) {
  const auto words = Words(names);
  return std::find(words.begin(), words.end(), name) != words.end();
}

}  // namespace

SourceSpec RecipeReader::BareSource(Located text) {
  SourceSpec source;
  if (text.text.starts_with('$')) {
    source.kind = SourceKind::kJson;
  } else if (text.text.starts_with('/') || text.text.starts_with("./") ||
             text.text.starts_with('(')) {
    source.kind = SourceKind::kXPath;
  }
  source.text = std::move(text);
  return source;
}

bool RecipeReader::ReadSource(TableReader& in, const toml::node& place, const SourceRules& rules,
                              SourceSpec* source) {
  int found = 0;
  for (const SourceKey& candidate : kKinds) {
    if (!in.Has(candidate.key) || !IsAmong(rules.kinds, candidate.key)) continue;
    if (candidate.kind == SourceKind::kJson) {
      const bool inside = std::any_of(kKinds.begin(), kKinds.end(), [&](const SourceKey& other) {
        return HoldsJson(other.kind) && in.Has(other.key) && IsAmong(rules.kinds, other.key);
      });
      if (inside) {
        source->json = in.String("json");
        continue;
      }
    }
    ++found;
    source->kind = candidate.kind;
    if (candidate.kind == SourceKind::kUrl || candidate.kind == SourceKind::kStatus) {
      if (in.Bool(candidate.key) == false) {
        in.Fault(candidate.key, std::string(candidate.key) + ": expected true, found false");
      }
    } else if (candidate.kind == SourceKind::kConst) {
      source->constant = in.ScalarValue("const");
    } else if (auto text = in.String(candidate.key)) {
      source->text = std::move(*text);
    }
  }
  if (found == 1) return true;
  faults_.Add(place.source(), in.what() + ": expected one source (" + std::string(rules.listed) +
                                  "), found " + std::to_string(found));
  return false;
}

std::vector<SourceSpec> RecipeReader::ReadSources(TableReader& in, const toml::node& place,
                                                  const SourceRules& rules) {
  const toml::node* any = in.Get("any");
  if (any == nullptr) {
    SourceSpec source;
    if (!ReadSource(in, place, rules, &source)) return {};
    return {std::move(source)};
  }
  for (const std::string_view key : Words(kSourceKeys)) {
    if (IsAmong(rules.kinds, key) && in.Has(key)) {
      in.Fault(key, "expected either any or " + std::string(key) + ": any has the sources");
    }
  }
  return ReadAny(*any);
}

std::vector<SourceSpec> RecipeReader::ReadAny(const toml::node& list) {
  std::vector<SourceSpec> sources;
  const toml::array* array = list.as_array();
  if (array == nullptr || array->empty()) {
    faults_.Add(list.source(), "any: expected an array of selectors and tables, found " +
                                   std::string(array == nullptr ? KindName(list) : "an empty one"));
    return sources;
  }
  for (const toml::node& element : *array) {
    if (element.is_string()) {
      sources.push_back(BareSource(LocatedString(element)));
    } else if (const toml::table* table = element.as_table()) {
      TableReader in(*table, "any", faults_);
      in.CheckKeys(kAnyKeys);
      SourceSpec source;
      const bool found =
          ReadSource(in, element,
                     {kSourceKeys,
                      "css, xpath, json, jsonld, microdata, meta, url, status, header "
                      "or const"},
                     &source);
      source.re = in.String("re");
      source.pipe = ReadPipe(in);
      if (found) sources.push_back(std::move(source));
    } else {
      faults_.Add(element.source(),
                  "any: expected a selector or a table, found " + std::string(KindName(element)));
    }
  }
  return sources;
}

void RecipeReader::ReadRowPaths(const toml::array& paths, ItemSpec* item) {
  if (paths.empty()) faults_.Add(paths.source(), "rows: expected JSONPaths, found an empty list");
  for (const toml::node& path : paths) {
    if (!path.is_string() || !path.as_string()->get().starts_with('$')) {
      faults_.Add(path.source(), "rows: expected a list of JSONPaths, which begin with $");
    } else if (!item->rows) {
      item->rows = BareSource(LocatedString(path));
    } else {
      item->other_rows.push_back(BareSource(LocatedString(path)));
    }
  }
}

std::optional<SourceSpec> RecipeReader::ReadRows(TableReader& in) {
  const toml::node* node = in.Get("rows");
  if (node == nullptr) return std::nullopt;
  if (node->is_string()) return BareSource(LocatedString(*node));
  if (!node->is_table()) {
    faults_.Add(node->source(),
                "rows: expected a selector or a table, found " + std::string(KindName(*node)));
    return std::nullopt;
  }
  TableReader rows(*node->as_table(), "rows", faults_);
  rows.CheckKeys(kRowsKeys);
  SourceSpec source;
  if (!ReadSource(rows, *node, {"css xpath json", "css, xpath or json"}, &source)) {
    return std::nullopt;
  }
  return source;
}

std::vector<TransformSpec> RecipeReader::ReadPipe(TableReader& in) {
  std::vector<TransformSpec> pipe;
  const toml::node* node = in.Get("pipe");
  if (node == nullptr) return pipe;
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) ReadTransform(element, &pipe);
  } else {
    faults_.Add(node->source(),
                "pipe: expected an array such as [\"trim\", [\"replace\", \",\", "
                "\"\"]], found " +
                    std::string(KindName(*node)));
  }
  return pipe;
}

void RecipeReader::ReadTransform(const toml::node& node, std::vector<TransformSpec>* pipe) {
  if (node.is_string()) {
    pipe->push_back({LocatedString(node), {}});
    return;
  }
  const toml::array* call = node.as_array();
  const toml::node* name = call == nullptr ? nullptr : call->get(0);
  if (name == nullptr || !name->is_string()) {
    faults_.Add((name != nullptr ? *name : node).source(),
                "pipe: expected a transform's name, or an array of its name and arguments, found " +
                    std::string(name != nullptr   ? KindName(*name)
                                : call != nullptr ? "an empty array"
                                                  : KindName(node)));
    return;
  }
  TransformSpec made{LocatedString(*name), {}};
  for (std::size_t i = 1; i < call->size(); ++i) {
    const toml::node& element = *call->get(i);
    if (auto value = ScalarOf(element)) {
      Located place = element.is_string() ? LocatedString(element) : PlaceOf(element.source());
      made.arguments.push_back({std::move(*value), std::move(place)});
    } else {
      faults_.Add(element.source(), made.name.text + ": expected a string or a number, found " +
                                        std::string(KindName(element)));
    }
  }
  pipe->push_back(std::move(made));
}

}  // namespace thresh
