#include "lib/toml/table_reader.h"

#include <algorithm>

#include "lib/toml/nearest.h"

namespace thresh {
namespace {

std::string Join(std::string_view names) {
  std::string joined;
  for (const std::string_view name : Words(names)) {
    if (!joined.empty()) joined += ", ";
    joined += name;
  }
  return joined;
}

// What `--set` gave was parsed under its name.
bool IsOfCommandLine(const toml::source_region& where) {
  return where.path && where.path->starts_with("--");
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

Located PlaceOf(const toml::source_region& where) {
  Located place{"", static_cast<std::uint32_t>(where.begin.line),
                static_cast<std::uint32_t>(where.begin.column)};
  if (IsOfCommandLine(where)) place.origin = where.path;
  return place;
}

void Faults::Add(const toml::source_region& where, std::string_view detail) {
  const Located at = PlaceOf(where);
  if (at.origin) {
    faults_.push_back(MakeFault(*at.origin, detail));
  } else {
    Note({at.line, at.column}, detail);
  }
}

void Faults::AddWithin(const Located& where, std::size_t offset, std::string_view detail) {
  if (where.origin) {
    faults_.push_back(MakeFault(*where.origin, detail));
  } else {
    Note(PlaceInString(document_, {where.line, where.column}, offset), detail);
  }
}

void Faults::Note(TextPlace place, std::string_view detail) {
  faults_.push_back(MakeFault(file_, place.line, place.column, detail));
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

std::optional<Scalar> ScalarOf(const toml::node& node) {
  if (node.is_string()) return Scalar(node.ref<std::string>());
  if (node.is_integer()) return Scalar(node.ref<std::int64_t>());
  if (node.is_floating_point()) return Scalar(node.ref<double>());
  if (node.is_boolean()) return Scalar(node.ref<bool>());
  return std::nullopt;
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

void TableReader::CheckKeys(std::string_view known) {
  const std::vector<std::string_view> names = Words(known);
  for (const auto& [name, value] : table_) {
    if (std::find(names.begin(), names.end(), name.str()) != names.end()) continue;
    faults_.Add(name.source(), "unknown key \"" + std::string(name.str()) + "\" in " + what_ +
                                   DidYouMean(name.str(), names) + " (expected one of " +
                                   Join(known) + ")");
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
  for (Located& string : LocatedStrings(key)) strings.push_back(std::move(string.text));
  return strings;
}

std::vector<Located> TableReader::LocatedStrings(std::string_view key) {
  std::vector<Located> strings;
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
      strings.push_back(LocatedString(element));
    } else {
      faults_.Add(element.source(), std::string(key) + ": expected a string, found " +
                                        std::string(KindName(element)));
    }
  }
  return strings;
}

std::optional<std::size_t> TableReader::Choice(std::string_view key,
                                               std::span<const std::string_view> names) {
  const auto chosen = String(key);
  if (!chosen) return std::nullopt;
  const auto* const known = std::find(names.data(), names.data() + names.size(), chosen->text);
  if (known != names.data() + names.size()) return static_cast<std::size_t>(known - names.data());
  std::string expected(key);
  expected += ": expected ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) expected += i + 1 == names.size() ? " or " : ", ";
    expected += names[i];
  }
  faults_.AddAt(*chosen,
                expected + ", found \"" + chosen->text + "\"" + DidYouMean(chosen->text, names));
  return std::nullopt;
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
  if (auto value = ScalarOf(*node)) return value;
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
