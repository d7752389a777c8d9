#include "parser/json/json_path_set.h"

#include <cstdlib>
#include <deque>
#include <new>
#include <string>

#include <doctest/doctest.h>

#include "parser/json/document.h"
#include "parser/json/write.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts what a page costs.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

using thresh::json::Document;
using thresh::json::JsonPath;
using thresh::json::JsonPathSet;
using thresh::select::WorkBudget;

namespace {

struct SetFixture {
  void Add(std::string_view path) { set.Add(paths.emplace_back(*JsonPath::Compile(path))); }
  // What each path finds, parted by spaces; `-` for nothing. Each finds the same alone.
  std::string Find(std::string_view json) {
    const auto root = document.Parse(json);
    REQUIRE(root.ok());
    set.SelectFirsts(*root, work, &found);
    REQUIRE(found.size() == paths.size());
    std::string out;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (i > 0) out += ' ';
      const auto alone = paths[i].SelectFirst(*root, work);
      CHECK(Written(found[i]) == Written(alone));
      out += Written(found[i]);
    }
    return out;
  }
  static std::string Written(const std::optional<simdjson::dom::element>& value) {
    std::string out;
    if (value) thresh::json::AppendJson(*value, &out);
    return value ? out : "-";
  }

  std::deque<JsonPath> paths;
  JsonPathSet set;
  Document document;
  WorkBudget work;
  std::vector<std::optional<simdjson::dom::element>> found;
};

}  // namespace

TEST_SUITE("sets of JSONPaths") {
  TEST_CASE_FIXTURE(SetFixture, "each finds what it finds alone") {
    for (const char* path : {"$.a", "$.b.c", "$", "$['a']", "$.none", "$..c", "$.b['d'][0]", "$[0]",
                             "$['']", "$.b[?@ == 1]", "$.*"}) {
      Add(path);
    }
    CHECK(Find(R"({"a":1,"b":{"c":2,"d":[3]},"":4})") ==
          R"(1 2 {"a":1,"b":{"c":2,"d":[3]},"":4} 1 - 2 3 - 4 - 1)");
    CHECK(Find("[5]") == "- - [5] - - - - 5 - - 5");
    CHECK(Find("7") == "- - 7 - - - - - - - -");
    CHECK(Find(R"({"a":1,"a":2,"b":{"c":1},"b":3})").starts_with("2 - "));
  }

  TEST_CASE_FIXTURE(SetFixture, "many names, of one slot and of all") {
    std::string json = "{";
    for (int i = 0; i < 500; ++i) {
      const std::string name = "n" + std::to_string(i * 10) + "n";
      Add("$." + name);
      json += (i > 0 ? ",\"" : "\"") + name + "\":" + std::to_string(i);
    }
    CHECK(Find(json + "}").ends_with(" 498 499"));
  }

  TEST_CASE_FIXTURE(SetFixture, "an answer like the last one costs no allocation") {
    const std::string json =
        R"({"rows":[{"a":1,"b":["x"]},{"a":2.5,"b":[]},{"a":"text","b":null}]})";
    for (const char* path : {"$.a", "$.b[0]", "$..a", "$[?@.a == 1]"}) Add(path);
    const auto rows = JsonPath::Compile("$.rows[*]");
    std::vector<simdjson::dom::element> row_nodes;
    std::string records;
    const auto extract = [&] {
      const auto root = document.Parse(json);
      row_nodes.clear();
      records.clear();
      rows->Select(*root, work, &row_nodes);
      for (const auto row : row_nodes) {
        set.SelectFirsts(row, work, &found);
        for (const auto& value : found) {
          if (value) thresh::json::AppendMsgpack(*value, &records);
        }
      }
    };
    extract();
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) extract();
    CHECK(allocations == before);
    CHECK(records.size() > 10);
  }
}
