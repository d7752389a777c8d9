// Every page of the shared corpora, cut short and with bytes changed: whatever comes of it, the
// parser ends soon and its tree is whole. 50 cuts and 200 changed bytes a page; under the
// sanitizers (preset asan), where that takes minutes, a short form unless THRESH_ALL=1.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "parser/html/html_parser.h"
#include "tests/parser/html/document_order.h"
#include "tests/support/corpora.h"
#include "tests/support/gunzip.h"

namespace {

using thresh::html::HtmlParser;
using thresh::html::NameTable;
using thresh::html::Tree;
using thresh::test::Corpora;
using thresh::test::IsInDocumentOrder;
using thresh::test::ReadUnpacked;

bool RunsAll() {
#ifdef __SANITIZE_ADDRESS__
  const char* all = std::getenv("THRESH_ALL");
  return all != nullptr && std::string_view(all) == "1";
#else
  return true;
#endif
}

std::vector<std::filesystem::path> PagesBelow(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> pages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".html") || name.ends_with(".html.gz")) pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

struct DamageFixture {
  static constexpr std::chrono::seconds kPatience{60};

  /// The bytes lie in a block of just their size, so that a sanitizer sees a read behind them.
  void ParseExactly(std::string_view bytes) {
    const std::unique_ptr<char[]> block(new char[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), block.get());
    const auto begin = std::chrono::steady_clock::now();
    const auto parsed = parser.Parse({block.get(), bytes.size()}, &tree);
    CHECK(std::chrono::steady_clock::now() - begin < kPatience);
    CHECK((parsed.ok() || parsed.error().code == thresh::Errc::kTooLarge));
    CHECK(IsInDocumentOrder(tree));
    tree.Clear();
  }

  void Cut(const std::string& page, std::size_t cuts) {
    for (std::size_t i = 0; i < cuts; ++i) {
      ParseExactly(std::string_view(page).substr(0, random() % (page.size() + 1)));
    }
  }

  void Flip(std::string page, std::size_t rounds, std::size_t flips_a_round) {
    static constexpr char kTelling[] = "<>/&;=\"'!-[]?# \0\r\n\tbpt";  // Its last NUL as well.
    for (std::size_t round = 0; round < rounds && !page.empty(); ++round) {
      for (std::size_t i = 0; i < flips_a_round; ++i) {
        const bool telling = random() % 2 == 0;
        page[random() % page.size()] =
            telling ? kTelling[random() % sizeof kTelling] : static_cast<char>(random());
      }
      ParseExactly(page);
    }
  }

  NameTable names;
  Tree tree{names};
  HtmlParser parser{names};
  std::minstd_rand random{20240229};
};

}  // namespace

TEST_SUITE("HtmlParser damage") {
  TEST_CASE_FIXTURE(DamageFixture, "pages cut short and with bytes changed do no harm") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    const bool all = RunsAll();
    constexpr std::size_t kSmall = 100'000;
    const auto pages = PagesBelow(corpora / "pages");
    CHECK(pages.size() > 300);
    for (const std::filesystem::path& path : pages) {
      CAPTURE(path.string());
      const std::string page = ReadUnpacked(path);
      ParseExactly(page);
      if (all) {
        Cut(page, 50);
        Flip(page, 200, 1);
      } else if (page.size() < kSmall) {
        Cut(page, 5);
        Flip(page, 4, 50);
      } else {
        Flip(page, 1, 200);
      }
    }
  }
}
