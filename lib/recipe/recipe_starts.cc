// RecipeReader: what a crawl begins with.

#include "lib/base/duration.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kStartKeys{"from url method headers body dont_filter"};

// A start knows its row alone.
constexpr UrlTemplate::Places kRowAndSecrets{false, false, true, true};

}  // namespace

void RecipeReader::ReadStart(const toml::table& table) {
  TableReader in(table, "[[start]]", faults_);
  in.CheckKeys(kStartKeys);
  StartSpec start;
  start.place = PlaceOf(table.source());
  ReadStartRows(in, &start);
  if (const auto url = in.String("url")) start.url = ReadTemplate(*url, "url", kRowAndSecrets);
  start.request = ReadRequest(in, kRowAndSecrets);
  start.dont_filter = in.Bool("dont_filter").value_or(false);
  CheckSecrets(start.place, start.url, start.request);
  if (!in.Has("from") && !in.Has("url")) {
    in.Fault("", "expected from = \"FILE\" or url = \"…\" in [[start]]");
  }
  recipe_.starts.push_back(std::move(start));
}

void RecipeReader::ReadStartRows(TableReader& in, StartSpec* start) {
  const toml::node* from = in.Get("from");
  if (from == nullptr) return;
  if (from->is_string()) {
    start->from = LocatedString(*from);
    if (start->from.text.empty()) faults_.AddAt(start->from, "from: expected the path of a file");
    return;
  }
  const toml::array* rows = from->as_array();
  if (rows == nullptr || rows->empty()) {
    in.Fault("from", "from: expected a CSV or NDJSON file, or a list of tables");
    return;
  }
  for (const toml::node& row : *rows) {
    if (const toml::table* values = row.as_table()) {
      start->rows.push_back(ReadMeta(*values, "from"));
    } else {
      faults_.Add(row.source(), "from: expected a table, found " + std::string(KindName(row)));
    }
  }
}

std::string RecipeReader::ReadMeta(const toml::table& table, const std::string& what) {
  std::string meta = "{";
  TableReader values(table, what, faults_);
  for (const auto& [name, node] : values.InOrder()) {
    const auto value = ScalarOf(*node);
    if (!value) {
      faults_.Add(node->source(), what + ": expected a string, number or boolean, found " +
                                      std::string(KindName(*node)));
      continue;
    }
    if (meta.size() > 1) meta += ',';
    AppendJsonString(name, &meta);
    meta += ':';
    AppendJsonScalar(*value, &meta);
  }
  return meta + "}";
}

void RecipeReader::ReadSitemaps(TableReader& top) {
  recipe_.sitemaps = top.Strings("sitemaps");
  for (std::size_t i = 0; i < recipe_.sitemaps.size(); ++i) {
    const std::string& url = recipe_.sitemaps[i];
    if (url == "robots") continue;
    const auto parsed = Url::Parse(url);
    if (!parsed || !parsed->is_http()) {
      top.ElementFault("sitemaps", i,
                       "sitemaps: expected the URL of a sitemap, or \"robots\" for those that "
                       "robots.txt names, found \"" +
                           url + "\"");
    }
  }
}

void RecipeReader::ReadRefresh(TableReader& top) {
  const auto text = top.String("refresh");
  if (!text) return;
  const auto every = ParseDuration(text->text);
  if (!every) {
    faults_.AddAt(*text, "refresh: " + every.error().detail);
  } else if (every->count() < 1000) {
    faults_.AddAt(*text, "refresh: expected at least 1s");
  } else {
    recipe_.refresh = *every;
  }
}

}  // namespace thresh
