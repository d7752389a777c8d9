// The recipe's TOML, read into thresh::Recipe. Key by key this follows docs/recipes.md.

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/recipe/recipe.h"
#include "lib/recipe/toml_reader.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr KnownKeys kRecipeKeys{"name allow deny start_urls fetch items follow",
                                "start tests body save"};
constexpr KnownKeys kFetchKeys{
    "per_host delay_ms respect_robots_txt allow_private connect_timeout_ms timeout_ms "
    "max_body_bytes max_redirects",
    "retry_when fail_when auth headers cookies proxy body verify"};
constexpr KnownKeys kItemKeys{"name match rows fields", "min_rows key jsonld microdata"};
constexpr KnownKeys kFieldKeys{
    "css meta url status header const re type format required default many join page",
    "xpath json any pipe rows fields jsonld microdata"};
constexpr KnownKeys kFollowKeys{
    "css match", "xpath json recipe root method body delay_ms strip_params count url"};

constexpr std::int64_t kMostBodyBytes = 64 << 20;  // What fits into one message.

struct TypeName {
  std::string_view name;
  FieldType type;
};
constexpr std::array kTypeNames{
    TypeName{"text", FieldType::kText},       TypeName{"number", FieldType::kNumber},
    TypeName{"integer", FieldType::kInteger}, TypeName{"bool", FieldType::kBool},
    TypeName{"date", FieldType::kDate},       TypeName{"url", FieldType::kUrl},
    TypeName{"html", FieldType::kHtml}};

struct SourceKey {
  std::string_view key;
  FieldSource source;
};
constexpr std::array kSourceKeys{
    SourceKey{"css", FieldSource::kCss},       SourceKey{"meta", FieldSource::kMeta},
    SourceKey{"url", FieldSource::kUrl},       SourceKey{"status", FieldSource::kStatus},
    SourceKey{"header", FieldSource::kHeader}, SourceKey{"const", FieldSource::kConst}};

// Item names become file names, so they are kept to what no file system or shell minds.
bool IsItemName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name != "dead" && name != "jobs" &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

// Bare strings: the first characters say which kind of selector it is.
bool IsCssText(std::string_view text) {
  return !text.starts_with('$') && !text.starts_with('/') && !text.starts_with("./") &&
         !text.starts_with(".//") && !text.starts_with('(');
}

class RecipeReader {
 public:
  RecipeReader(const toml::table& root, Recipe* recipe, Faults& faults)
      : root_(root), recipe_(*recipe), faults_(faults) {}

  void Read() {
    TableReader top(root_, "the recipe", faults_);
    top.CheckKeys(kRecipeKeys);
    ReadName(top);
    recipe_.allow = top.Strings("allow");
    recipe_.deny = top.Strings("deny");
    recipe_.start_urls = top.Strings("start_urls");
    CheckStartUrls(top);
    if (const toml::table* fetch = top.Table("fetch")) ReadFetch(*fetch);
    for (const toml::table* item : top.Tables("items")) ReadItem(*item);
    for (const toml::table* follow : top.Tables("follow")) ReadFollow(*follow);
    if (!top.Has("items") && !top.Has("follow")) {
      top.Fault("name",
                "expected at least one [[items]] or [[follow]]: the recipe extracts nothing");
    }
  }

 private:
  void ReadName(TableReader& top) {
    const auto name = top.String("name");
    if (!top.Has("name")) {
      top.Fault("name", "expected name = \"…\": a recipe needs a name");
    } else if (name && !IsItemName(name->text)) {
      faults_.AddAt(*name, "name: expected letters, digits, - and _, found \"" + name->text + "\"");
    } else if (name) {
      recipe_.name = name->text;
    }
  }

  void CheckStartUrls(TableReader& top) {
    for (std::size_t i = 0; i < recipe_.start_urls.size(); ++i) {
      const std::string& url = recipe_.start_urls[i];
      if (auto parsed = Url::Parse(url); !parsed) {
        top.ElementFault("start_urls", i, "start_urls: " + parsed.error().detail);
      } else if (!parsed->is_http()) {
        top.ElementFault("start_urls", i,
                         "start_urls: expected an http or https URL, found " + url);
      }
    }
  }

