#include "lib/recipe/host_tables.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "lib/base/ascii_text.h"
#include "lib/recipe/fetch_keys.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kBelow = "*.";

void Put(std::string_view name, const toml::node& value, toml::table* into) {
  value.visit([&](const auto& concrete) { into->insert_or_assign(name, concrete); });
}

std::int64_t NumberOf(const toml::node& node) {
  return node.is_integer() ? node.ref<std::int64_t>() : 0;
}

// The host that a pattern names, as URLs have it; its `*.` and its port are kept.
// Errors: kInvalid with what is expected.
Result<std::string> CanonicalPattern(const std::string& text) {
  const Error unexpected{Errc::kInvalid,
                         "match: expected a host such as \"example.com\", \"*.example.com\", "
                         "\"example.com:8080\" or \"*\", found \"" +
                             text + "\""};
  if (text == "*") return text;
  const bool below = text.starts_with(kBelow);
  const std::string host = below ? text.substr(kBelow.size()) : text;
  if (host.empty() || host.ends_with(':') ||
      host.find_first_of("/?#@*\\ \t\r\n") != std::string::npos)
    return unexpected;
  const Result<Url> url = Url::Parse("http://" + host + "/");
  const Result<Url> tls = Url::Parse("https://" + host + "/");
  if (!url || !tls || url->hostname().empty()) return unexpected;
  if (url->host() != tls->host()) {
    return Error{Errc::kInvalid, "match: \"" + text +
                                     "\" has the port that http or https has anyway; expected it "
                                     "without: \"" +
                                     text.substr(0, text.rfind(':')) + "\""};
  }
  return (below ? std::string(kBelow) : std::string()) + std::string(url->host());
}

// Of `name:port`, where the port begins; npos: there is none. An address of IPv6 has colons.
std::size_t PortAt(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool inside = bracket != std::string_view::npos && colon < bracket;
  return inside ? std::string_view::npos : colon;
}

// All patterns that match, the closest first.
std::vector<std::string> PatternsFor(std::string_view host) {
  const std::size_t colon = PortAt(host);
  const std::string port(colon == std::string_view::npos ? "" : host.substr(colon));
  std::string_view name = host.substr(0, colon);
  std::vector<std::string> patterns;
  const auto add = [&](const std::string& pattern) {
    if (!port.empty()) patterns.push_back(pattern + port);
    patterns.push_back(pattern);
  };
  add(std::string(name));
  while (!name.starts_with('[')) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
    add(std::string(kBelow).append(name));
  }
  patterns.emplace_back("*");
  return patterns;
}

// Both are tables of texts by name. Names of headers are the same in any case.
void MergeByName(const toml::table& over, bool any_case, toml::table* into) {
  for (const auto& [name, value] : over) {
    std::vector<std::string> same;
    for (const auto& [other, ignored] : *into) {
      const bool is_same = any_case ? InLowerCase(other.str()) == InLowerCase(name.str())
                                    : other.str() == name.str();
      if (is_same) same.emplace_back(other.str());
    }
    for (const std::string& other : same) into->erase(other);
    Put(name.str(), value, into);
  }
}

// Puts the operator's value over the recipe's, or leaves the stricter one of both.
void PutOver(const FetchKey& key, const toml::node& value, bool limits, toml::table* fetch) {
  toml::node* known = fetch->get(key.name);
  if (known == nullptr) return Put(key.name, value, fetch);
  if (key.combine == Combine::kByName && known->is_table() && value.is_table()) {
    return MergeByName(*value.as_table(), key.name == "headers", known->as_table());
  }
  if (!limits) return Put(key.name, value, fetch);
  const std::int64_t theirs = NumberOf(*known), ours = NumberOf(value);
  bool keep = false;
  switch (key.combine) {
    case Combine::kLeast: keep = theirs < ours; break;
    case Combine::kLeastNotZero: keep = theirs != 0 && (ours == 0 || theirs < ours); break;
    case Combine::kMost: keep = theirs > ours; break;
    case Combine::kEither: keep = known->is_boolean() && known->ref<bool>(); break;
    case Combine::kReplace:
    case Combine::kByName: break;
  }
  if (!keep) Put(key.name, value, fetch);
}

