#include "parser/html/names.h"

#include <string>

#include <doctest/doctest.h>

using thresh::html::Atom;
using thresh::html::kFirstPageAtom;
using thresh::html::kKnownNames;
using thresh::html::kNoAtom;
using thresh::html::Known;
using thresh::html::NameTable;

TEST_SUITE("NameTable") {
  TEST_CASE("a name has one atom, and an atom one name") {
    NameTable names;
    const Atom hello = names.Intern("hello");

    CHECK(names.Intern("hello") == hello);
    CHECK(names.Find("hello") == hello);
    CHECK(names.name(hello) == "hello");
    CHECK(names.Intern("Hello") != hello);
  }

  TEST_CASE("a name never seen is not found, and looking does not add it") {
    NameTable names;
    const auto before = names.size();

    CHECK(names.Find("never") == kNoAtom);
    CHECK(names.size() == before);
  }

  TEST_CASE("known names have the same atom in every table") {
    NameTable names;
    for (Atom atom = 1; atom < kKnownNames.size(); ++atom) {
      CHECK(names.Find(kKnownNames[atom]) == atom);
    }
    CHECK(names.Find("br") == Known("br"));
  }

  TEST_CASE("ten thousand names keep their atoms while the table grows") {
    NameTable names;
    const Atom first = names.Intern("n0");
    for (int i = 1; i < 10'000; ++i) names.Intern("n" + std::to_string(i));

    CHECK(names.Find("n0") == first);
    CHECK(names.name(first) == "n0");
    CHECK(names.name(names.Find("n9999")) == "n9999");
  }

  TEST_CASE("pages cannot grow the table past their share; recipes still can") {
    NameTable names;
    int refused = 0;
    for (int i = 0; i < 100'000; ++i) {
      if (names.InternFromPage("junk-" + std::to_string(i)) == kNoAtom) ++refused;
    }
    const auto full = names.size();

    CHECK(refused > 0);
    CHECK(full * 32 < NameTable::kMaxPageNameBytes * 2);
    CHECK(names.InternFromPage("junk-1") != kNoAtom);
    CHECK(names.InternFromPage("one-more-long-name-of-a-page-that-goes-on-and-on") == kNoAtom);
    CHECK(names.size() == full);
    CHECK(names.Intern("of-a-recipe") != kNoAtom);
    CHECK(names.name(names.InternFromPage("of-a-recipe")) == "of-a-recipe");
  }
}