  void ReadFetch(const toml::table& table) {
    TableReader in(table, "[fetch]", faults_);
    in.CheckKeys(kFetchKeys);
    FetchSpec& f = recipe_.fetch;
    const auto ms = [&](std::string_view key, std::chrono::milliseconds* out, std::int64_t least) {
      if (const auto value = in.Integer(key, least)) *out = std::chrono::milliseconds(*value);
    };
    f.per_host = in.Integer("per_host", 1).value_or(f.per_host);
    ms("delay_ms", &f.delay, 0);
    ms("connect_timeout_ms", &f.connect_timeout, 1);
    ms("timeout_ms", &f.timeout, 1);
    f.max_body_bytes = in.Integer("max_body_bytes", 1).value_or(f.max_body_bytes);
    if (f.max_body_bytes > kMostBodyBytes) {
      in.Fault("max_body_bytes", "max_body_bytes: expected at most " +
                                     std::to_string(kMostBodyBytes) + " in this version, found " +
                                     std::to_string(f.max_body_bytes));
    }
    f.max_redirects = in.Integer("max_redirects", 0).value_or(f.max_redirects);
    f.respect_robots_txt = in.Bool("respect_robots_txt").value_or(f.respect_robots_txt);
    f.allow_private = in.Strings("allow_private");
    for (std::size_t i = 0; i < f.allow_private.size(); ++i) {
      const std::string& cidr = f.allow_private[i];
      if (!IsCidr(cidr)) {
        in.ElementFault(
            "allow_private", i,
            "allow_private: expected a network such as 127.0.0.0/8 or fd00::/8, found \"" + cidr +
                "\"");
      }
    }
  }

  // An address and maybe `/bits`.
  static bool IsCidr(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string address = text.substr(0, slash);
    in6_addr ignored{};
    const bool v4 = inet_pton(AF_INET, address.c_str(), &ignored) == 1;
    if (!v4 && inet_pton(AF_INET6, address.c_str(), &ignored) != 1) return false;
    if (slash == std::string::npos) return true;
    const std::string bits = text.substr(slash + 1);
    const bool digits = !bits.empty() && bits.size() <= 3 &&
                        bits.find_first_not_of("0123456789") == std::string::npos;
    return digits && std::stoi(bits) <= (v4 ? 32 : 128);
  }

  void ReadItem(const toml::table& table) {
    TableReader in(table, "[[items]]", faults_);
    in.CheckKeys(kItemKeys);
    ItemSpec item;
    const auto name = in.String("name");
    if (!in.Has("name")) {
      in.Fault("", "expected name = \"…\" in [[items]]: it names the output file");
    } else if (name && !IsItemName(name->text)) {
      faults_.AddAt(*name,
                    "name: expected letters, digits, - and _ (not \"dead\" or \"jobs\"), found \"" +
                        name->text + "\"");
    } else if (name) {
      item.name = name->text;
    }
    for (const ItemSpec& other : recipe_.items) {
      if (name && other.name == name->text) {
        faults_.AddAt(*name,
                      "name: expected a name of its own, found \"" + name->text + "\" twice");
      }
    }
    item.match = in.Strings("match");
    item.rows = in.String("rows");
    if (item.rows) ExpectCss(*item.rows);
    const toml::table* fields = in.Table("fields");
    if (fields == nullptr) {
      in.Fault("fields", "expected [items.fields]: the item has no fields");
    } else {
      TableReader names(*fields, "[items.fields]", faults_);
      for (const auto& [key, node] : names.InOrder()) item.fields.push_back(ReadField(key, *node));
      if (item.fields.empty()) in.Fault("fields", "expected at least one field");
    }
    recipe_.items.push_back(std::move(item));
  }

  void ExpectCss(const Located& selector) {
    if (!IsCssText(selector.text)) {
      faults_.AddAt(selector, "expected a CSS selector, found \"" + selector.text +
                                  "\": XPath and JSONPath are not built yet");
    }
  }

  FieldSpec ReadField(const std::string& name, const toml::node& node) {
    FieldSpec field;
    field.name = name;
    if (name.starts_with('_')) {
      faults_.Add(
          node.source(),
          "field \"" + name +
              "\": expected a name without leading _, which is kept for _id, _url and the like");
    }
    if (node.is_string()) {
      field.selector = LocatedString(node);
      ExpectCss(field.selector);
      return field;
    }
    if (!node.is_table()) {
      faults_.Add(node.source(), "field \"" + name + "\": expected a selector or a table, found " +
                                     std::string(KindName(node)));
      return field;
    }
    TableReader in(*node.as_table(), "field \"" + name + "\"", faults_);
    in.CheckKeys(kFieldKeys);
    ReadSource(in, node, &field);
    ReadType(in, &field);
    field.re = in.String("re");
    field.required = in.Bool("required").value_or(false);
    field.many = in.Bool("many").value_or(false);
    field.page = in.Bool("page").value_or(false);
    if (const auto join = in.String("join")) field.join = join->text;
    if (field.join && field.many)
      in.Fault("join", "expected either many or join: join makes one string of all matches");
    field.default_value = in.ScalarValue("default");
    if (field.default_value && field.required)
      in.Fault("default",
               "expected either required or default: a field with a default is never missing");
    return field;
  }