bool NamesSecret(const toml::node& value) {
  return value.is_string() && value.ref<std::string>().find("secret.") != std::string::npos;
}

void DropCredentials(toml::table* fetch) {
  fetch->erase("auth");
  fetch->erase("cookies");
  toml::table* headers = fetch->get_as<toml::table>("headers");
  if (headers == nullptr) return;
  std::vector<std::string> dropped;
  for (const auto& [name, value] : *headers) {
    const std::string lower = InLowerCase(name.str());
    if (lower == "authorization" || lower == "cookie" || NamesSecret(value)) {
      dropped.emplace_back(name.str());
    }
  }
  for (const std::string& name : dropped) headers->erase(name);
}

bool IsCredential(std::string_view key) {
  return key == "auth" || key == "cookies" || key == "headers";
}

std::string TomlText(const toml::node& node) {
  std::ostringstream text;
  text << toml::toml_formatter{node};
  return text.str();
}

// `fetch.` and the key; empty if it is none of [fetch].
std::string_view FetchKeyOf(const Override& set) {
  constexpr std::string_view kPrefix = "fetch.";
  const std::string_view key = set.key;
  return key.starts_with(kPrefix) ? key.substr(kPrefix.size()) : std::string_view();
}

}  // namespace

struct HostTables::Tables {
  std::vector<toml::table> tables;
  std::vector<Recipe> recipes;
  std::map<std::string, std::uint32_t, std::less<>> by_pattern;

  // All that these say, the closest over the others.
  [[nodiscard]] toml::table Together(const Match& match) const {
    toml::table together;
    for (const std::uint32_t number : match) {
      for (const FetchKey& key : FetchKeys()) {
        const toml::node* value = tables[number].get(key.name);
        if (value != nullptr) PutOver(key, *value, false, &together);
      }
    }
    return together;
  }

  // The recipe's root table, its [fetch] with all that holds.
  [[nodiscard]] toml::table Combined(const Recipe& recipe, const Match& match, bool foreign) const {
    toml::parse_result parsed = toml::parse(recipe.text);
    toml::table root = parsed ? std::move(parsed).table() : toml::table{};
    const auto apply = [&root](const Override& set) { (void)ApplyOverride(set, &root).ok(); };
    std::for_each(recipe.overrides.begin(), recipe.overrides.end(), apply);
    toml::table& fetch = *root.insert("fetch", toml::table{}).first->second.as_table();
    if (foreign) DropCredentials(&fetch);
    const toml::table over = Together(match);
    for (const FetchKey& key : FetchKeys()) {
      if (const toml::node* value = over.get(key.name)) PutOver(key, *value, true, &fetch);
    }
    for (const Override& set : recipe.overrides) {
      if (!foreign || !IsCredential(FetchKeyOf(set))) apply(set);
    }
    const toml::node* body = fetch.get("max_body_bytes");
    const bool too_large = body != nullptr && NumberOf(*body) > kMostPageBytes;
    if (too_large && recipe.save.format == SaveFormat::kNone) {
      fetch.insert_or_assign("max_body_bytes", kMostPageBytes);
    }
    return root;
  }
};

namespace {

// Reads one table: its patterns, and its keys of [fetch] as those of a recipe.
class HostReader {
 public:
  HostReader(std::string_view text, std::string_view file, Faults& faults)
      : text_(text), file_(file), faults_(faults) {}

  std::vector<std::string> ReadPatterns(TableReader& in) {
    std::vector<std::string> patterns;
    if (!in.Has("match")) in.Fault("", "[[host]]: expected match, the hosts that it is for");
    const bool is_list = in.Has("match") && in.Get("match")->is_array();
    std::vector<Located> texts;
    if (is_list) {
      texts = in.LocatedStrings("match");
      if (texts.empty()) in.Fault("match", "match: expected a host, found none");
    } else if (auto text = in.String("match")) {
      texts.push_back(std::move(*text));
    }
    for (const Located& text : texts) {
      Result<std::string> pattern = CanonicalPattern(text.text);
      if (!pattern) {
        faults_.AddAt(text, pattern.error().detail);
      } else if (const auto [known, is_new] = seen_.emplace(*pattern, text.line); !is_new) {
        faults_.AddAt(text, "match: \"" + text.text + "\" stands in line " +
                                std::to_string(known->second) + " already");
      } else {
        patterns.push_back(std::move(*pattern));
      }
    }
    return patterns;
  }

