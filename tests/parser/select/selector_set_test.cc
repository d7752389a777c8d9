#include "parser/select/selector_set.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/select/selector_fixture.h"

using thresh::html::NodeId;
using thresh::select::Hit;
using thresh::select::Need;
using thresh::select::SelectorRun;
using thresh::select::SelectorSet;

struct SetFixture : thresh::test::SelectorFixture {
  SelectorSet::Id Add(std::string_view css, Need need,
                      SelectorSet::Id within = SelectorSet::kPage) {
    return set.Add(Compile(css), need, within);
  }

  void Start(std::string html) {
    Load(std::move(html));
    run.Start(set, tree, work);
  }

  std::string IdOf(NodeId node) {
    return std::string(tree.Find(tree.node(node), thresh::html::Known("id")).value_or("nil"));
  }

  std::string All(SelectorSet::Id id, NodeId scope = 0) {
    std::string ids;
    for (const Hit& hit : run.All(id, scope)) ids += (ids.empty() ? "" : " ") + IdOf(hit.node);
    return ids;
  }

  std::string First(SelectorSet::Id id, NodeId scope = 0) {
    const auto hit = run.First(id, scope);
    return hit ? IdOf(hit->node) : "none";
  }

  SelectorSet set;
  SelectorRun run;
};

TEST_SUITE("SelectorSet") {
  TEST_CASE_FIXTURE(SetFixture, "rows, and what lies in each") {
    const auto rows = Add("li", Need::kAll);
    const auto first = Add("b", Need::kFirst, rows);
    const auto all = Add("b, i", Need::kAll, rows);
    const auto title = Add("h1", Need::kFirst);
    Start(
        "<!DOCTYPE html><b id=x></b><h1 id=h></h1><ul><li id=1><b id=a></b><i id=b></i>"
        "<b id=c></b><li id=2><li id=3><i id=d></i></ul><h1></h1><b id=y></b>");
    REQUIRE(All(rows) == "1 2 3");
    const std::vector<Hit> found(run.All(rows).begin(), run.All(rows).end());
    CHECK(First(first, found[0].node) == "a");
    CHECK(All(all, found[0].node) == "a b c");
    CHECK(First(first, found[1].node) == "none");
    CHECK(All(all, found[1].node) == "");
    CHECK(First(first, found[2].node) == "none");
    CHECK(All(all, found[2].node) == "d");
    CHECK(First(title) == "h");
  }
}
