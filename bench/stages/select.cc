// thresh-bench-select: how fast selectors find and take what a recipe asks for; see bench/micro
// select.
//
//   thresh-bench-select [--rounds 2000] PAGE...
//
// The pages are parsed before anything is measured. Prints a JSON line for each measurement.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/html/html_parser.h"
#include "parser/select/selector_set.h"
#include "parser/select/text.h"
#include "tests/support/count_allocations.h"

namespace {

using namespace thresh;
using thresh::test::allocations;
using namespace thresh::select;
using Clock = std::chrono::steady_clock;

constexpr PseudoElement kText{PseudoElement::Kind::kText};

// The fields of recipes/yelp-reviews.toml and two more.
struct Field {
  const char* css;
  bool page = false;
};
constexpr const char* kRows = "div.review[data-review-id]";
constexpr Field kFields[] = {
    {"::attr(data-review-id)"},
    {"h1.biz-page-title", true},
    {".user-display-name"},
    {".user-location > b"},
    {"div.i-stars::attr(title)"},
    {"span.rating-qualifier"},
    {"p[lang]"},
    {".user-display-name::attr(href)"},
    {"img::attr(src)"},
};
constexpr const char* kFollow = "a.next.pagination-links_anchor::attr(href)";
constexpr const char* kPageWide[] = {
    "a[href]", "div.review", ".user-display-name", "ul > li > a", "span.rating-qualifier",
    "img[alt]"};

struct Page {
  explicit Page(html::NameTable& names) : tree(names) {}
  std::string html;
  html::Tree tree;
};

struct Recipe {
  SelectorSet set;
  SelectorSet::Id rows = 0, follow = 0;
  std::vector<SelectorSet::Id> fields;
};

CssSelector Compiled(std::string_view css, html::NameTable& names) {
  auto selector = CssSelector::Compile(css, names);
  if (!selector) std::abort();
  return *selector;
}

Recipe ReviewRecipe(html::NameTable& names) {
  Recipe recipe;
  recipe.rows = recipe.set.Add(Compiled(kRows, names), Need::kAll);
  for (const Field& field : kFields) {
    recipe.fields.push_back(recipe.set.Add(Compiled(field.css, names), Need::kFirst,
                                           field.page ? SelectorSet::kPage : recipe.rows));
  }
  recipe.follow = recipe.set.Add(Compiled(kFollow, names), Need::kAll);
  return recipe;
}

struct Taken {
  std::uint64_t values = 0, bytes = 0;