  Recipe ReadFetch(TableReader& in, const toml::table& table) {
    Recipe recipe;
    recipe.name = "host";
    recipe.file = file_;
    recipe.text = text_;
    recipe.save.format = SaveFormat::kWarc;  // It may be for recipes that save, with large bodies.
    RecipeReader(table, &recipe, faults_).ReadFetchKeys(in);
    recipe.save.format = SaveFormat::kNone;
    return recipe;
  }

 private:
  std::string_view text_, file_;
  Faults& faults_;
  std::map<std::string, std::uint32_t> seen_;
};

}  // namespace

HostTables::HostTables() : tables_(std::make_shared<const Tables>()) {}

HostTables HostTables::Read(std::string_view text, std::string_view file,
                            std::vector<TextFault>* faults) {
  HostTables read;
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) return read;
  Faults found(std::string(file), text);
  auto tables = std::make_shared<Tables>();
  HostReader reader(text, file, found);
  TableReader root(parsed.table(), "the file", found);
  for (const toml::table* table : root.Tables("host")) {
    TableReader in(*table, "[[host]]", found);
    in.CheckKeys("match " + std::string(FetchKeyNames()));
    const auto number = static_cast<std::uint32_t>(tables->tables.size());
    for (std::string& pattern : reader.ReadPatterns(in)) {
      tables->by_pattern.emplace(std::move(pattern), number);
    }
    tables->recipes.push_back(reader.ReadFetch(in, *table));
    tables->tables.push_back(*table);
  }
  for (TextFault& fault : found.Take()) faults->push_back(std::move(fault));
  read.tables_ = std::move(tables);
  return read;
}

bool HostTables::empty() const noexcept {
  return tables_->tables.empty();
}

std::size_t HostTables::size() const noexcept {
  return tables_->tables.size();
}

const std::vector<Recipe>& HostTables::AsRecipes() const noexcept {
  return tables_->recipes;
}

HostTables::Match HostTables::MatchOf(std::string_view host) const {
  Match match;
  if (empty()) return match;
  for (const std::string& pattern : PatternsFor(host)) {
    const auto found = tables_->by_pattern.find(pattern);
    if (found == tables_->by_pattern.end()) continue;
    if (std::find(match.begin(), match.end(), found->second) == match.end()) {
      match.push_back(found->second);
    }
  }
  std::reverse(match.begin(), match.end());
  return match;
}

// Each table was read without faults, and so was the recipe: so is what they are together.
FetchSpec HostTables::FetchOf(const Recipe& recipe, const Match& match, bool foreign) const {
  if (match.empty() && !foreign) return recipe.fetch;
  const toml::table root = tables_->Combined(recipe, match, foreign);
  Recipe combined;
  combined.save = recipe.save;
  Faults none(recipe.file, recipe.text);
  TableReader in(*root["fetch"].as_table(), "[fetch]", none);
  RecipeReader(root, &combined, none).ReadFetchKeys(in);
  return combined.fetch;
}

std::vector<std::string> HostTables::SetsOf(const Recipe& recipe, const Match& match) const {
  std::vector<std::string> sets;
  const toml::table over = tables_->Together(match);
  for (const FetchKey& key : FetchKeys()) {
    if (!key.for_parsers) continue;
    const bool set = std::any_of(recipe.overrides.begin(), recipe.overrides.end(),
                                 [&key](const Override& o) { return FetchKeyOf(o) == key.name; });
    if (!set && !over.contains(key.name)) continue;
    const toml::table root = tables_->Combined(recipe, match, false);
    const toml::node* value = root["fetch"].as_table()->get(key.name);
    if (value != nullptr) {
      sets.push_back("fetch." + std::string(key.name) + "=" + TomlText(*value));
    }
  }
  return sets;
}

}  // namespace thresh
