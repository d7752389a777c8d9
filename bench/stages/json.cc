// thresh-bench-json: how fast a JSON answer becomes records; see bench/micro json.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/stages/measure.h"
#include "parser/json/document.h"
#include "parser/json/json_path.h"
#include "parser/json/json_path_set.h"
#include "parser/json/write.h"

namespace {

using namespace thresh;
using simdjson::dom::element;

constexpr std::size_t kPlaces = 20;

// Names of no place at all, of the usual lengths.
std::string Answer() {
  static constexpr std::array<std::string_view, 5> kNames{"Harbour Grill", "Old Mill", "Nine Lamps",
                                                          "Caf\xC3\xA9 Linde", "The Tin Ladle"};
  std::string out = R"({"status":"OK","total":57,"results":[)";
  for (std::size_t i = 0; i < kPlaces; ++i) {
    char row[256];
    std::snprintf(
        row, sizeof row,
        "%s{\"id\":%zu,\"name\":\"%s\",\"rating\":%.1f,\"reviews\":%zu,\"open\":%s,"
        "\"price\":\"$$\",\"address\":\"%zu Weaver Lane, Eastham\",\"tags\":[\"grill\",\"bar\"]}",
        i > 0 ? "," : "", 9'000'000'000 + 7919 * i, kNames[i % kNames.size()].data(),
        3.0 + static_cast<double>(i % 20) / 10, 17 * i + 3, i % 3 == 0 ? "false" : "true", i + 1);
    out += row;
  }
  return out + R"(],"next_page_token":"QW5vdGhlciBwYWdlIG9mIHBsYWNlcw"})";
}

json::JsonPath MustCompile(std::string_view text) {
  auto path = json::JsonPath::Compile(text);
  if (!path) std::abort();
  return *path;
}

// What an extractor does with `rows = "$.results[*]"` and six fields.
class Recipe {
 public:
  Recipe() : rows_(MustCompile("$.results[*]")) {
    for (const std::string_view name : {"id", "name", "rating", "reviews", "open", "address"}) {
      fields_.push_back(MustCompile("$." + std::string(name)));
      json::AppendMsgpackText(name, &packed_names_.emplace_back());
    }
    for (const json::JsonPath& path : fields_) set_.Add(path);
  }

  void Extract(element root, std::string* out) {
    select::WorkBudget work;
    found_.clear();
    rows_.Select(root, work, &found_);
    for (const element row : found_) {
      set_.SelectFirsts(row, work, &values_);
      json::AppendMsgpackMap(values_.size(), out);
      for (std::size_t i = 0; i < values_.size(); ++i) {
        out->append(packed_names_[i]);
        if (values_[i]) {
          json::AppendMsgpack(*values_[i], out);
        } else {
          json::AppendMsgpackNil(out);
        }
      }
    }
  }

  [[nodiscard]] std::size_t rows() const { return found_.size(); }

 private:
  json::JsonPath rows_;
  std::vector<json::JsonPath> fields_;
  std::vector<std::string> packed_names_;
  json::JsonPathSet set_;
  std::vector<element> found_;
  std::vector<std::optional<element>> values_;
};

int Run(const bench::Rounds& rounds) {
  const std::string answer = Answer();
  json::Document document;
  Recipe recipe;
  std::string records;
  bench::Measure("parse", rounds, 0, [&] {
    if (!document.Parse(answer)) std::abort();
  });
  bench::Measure("records", rounds, 0, [&] {
    records.clear();
    recipe.Extract(*document.Parse(answer), &records);
  });
  if (recipe.rows() != kPlaces) std::abort();
  const element root = *document.Parse(answer);
  bench::Measure("records_only", rounds, 0, [&] {
    records.clear();
    recipe.Extract(root, &records);
  });
  const auto filter = MustCompile("$.results[?@.rating >= 4].name");
  std::vector<element> names;
  bench::Measure("filter", rounds, 0, [&] {
    select::WorkBudget work;
    names.clear();
    filter.Select(root, work, &names);
  });
  std::printf("{\"answer_bytes\":%zu,\"records_bytes\":%zu,\"rows\":%zu,\"filtered\":%zu}\n",
              answer.size(), records.size(), recipe.rows(), names.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return Run(bench::RoundsOf(argc, argv, {.count = 51, .calls = 2000}, "--answers"));
}
