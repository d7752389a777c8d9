// RecipeReader: [[follow]] and [[tests]].

#include <algorithm>
#include <cctype>

#include "lib/base/ascii_text.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/recipe/secrets.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kFollowKeys{
    "css xpath json any re pipe match recipe url method headers body delay_ms root strip_params "
    "params count"};
constexpr std::string_view kCountKeys{"css xpath json re first step below"};
constexpr std::string_view kTestKeys{
    "page url expect status headers content_type meta links rejected dead retry"};

// Whether what the rule finds goes into one of its templates.
bool UsesValue(const FollowSpec& follow) {
  const RequestSpec& request = follow.request;
  const auto is_used = [](const auto& named) { return named.second.uses_value(); };
  return (follow.url && follow.url->uses_value()) || (request.body && request.body->uses_value()) ||
         std::any_of(request.headers.begin(), request.headers.end(), is_used) ||
         std::any_of(follow.params.begin(), follow.params.end(), is_used);
}

}  // namespace

void RecipeReader::ReadFollows(TableReader& top) {
  const toml::node* node = top.Get("follow");
  if (node == nullptr) return;
  const auto bare = [this](const toml::node& text) {
    FollowSpec follow;
    follow.place = PlaceOf(text.source());
    follow.sources = {BareSource(LocatedString(text))};
    recipe_.follows.push_back(std::move(follow));
  };
  if (node->is_string()) return bare(*node);
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    faults_.Add(node->source(), "expected [[follow]], found " + std::string(KindName(*node)));
    return;
  }
  for (const toml::node& element : *array) {
    if (element.is_table()) {
      ReadFollow(*element.as_table());
    } else if (element.is_string()) {
      bare(element);
    } else {
      faults_.Add(element.source(), "follow: expected a table or a selector, found " +
                                        std::string(KindName(element)));
    }
  }
}

void RecipeReader::ReadFollow(const toml::table& table) {
  TableReader in(table, "[[follow]]", faults_);
  in.CheckKeys(kFollowKeys);
  FollowSpec follow;
  follow.place = PlaceOf(table.source());
  follow.match = in.Strings("match");
  follow.re = in.String("re");
  follow.pipe = ReadPipe(in);
  follow.strip_params = in.Strings("strip_params");
  if (const auto recipe = in.String("recipe")) {
    if (IsItemName(recipe->text)) {
      follow.recipe = recipe->text;
    } else {
      faults_.AddAt(*recipe,
                    "recipe: expected the name of a recipe, found \"" + recipe->text + "\"");
    }
  }
  if (const toml::table* count = in.Table("count")) follow.count = ReadCount(*count);
  ReadFollowUrl(in, &follow);
  if (const toml::table* params = in.Table("params")) ReadParams(*params, &follow);
  follow.request = ReadRequest(in, {});
  CheckSecrets(follow.place, follow.url, follow.request);
  if (!follow.recipe.empty() && NamesSecrets(follow.url, follow.request)) {
    in.Fault("recipe", "recipe: expected no secret beside it: only its own recipe may send one");
  }
  ReadMs(in, "delay_ms", 0, &follow.delay);
  follow.root = in.Bool("root").value_or(false);
  const bool has_source = in.Has("css") || in.Has("xpath") || in.Has("json") || in.Has("any");
  if (in.Has("count")) {
    if (has_source) {
      in.Fault("count", "expected either a selector or count: count has its own");
    }
    if (!in.Has("url") && !in.Has("params")) {
      in.Fault("count",
               "count: expected url = \"…{value}…\" or params = { NAME = \"{value}\" } beside it");
    } else if (follow.url && !UsesValue(follow)) {
      faults_.AddAt(*in.String("url"),
                    "url: expected {value} in it, in params or in body: all links would be one");
    } else if (!in.Has("url") && !UsesValue(follow)) {
      in.Fault("params", "params: expected {value} in it, or in body: all links would be one");
    }
  } else if (has_source) {
    follow.sources = ReadSources(in, table, {"css xpath json", "css, xpath, json or any"});
  } else if (!in.Has("url") || UsesValue(follow)) {
    in.Fault("", "expected css = \"…\", xpath, json or any in [[follow]]");
  }
  recipe_.follows.push_back(std::move(follow));
}