  void Add(const std::optional<std::string_view>& value) {
    if (!value) return;
    ++values;
    bytes += value->size();
  }
};

// One walk; then the values row by row.
Taken InOneWalk(const Recipe& recipe, const Page& page, SelectorRun& run, std::string& scratch) {
  Taken taken;
  WorkBudget work;
  run.Start(recipe.set, page.tree, work);
  for (const Hit& row : run.All(recipe.rows)) {
    for (std::size_t f = 0; f < recipe.fields.size(); ++f) {
      const SelectorSet::Id id = recipe.fields[f];
      const auto hit = run.First(id, kFields[f].page ? html::kDocumentNode : row.node);
      if (hit) taken.Add(recipe.set.selector(id).ValueView(page.tree, *hit, kText, &scratch));
    }
  }
  for (const Hit& hit : run.All(recipe.follow)) {
    taken.Add(recipe.set.selector(recipe.follow).ValueView(page.tree, hit, kText, &scratch));
  }
  return taken;
}

// Each selector by itself in each row, for comparison.
Taken OneByOne(const Recipe& recipe, const Page& page, std::vector<Hit>& rows,
               std::string& scratch) {
  Taken taken;
  WorkBudget work;
  const auto take = [&](SelectorSet::Id id, const Hit& hit) {
    scratch.clear();
    if (recipe.set.selector(id).AppendValue(page.tree, hit, kText, &scratch)) taken.Add(scratch);
  };
  recipe.set.selector(recipe.rows).SelectAll(page.tree, html::kDocumentNode, work, &rows);
  for (const Hit& row : rows) {
    for (std::size_t f = 0; f < recipe.fields.size(); ++f) {
      const SelectorSet::Id id = recipe.fields[f];
      const html::NodeId scope = kFields[f].page ? html::kDocumentNode : row.node;
      if (const auto hit = recipe.set.selector(id).SelectFirst(page.tree, scope, work)) {
        take(id, *hit);
      }
    }
  }
  recipe.set.selector(recipe.follow).SelectAll(page.tree, html::kDocumentNode, work, &rows);
  for (const Hit& hit : rows) take(recipe.follow, hit);
  return taken;
}

SelectorSet PageWide(html::NameTable& names) {
  SelectorSet set;
  for (const char* css : kPageWide) set.Add(Compiled(css, names), Need::kAll);
  return set;
}

Taken HitsOf(const SelectorSet& set, const Page& page, SelectorRun& run) {
  Taken taken;
  WorkBudget work;
  run.Start(set, page.tree, work);
  for (SelectorSet::Id id = 0; id < set.size(); ++id) taken.values += run.All(id).size();
  return taken;
}

Taken AllText(const Page& page, std::string& scratch) {
  scratch.clear();
  AppendText(page.tree, html::kDocumentNode, &scratch);
  return {1, scratch.size()};
}

// Prints the median time of a page, and of all rounds what they allocated after the first.
template <typename Work>
void Measure(const char* name, const std::vector<std::unique_ptr<Page>>& pages, int rounds,
             Work work) {
  Taken taken;
  double page_bytes = 0;
  for (const auto& page : pages) {
    work(*page);
    page_bytes += static_cast<double>(page->html.size()) / static_cast<double>(pages.size());
  }
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(rounds));
  const std::uint64_t allocations_before = allocations;
  for (int round = 0; round < rounds; ++round) {
    const Page& page = *pages[static_cast<std::size_t>(round) % pages.size()];
    const auto begin = Clock::now();
    taken = work(page);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  const std::uint64_t allocated = allocations - allocations_before;
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf(
      "{\"%s\":{\"us_per_page\":%.1f,\"us_best\":%.1f,\"mb_per_s\":%.0f,"
      "\"values\":%llu,\"value_bytes\":%llu,\"allocations_per_page\":%.3f}}\n",
      name, median, times.front(), page_bytes / median,
      static_cast<unsigned long long>(taken.values), static_cast<unsigned long long>(taken.bytes),
      static_cast<double>(allocated) / rounds);
}

bool Load(const char* path, html::HtmlParser& parser, Page* page) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  page->html.assign(std::istreambuf_iterator<char>(in), {});
  return parser.Parse(page->html, &page->tree).ok();
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 2000;
  int first = 1;
  if (argc > 2 && std::string_view(argv[1]) == "--rounds") {
    rounds = std::max(1, std::atoi(argv[2]));
    first = 3;
  }
  html::NameTable names;
  html::HtmlParser parser(names);
  std::vector<std::unique_ptr<Page>> pages;
  for (int i = first; i < argc; ++i) {
    pages.push_back(std::make_unique<Page>(names));
    if (!Load(argv[i], parser, pages.back().get())) {
      std::fprintf(stderr, "thresh-bench-select: cannot read or parse %s\n", argv[i]);
      return 66;
    }
  }
  if (pages.empty()) return 64;
  std::printf("{\"pages\":{\"count\":%zu,\"bytes\":%zu,\"nodes\":%u}}\n", pages.size(),
              pages[0]->html.size(), pages[0]->tree.size());

  const Recipe recipe = ReviewRecipe(names);
  const SelectorSet wide = PageWide(names);
  SelectorRun run;
  std::vector<Hit> rows;
  std::string scratch;
  Measure("recipe", pages, rounds,
          [&](const Page& page) { return InOneWalk(recipe, page, run, scratch); });
  Measure("recipe_walk", pages, rounds, [&](const Page& page) {
    WorkBudget work;
    run.Start(recipe.set, page.tree, work);
    return Taken{};
  });
  Measure("recipe_one_by_one", pages, rounds,
          [&](const Page& page) { return OneByOne(recipe, page, rows, scratch); });
  Measure("six_page_wide", pages, rounds,
          [&](const Page& page) { return HitsOf(wide, page, run); });
  for (const char* css : kPageWide) {
    const CssSelector selector = Compiled(css, names);
    Measure(css, pages, rounds, [&](const Page& page) {
      WorkBudget work;
      selector.SelectAll(page.tree, html::kDocumentNode, work, &rows);
      return Taken{rows.size(), 0};
    });
  }
  Measure("all_text", pages, rounds, [&](const Page& page) { return AllText(page, scratch); });
  return 0;
}
