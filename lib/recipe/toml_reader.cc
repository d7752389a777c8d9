#include "lib/recipe/toml_reader.h"

#include <algorithm>
#include <numeric>

namespace thresh {
namespace {

Located PlaceOf(const toml::source_region& where) {
  return {"", static_cast<std::uint32_t>(where.begin.line),
          static_cast<std::uint32_t>(where.begin.column)};
}

// How many letters must be added, removed or changed to make `b` of `a` (Levenshtein).
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string Nearest(std::string_view key, const KnownKeys& known) {
  std::string_view best;
  std::size_t best_distance = 3;  // Farther is no misspelling.
  std::string all(known.built);
  all.append(" ").append(known.later);
  for (const std::string_view name : Words(all)) {
    const std::size_t d = Distance(key, name);
    if (d < best_distance && d < name.size()) {
      best = name;
      best_distance = d;
    }
  }
  return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
}

bool Contains(std::string_view names, std::string_view name) {
  const auto words = Words(names);
  return std::find(words.begin(), words.end(), name) != words.end();
}

std::string Join(std::string_view names) {
  std::string joined;
  for (const std::string_view name : Words(names)) {
    if (!joined.empty()) joined += ", ";
    joined += name;
  }
  return joined;
}

}  // namespace

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

std::string FaultLine(std::string_view file, Place place, std::string_view detail) {
  std::string line(file);
  line.append(":").append(std::to_string(place.line)).append(":");
  line.append(std::to_string(place.column)).append(": ");
  for (const char c : detail) line.push_back(c == '\n' || c == '\r' ? ' ' : c);
  return line;
}

std::string FaultAt(const Recipe& recipe, const Located& where, std::size_t offset,
                    std::string_view detail) {
  const Place place = PlaceInString(recipe.text, {where.line, where.column}, offset);
  return FaultLine(recipe.file, place, detail);
}

void Faults::Add(const toml::source_region& where, std::string_view detail) {
  const Located at = PlaceOf(where);
  if (where.path && where.path->starts_with("--set ")) {
    lines_.push_back({{0, 0}, *where.path + ": " + std::string(detail)});
  } else {
    Note({at.line, at.column}, detail);
  }
}

void Faults::AddAt(const Located& where, std::string_view detail) {
  Note(PlaceInString(document_, {where.line, where.column}, 0), detail);
}

void Faults::Note(Place place, std::string_view detail) {
  lines_.push_back({{place.line, place.column}, FaultLine(file_, place, detail)});
}

Error Faults::AsError() const {
  auto sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Error error{Errc::kInvalid, ""};
  for (const auto& [place, line] : sorted) {
    if (!error.detail.empty()) error.detail += "\n";
    error.detail += line;
  }
  return error;
}

std::string_view KindName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "a boolean";
    default: return "a date or time";
  }
}

Located LocatedString(const toml::node& node) {
  Located place = PlaceOf(node.source());
  place.text = node.ref<std::string>();
  return place;
}

void TableReader::Fault(std::string_view key, std::string_view detail) {
  for (const auto& [name, value] : table_) {
    if (name.str() == key) {
      faults_.Add(name.source(), detail);
      return;
    }
  }
  faults_.Add(table_.source(), detail);
}

void TableReader::ElementFault(std::string_view key, std::size_t index, std::string_view detail) {
  const toml::node& array = *table_.get(key);
  const toml::node* element = array.as_array()->get(index);
  faults_.Add(element != nullptr ? element->source() : array.source(), detail);
}

void TableReader::CheckKeys(const KnownKeys& known) {
  for (const auto& [name, value] : table_) {
    if (Contains(known.built, name.str())) continue;
    if (Contains(known.later, name.str())) {
      faults_.Add(name.source(), "\"" + std::string(name.str()) + "\" in " + what_ +
                                     " is not built yet: this version would ignore it");
    } else {
      faults_.Add(name.source(), "unknown key \"" + std::string(name.str()) + "\" in " + what_ +
                                     Nearest(name.str(), known) + " (expected one of " +
                                     Join(known.built) + ")");
    }
  }
}

std::optional<Located> TableReader::String(std::string_view key) {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_string()) {
    faults_.Add(node->source(),
                std::string(key) + ": expected a string, found " + std::string(KindName(*node)));
    return std::nullopt;
  }
  return LocatedString(*node);
}

std::vector<std::string> TableReader::Strings(std::string_view key) {
  std::vector<std::string> strings;
  const toml::node* node = table_.get(key);
  if (node == nullptr) return strings;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    faults_.Add(node->source(), std::string(key) + ": expected an array of strings, found " +
                                    std::string(KindName(*node)));
    return strings;
  }
  for (const toml::node& element : *array) {
    if (element.is_string()) {
      strings.push_back(element.ref<std::string>());
    } else {
      faults_.Add(element.source(), std::string(key) + ": expected a string, found " +
                                        std::string(KindName(element)));
    }
  }
  return strings;
}

std::optional<bool> TableReader::Bool(std::string_view key) {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_boolean()) {
    faults_.Add(node->source(), std::string(key) + ": expected true or false, found " +
                                    std::string(KindName(*node)));
    return std::nullopt;
  }
  return node->ref<bool>();
}

std::optional<std::int64_t> TableReader::Integer(std::string_view key, std::int64_t least) {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const std::string expected =
      std::string(key) + ": expected a whole number of at least " + std::to_string(least);
  if (!node->is_integer()) {
    faults_.Add(node->source(), expected + ", found " + std::string(KindName(*node)));
    return std::nullopt;
  }
  const std::int64_t value = node->ref<std::int64_t>();
  if (value < least) {
    faults_.Add(node->source(), expected + ", found " + std::to_string(value));
    return std::nullopt;
  }
  return value;
}

std::optional<Scalar> TableReader::ScalarValue(std::string_view key) {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_string()) return Scalar(node->ref<std::string>());
  if (node->is_integer()) return Scalar(node->ref<std::int64_t>());
  if (node->is_floating_point()) return Scalar(node->ref<double>());
  if (node->is_boolean()) return Scalar(node->ref<bool>());
  faults_.Add(node->source(), std::string(key) + ": expected a string, number or boolean, found " +
                                  std::string(KindName(*node)));
  return std::nullopt;
}

const toml::table* TableReader::Table(std::string_view key) {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) {
    faults_.Add(node->source(),
                std::string(key) + ": expected a table, found " + std::string(KindName(*node)));
    return nullptr;
  }
  return node->as_table();
}

std::vector<const toml::table*> TableReader::Tables(std::string_view key) {
  std::vector<const toml::table*> tables;
  const toml::node* node = table_.get(key);
  if (node == nullptr) return tables;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    faults_.Add(node->source(),
                "expected [[" + std::string(key) + "]], found " + std::string(KindName(*node)));
    return tables;
  }
  for (const toml::node& element : *array) {
    if (element.is_table()) {
      tables.push_back(element.as_table());
    } else {
      faults_.Add(element.source(),
                  std::string(key) + ": expected a table, found " + std::string(KindName(element)));
    }
  }
  return tables;
}

std::vector<std::pair<std::string, const toml::node*>> TableReader::InOrder() {
  struct Entry {
    toml::source_position place;
    std::string name;
    const toml::node* value;
  };
  std::vector<Entry> entries;
  for (const auto& [name, value] : table_) {
    entries.push_back({name.source().begin, std::string(name.str()), &value});
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  std::vector<std::pair<std::string, const toml::node*>> ordered;
  ordered.reserve(entries.size());
  for (Entry& e : entries) ordered.emplace_back(std::move(e.name), e.value);
  return ordered;
}

}  // namespace thresh