void RecipeReader::ReadFollowUrl(TableReader& in, FollowSpec* follow) {
  const auto text = in.String("url");
  if (!text) return;
  follow->url = ReadTemplate(*text, "url", {});
  if (!follow->url) return;
}

void RecipeReader::ReadParams(const toml::table& table, FollowSpec* follow) {
  constexpr UrlTemplate::Places kNoSecrets{true, true, true, false};
  TableReader in(table, "params", faults_);
  for (const auto& [name, node] : in.InOrder()) {
    const auto text = in.String(name);
    if (!text) continue;
    if (auto value = ReadTemplate(*text, "params", kNoSecrets)) {
      follow->params.emplace_back(name, std::move(*value));
    }
  }
}

std::optional<CountSpec> RecipeReader::ReadCount(const toml::table& table) {
  TableReader in(table, "count", faults_);
  in.CheckKeys(kCountKeys);
  CountSpec count;
  if (!ReadSource(in, table, {"css xpath json", "css, xpath or json"}, &count.source)) {
    return std::nullopt;
  }
  count.source.re = in.String("re");
  count.first = in.Integer("first", 0).value_or(0);
  count.step = in.Integer("step", 1).value_or(1);
  count.below = in.Integer("below", 1);
  return count;
}

void RecipeReader::ReadTest(const toml::table& table) {
  TableReader in(table, "[[tests]]", faults_);
  in.CheckKeys(kTestKeys);
  TestSpec test;
  if (auto page = in.String("page")) {
    test.page = std::move(*page);
  } else if (!in.Has("page")) {
    in.Fault("", "expected page = \"…\" in [[tests]]: the file with the page");
  }
  if (const auto url = in.String("url")) {
    if (auto parsed = Url::Parse(url->text); !parsed) {
      faults_.AddAt(*url, "url: " + parsed.error().detail);
    } else {
      test.url = parsed->WithoutFragment().href();
    }
  } else if (!in.Has("url")) {
    in.Fault("", "expected url = \"…\" in [[tests]]: where the page is from");
  }
  if (auto expect = in.String("expect")) test.expect = std::move(*expect);
  if (in.Has("links")) test.links = in.Strings("links");
  test.rejected = in.Integer("rejected", 0);
  if (auto dead = in.String("dead")) test.dead = dead->text;
  test.retry = in.Bool("retry").value_or(false);
  if (!in.Has("expect") && !in.Has("links") && !in.Has("dead") && !in.Has("rejected") &&
      !test.retry) {
    in.Fault("",
             "expected expect = \"…\" in [[tests]]: the file with the records, or links, "
             "rejected, dead or retry");
  }
  test.status = static_cast<std::uint32_t>(
      std::min<std::int64_t>(in.Integer("status", 0).value_or(200), 999));
  if (auto type = in.String("content_type")) test.headers.emplace_back("content-type", type->text);
  if (const toml::table* headers = in.Table("headers")) ReadTestHeaders(*headers, &test);
  if (const toml::table* meta = in.Table("meta")) {
    test.meta = meta->empty() ? "" : ReadMeta(*meta, "meta");
  }
  recipe_.tests.push_back(std::move(test));
}

void RecipeReader::ReadTestHeaders(const toml::table& table, TestSpec* test) {
  TableReader in(table, "headers", faults_);
  for (const auto& [name, node] : in.InOrder()) {
    if (const auto value = in.String(name)) {
      test->headers.emplace_back(InLowerCase(name), value->text);
    }
  }
}

}  // namespace thresh
