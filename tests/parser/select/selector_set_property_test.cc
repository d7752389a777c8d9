// A SelectorSet finds what each of its selectors finds alone: on made-up pages with
// rows in rows, and on the corpora's pages.

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/select/selector_set.h"
#include "tests/parser/select/selector_fixture.h"
#include "tests/parser/select/selector_words.h"
#include "tests/support/corpora.h"
#include "tests/support/corpora_page.h"

using thresh::html::kDocumentNode;
using thresh::html::NodeId;
using thresh::select::Hit;
using thresh::select::Need;
using thresh::select::SelectorRun;
using thresh::select::SelectorSet;
using thresh::test::SelectorWords;

namespace {

struct PropertyFixture : thresh::test::SelectorFixture {
  struct Member {
    std::string css;
    Need need;
    SelectorSet::Id within;
  };

  SelectorSet::Id Add(std::string css, Need need, SelectorSet::Id within) {
    members.push_back({css, need, within});
    return set.Add(Compile(css), need, within);
  }

  /// Rows, rows in those rows, fields of both, and selectors of the page.
  void MakeSet(SelectorWords& words) {
    set = {};
    members.clear();
    for (int i = 0; i < 2; ++i) Add(words.Selector(), Need::kAll, SelectorSet::kPage);
    for (int i = 0; i < 4; ++i) Add(words.Selector(), Need::kFirst, SelectorSet::kPage);
    for (int i = 0; i < 2; ++i) Add(words.Selector(), Need::kFirst, SelectorSet::kAnyScope);
    rows = Add(words.Rows(), Need::kAll, SelectorSet::kPage);
    const std::string lead = words.OneIn(3) ? "> " : words.OneIn(3) ? "~ " : "";
    inner = Add(lead + words.Rows(), words.OneIn(2) ? Need::kAll : Need::kFirst, rows);
    for (const SelectorSet::Id within : {rows, inner}) {
      for (int i = 0; i < 3; ++i) Add(words.Selector(), Need::kAll, within);
      for (int i = 0; i < 4; ++i) Add(words.Selector(), Need::kFirst, within);
    }
  }

  void CheckSet(SelectorWords& words, std::size_t max_scopes) {
    run.Start(set, tree, work);
    CheckWithin(SelectorSet::kPage, kDocumentNode);
    const std::vector<NodeId> outer = Found(rows, kDocumentNode, max_scopes);
    for (const NodeId scope : outer) CheckWithin(rows, scope);
    for (const NodeId scope : outer) {
      for (const NodeId nested : Found(inner, scope, max_scopes)) CheckWithin(inner, nested);
    }
    for (std::size_t i = 0; i < max_scopes; ++i) {
      const auto any = static_cast<NodeId>(words.Below(tree.size()));
      if (tree.IsElement(any)) CheckWithin(SelectorSet::kAnyScope, any);
    }
    if (!outer.empty()) CheckWithin(rows, outer[words.Below(outer.size())]);  // And back.
    REQUIRE_FALSE(work.exhausted());
  }

  std::vector<NodeId> Found(SelectorSet::Id id, NodeId scope, std::size_t limit) {
    std::vector<NodeId> nodes;
    if (members[id].need == Need::kFirst) {
      if (const auto hit = run.First(id, scope)) nodes.push_back(hit->node);
      return nodes;
    }
    for (const Hit& hit : run.All(id, scope)) nodes.push_back(hit.node);
    nodes.resize(std::min(nodes.size(), limit));
    return nodes;
  }

  /// All members that are asked about such scopes find what they find alone.
  void CheckWithin(SelectorSet::Id within, NodeId scope) {
    for (SelectorSet::Id id = 0; id < members.size(); ++id) {
      if (members[id].within != within) continue;
      const std::string about = members[id].css + " in " + std::to_string(scope);
      CHECK_MESSAGE(run.First(id, scope) == set.selector(id).SelectFirst(tree, scope, work), about);
      ++compared;
      if (members[id].need == Need::kFirst) continue;
      set.selector(id).SelectAll(tree, scope, work, &alone);
      const auto together = run.All(id, scope);
      CHECK_MESSAGE(std::equal(together.begin(), together.end(), alone.begin(), alone.end()),
                    about);
      found += alone.size();
    }
  }

  SelectorSet set;
  SelectorRun run;
  std::vector<Member> members;
  std::vector<Hit> alone;
  SelectorSet::Id rows = 0, inner = 0;
  std::size_t compared = 0, found = 0;
};

}  // namespace

TEST_SUITE("SelectorSet against its selectors, one by one") {
  TEST_CASE_FIXTURE(PropertyFixture, "on made-up pages") {
    for (unsigned seed = 0; seed < 1200; ++seed) {
      CAPTURE(seed);
      SelectorWords words(seed);
      words.UseMadeUp();
      Load(words.Page(120));
      work = thresh::select::WorkBudget();
      MakeSet(words);
      CheckSet(words, 12);
    }
    CHECK(compared > 50'000);
    CHECK(found > 40'000);
  }

  TEST_CASE_FIXTURE(PropertyFixture, "on real pages") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    simdjson::dom::parser json;
    unsigned seed = 0;
    for (simdjson::dom::element entry :
         json.load((corpora / "pages/selectors-expected.json").string())) {
      const std::string file(entry["file"].get_string().value());
      CAPTURE(file);
      const std::string packed = thresh::test::ReadFile(corpora / file);
      if (packed.size() > 60'000) continue;  // The time it takes grows with the page.
      Load(thresh::test::ToUtf8(thresh::test::Gunzipped(packed),
                                std::string(entry["encoding"].get_string().value())));
      for (int sets = 0; sets < 12; ++sets) {
        SelectorWords words(seed++);
        words.UseOf(tree);
        work = thresh::select::WorkBudget();
        MakeSet(words);
        CheckSet(words, 4);
      }
    }
    CHECK(seed > 100);
    CHECK(compared > 10'000);
    CHECK(found > 10'000);
  }
}