  void ReadSource(TableReader& in, const toml::node& node, FieldSpec* field) {
    int found = 0;
    for (const SourceKey& candidate : kSourceKeys) {
      if (!in.Has(candidate.key)) continue;
      ++found;
      field->source = candidate.source;
      switch (candidate.source) {
        case FieldSource::kCss:
          if (const auto css = in.String("css")) field->selector = *css;
          break;
        case FieldSource::kMeta:
        case FieldSource::kHeader:
          if (const auto key = in.String(candidate.key)) field->selector = *key;
          break;
        case FieldSource::kUrl:
        case FieldSource::kStatus:
          if (in.Bool(candidate.key) == false)
            in.Fault(candidate.key, std::string(candidate.key) + ": expected true, found false");
          break;
        case FieldSource::kConst: field->constant = in.ScalarValue("const"); break;
      }
    }
    for (const std::string_view later : Words(kFieldKeys.later)) {
      if (in.Has(later)) return;  // Said already, by CheckKeys().
    }
    if (found != 1) {
      faults_.Add(node.source(),
                  "field \"" + field->name +
                      "\": expected one source (css, meta, url, status, header or const), found " +
                      std::to_string(found));
    }
  }

  void ReadType(TableReader& in, FieldSpec* field) {
    if (const auto type = in.String("type")) {
      const auto* known = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                       [&](const TypeName& t) { return t.name == type->text; });
      if (known != kTypeNames.end()) {
        field->type = known->type;
      } else if (type->text == "json") {
        faults_.AddAt(*type, "type \"json\" is not built yet");
      } else {
        faults_.AddAt(*type,
                      "type: expected text, number, integer, bool, date, url or html, found \"" +
                          type->text + "\"");
      }
    }
    if (!in.Has("format")) return;
    field->date_formats = in.Strings("format");
    if (field->type != FieldType::kDate)
      in.Fault("format", "format: expected type = \"date\" beside it");
  }

  void ReadFollow(const toml::table& table) {
    TableReader in(table, "[[follow]]", faults_);
    in.CheckKeys(kFollowKeys);
    FollowSpec follow;
    follow.match = in.Strings("match");
    if (const auto css = in.String("css")) {
      follow.css = *css;
    } else if (!in.Has("css") && !in.Has("xpath") && !in.Has("json") && !in.Has("count")) {
      in.Fault("", "expected css = \"…\" in [[follow]]");
    }
    recipe_.follows.push_back(std::move(follow));
  }

  const toml::table& root_;
  Recipe& recipe_;
  Faults& faults_;
};

// Puts one `--set` into the table, as if the recipe said so.
Result<> ApplyOverride(const Override& set, toml::table* root) {
  const bool fetch = set.key.starts_with("fetch.");
  if (!fetch && set.key != "allow" && set.key != "deny") {
    return Error{Errc::kInvalid, "--set " + set.key + ": expected fetch.KEY, allow or deny"};
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

}  // namespace

Result<Override> ParseOverride(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Error{Errc::kInvalid, "--set: expected KEY=VALUE, found \"" + std::string(text) + "\""};
  }
  return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<Recipe> ParseRecipe(std::string_view text, std::string_view file,
                           const std::vector<Override>& overrides) {
  Faults faults(std::string(file), text);
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    faults.Add(parsed.error().source(), parsed.error().description());
    return faults.AsError();
  }
  for (const Override& set : overrides) {
    if (Result<> done = ApplyOverride(set, &parsed.table()); !done) return done.error();
  }
  Recipe recipe;
  recipe.file = file;
  recipe.text = text;
  recipe.hash = HashBytes(text);
  RecipeReader(parsed.table(), &recipe, faults).Read();
  if (!faults.empty()) return faults.AsError();
  return recipe;
}

}  // namespace thresh
