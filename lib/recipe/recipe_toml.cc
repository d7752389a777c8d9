// RecipeReader: the top level and --set.

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/base/ascii_text.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kRecipeKeys{
    "name allow deny start_urls start sitemaps keep_links refresh fetch body save items follow "
    "tests"};
constexpr std::string_view kBodyKeys{"as charset"};

// Everybody on the machine can read a command line.
bool ShowsCredentials(std::string_view key, std::string_view value) {
  if (value.find("{secret.") != std::string_view::npos) return false;
  const std::string lower = InLowerCase(key) + '=' + InLowerCase(value);
  const auto has = [&lower](std::string_view text) {
    return lower.find(text) != std::string::npos;
  };
  return key.starts_with("fetch.auth") || (key == "fetch.proxy" && has("@")) ||
         (key.starts_with("fetch.headers") && (has("authorization") || has("cookie")));
}

}  // namespace

Result<> ApplyOverride(const Override& set, toml::table* root) {
  const bool fetch = set.key.starts_with("fetch.");
  if (!fetch && set.key != "allow" && set.key != "deny") {
    return Error{Errc::kInvalid, "expected fetch.KEY, allow or deny"};
  }
  toml::table* table = root;
  if (fetch) {
    auto inserted = root->insert("fetch", toml::table{});
    table = inserted.first->second.as_table();
    if (table == nullptr) return Ok{};  // `fetch = 3`: said when it is read.
  }
  const std::string key = fetch ? set.key.substr(6) : set.key;
  const std::string source = "--set " + set.key;  // What faults in it are told of.
  toml::parse_result value = toml::parse("value = " + set.value, source);
  if (!value) value = toml::parse("value = " + JsonString(set.value), source);
  toml::node& node = *value.table().get("value");
  toml::source_region place = node.source();
  node.visit([&](auto& concrete) {  // Moved, not copied: a copy has no place.
    table->insert_or_assign(toml::key(key, std::move(place)), std::move(concrete));
  });
  return Ok{};
}

bool IsItemName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name != "dead" && name != "jobs" &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

void RecipeReader::Read() {
  TableReader top(root_, "the recipe", faults_);
  top.CheckKeys(kRecipeKeys);
  ReadName(top);
  recipe_.allow = top.Strings("allow");
  recipe_.deny = top.Strings("deny");
  recipe_.start_urls = top.Strings("start_urls");
  CheckStartUrls(top);
  for (const toml::table* start : top.Tables("start")) ReadStart(*start);
  ReadSitemaps(top);
  recipe_.keep_links = top.Bool("keep_links").value_or(true);
  ReadRefresh(top);
  if (const toml::table* save = top.Table("save")) ReadSave(*save);
  if (const toml::table* fetch = top.Table("fetch")) ReadFetch(*fetch);
  if (const toml::table* body = top.Table("body")) ReadBody(*body);
  for (const toml::table* item : top.Tables("items")) ReadItem(*item);
  ReadFollows(top);
  for (const toml::table* test : top.Tables("tests")) ReadTest(*test);
  if (!top.Has("items") && !top.Has("follow") && !top.Has("save")) {
    top.Fault(
        "name",
        "expected at least one [[items]] or [[follow]], or save: the recipe extracts nothing");
  }
}

void RecipeReader::ReadName(TableReader& top) {
  const auto name = top.String("name");
  if (!top.Has("name")) {
    top.Fault("name", "expected name = \"…\": a recipe needs a name");
  } else if (name && !IsItemName(name->text)) {
    faults_.AddAt(*name, "name: expected letters, digits, - and _, found \"" + name->text + "\"");
  } else if (name) {
    recipe_.name = name->text;
  }
}

void RecipeReader::CheckStartUrls(TableReader& top) {
  for (std::size_t i = 0; i < recipe_.start_urls.size(); ++i) {
    const std::string& url = recipe_.start_urls[i];
    if (auto parsed = Url::Parse(url); !parsed) {
      top.ElementFault("start_urls", i, "start_urls: " + parsed.error().detail);
    } else if (!parsed->is_http()) {
      top.ElementFault("start_urls", i, "start_urls: expected an http or https URL, found " + url);
    }
  }
}

void RecipeReader::ReadBody(const toml::table& table) {
  static constexpr std::array<std::string_view, 6> kNames{"auto",   "html", "json",
                                                          "ndjson", "xml",  "text"};
  TableReader in(table, "body", faults_);
  in.CheckKeys(kBodyKeys);
  if (const auto as = in.Choice("as", kNames)) recipe_.body.as = static_cast<BodyAs>(*as);
  if (auto charset = in.String("charset")) recipe_.body.charset = std::move(*charset);
}

Result<Override> ParseOverride(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Error{Errc::kInvalid, "--set: expected KEY=VALUE, found \"" + std::string(text) + "\""};
  }
  Override set{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
  if (ShowsCredentials(set.key, set.value)) {
    return Error{Errc::kInvalid, "--set " + set.key +
                                     ": expected {secret.NAME} in place of a credential, which "
                                     "all users of this machine could read in the list of "
                                     "processes; its value goes into a file of --secrets-dir"};
  }
  return set;
}

RecipeFault FaultAt(const Recipe& recipe, const Located& where, std::size_t offset,
                    std::string_view detail) {
  if (where.origin) return MakeFault(*where.origin, detail);
  const TextPlace place = PlaceInString(recipe.text, {where.line, where.column}, offset);
  return MakeFault(recipe.file, place.line, place.column, detail);
}

Recipe ReadRecipe(std::string_view text, std::string_view file,
                  const std::vector<Override>& overrides, std::vector<RecipeFault>* faults) {
  Recipe recipe;
  recipe.file = file;
  recipe.text = text;
  recipe.hash = HashBytes(text);
  recipe.overrides = overrides;
  Faults found(std::string(file), text);
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    found.Add(parsed.error().source(), parsed.error().description());
    *faults = found.Take();
    return recipe;
  }
  for (const Override& set : overrides) {
    if (Result<> done = ApplyOverride(set, &parsed.table()); !done) {
      faults->push_back(MakeFault("--set " + set.key, done.error().detail));
    }
  }
  RecipeReader(parsed.table(), &recipe, found).Read();
  for (RecipeFault& fault : found.Take()) faults->push_back(std::move(fault));
  return recipe;
}

Result<Recipe> ParseRecipe(std::string_view text, std::string_view file,
                           const std::vector<Override>& overrides) {
  std::vector<RecipeFault> faults;
  Recipe recipe = ReadRecipe(text, file, overrides, &faults);
  if (!faults.empty()) return AsError(std::move(faults));
  return recipe;
}

}  // namespace thresh
