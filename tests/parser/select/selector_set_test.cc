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

  TEST_CASE_FIXTURE(SetFixture,
                    "rows in rows: each has what is inside it, also in its inner rows") {
    const auto rows = Add("div.r", Need::kAll);
    const auto first = Add("b", Need::kFirst, rows);
    const auto all = Add("b", Need::kAll, rows);
    Start(
        "<!DOCTYPE html><div class=r id=1><div class=r id=2><b id=a></b></div><b id=b></b>"
        "<div class=r id=3></div></div><b id=c></b><div class=r id=4><p><b id=d></b></p></div>");
    const std::vector<Hit> found(run.All(rows).begin(), run.All(rows).end());
    REQUIRE(found.size() == 4);
    CHECK(First(first, found[0].node) == "a");
    CHECK(All(all, found[0].node) == "a b");
    CHECK(First(first, found[1].node) == "a");
    CHECK(All(all, found[1].node) == "a");
    CHECK(First(first, found[2].node) == "none");
    CHECK(First(first, found[3].node) == "d");
    CHECK(All(all, found[0].node) == "a b");  // And back.
  }

  TEST_CASE_FIXTURE(SetFixture, "what depends on the row: itself, its children, its siblings") {
    const auto rows = Add("dt", Need::kAll);
    const auto self = Add("::attr(id)", Need::kFirst, rows);
    const auto child = Add("> b", Need::kAll, rows);
    const auto next = Add("+ dd i", Need::kFirst, rows);
    const auto whole = Add("::text, i::text, i::attr(id)", Need::kAll);
    Start(
        "<!DOCTYPE html><dl><dt id=1><b id=a></b><u><b id=b></b></u></dt><dd><i id=c></i></dd>"
        "<dt id=2></dt></dl>");
    const std::vector<Hit> found(run.All(rows).begin(), run.All(rows).end());
    CHECK(First(self, found[0].node) == "1");
    CHECK(All(child, found[0].node) == "a");
    CHECK(First(next, found[0].node) == "c");
    CHECK(First(next, found[1].node) == "none");
    const auto hits = run.All(whole);
    REQUIRE(hits.size() == 3);
    CHECK((hits[0] == Hit{0, 0} && hits[1].branch == 1 && hits[2].branch == 2));
  }

  TEST_CASE_FIXTURE(SetFixture,
                    "nested records: the fields of rows in rows, reached by a child combinator") {
    const auto rows = Add("ul.a", Need::kAll);
    const auto inner = Add("> li", Need::kAll, rows);
    const auto field = Add("b", Need::kFirst, inner);
    Start(
        "<!DOCTYPE html><b></b><ul class=a><li id=1><b id=x></b><b></b></li><li id=2></li>"
        "<li id=3><ul class=a><li id=4><b id=y></b></li></ul></li></ul>");
    std::string found;
    for (const Hit& row : run.All(rows)) {
      for (const Hit& nested : run.All(inner, row.node)) {
        found += IdOf(nested.node) + "=" + First(field, nested.node) + " ";
      }
    }
    CHECK(found == "1=x 2=none 3=y 4=y ");
  }

  TEST_CASE_FIXTURE(SetFixture, "a run serves one set after the other, and empty ones") {
    Load("<!DOCTYPE html><p id=a>");
    SelectorSet other;
    const auto p = other.Add(Compile("p"), Need::kFirst);
    const auto i = other.Add(Compile("i"), Need::kFirst);
    run.Start(other, tree, work);
    CHECK(First(p) == "a");
    CHECK(First(i) == "none");
    run.Start(set, tree, work);
    const auto all = Add("*", Need::kAll);
    Start("<!DOCTYPE html><p id=b>");
    CHECK(All(all) == "nil nil nil b");
  }

  TEST_CASE_FIXTURE(SetFixture, "a hostile page costs the budget, not the machine") {
    Add("b ~ p", Need::kAll);
    std::string many;
    for (int i = 0; i < 50'000; ++i) many += "<p></p>";
    Load(std::move(many));
    thresh::select::WorkBudget budget(10'000'000);
    run.Start(set, tree, budget);
    CHECK(budget.exhausted());
  }
}
