// thresh-bench-html: how fast pages become trees; see bench/micro html.

#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/utf8.h"
#include "parser/html/html_parser.h"
#include "parser/html/scan.h"
#include "parser/select/css_selector.h"
#include "tests/support/count_allocations.h"

namespace {

using namespace thresh;
using thresh::test::allocations;

struct Bench {
  std::string folder;
  double seconds = 3;
  std::vector<std::string> css;
};

struct Measured {
  double mb_per_s = 0;
  double us_per_page = 0;
  double allocations_per_page = 0;
};

double CpuSeconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) / 1e6;
}

std::string ReadPage(const std::filesystem::path& path) {
  const gzFile file = ::gzopen(path.c_str(), "rb");  // Reads plain files as they are, too.
  std::string page;
  char chunk[65536];
  for (int size = 0; (size = ::gzread(file, chunk, sizeof chunk)) > 0;) {
    page.append(chunk, static_cast<std::size_t>(size));
  }
  ::gzclose(file);
  return RepairUtf8(page);
}

std::vector<std::string> ReadPages(const std::string& folder) {
  std::vector<std::string> pages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".html") || name.ends_with(".html.gz")) {
      pages.push_back(ReadPage(entry.path()));
    }
  }
  return pages;
}

std::size_t BytesOf(const std::vector<std::string>& pages) {
  std::size_t bytes = 0;
  for (const std::string& page : pages) bytes += page.size();
  return bytes;
}

// Runs `work(page)` over all pages until the time is up; the median round counts.
template <typename Work>
Measured Measure(const Bench& bench, const std::vector<std::string>& pages, Work work) {
  for (const std::string& page : pages) work(page);
  const std::size_t allocations_before = allocations;
  for (const std::string& page : pages) work(page);
  const std::size_t warm = allocations - allocations_before;
  std::vector<double> rounds;
  const double begin = CpuSeconds();
  while (CpuSeconds() - begin < bench.seconds || rounds.size() < 5) {
    const double round = CpuSeconds();
    int times = 0;  // The clock ticks coarsely.
    do {
      for (const std::string& page : pages) work(page);
      ++times;
    } while (CpuSeconds() - round < 0.05);
    rounds.push_back((CpuSeconds() - round) / times);
  }
  std::nth_element(rounds.begin(), rounds.begin() + static_cast<long>(rounds.size() / 2),
                   rounds.end());
  const double median = rounds[rounds.size() / 2];
  const auto count = static_cast<double>(pages.size());
  return {static_cast<double>(BytesOf(pages)) / 1e6 / median, median * 1e6 / count,
          static_cast<double>(warm) / count};
}

void Print(const char* name, const Measured& measured) {
  std::printf(
      "{\"bench\":\"%s\",\"mb_per_s\":%.0f,\"us_per_page\":%.1f,"
      "\"allocations_per_page\":%.2f}\n",
      name, measured.mb_per_s, measured.us_per_page, measured.allocations_per_page);
  std::fflush(stdout);
}

void Run(const Bench& bench) {
  const std::vector<std::string> pages = ReadPages(bench.folder);
  if (pages.empty()) {
    std::fprintf(stderr, "no .html or .html.gz in %s\n", bench.folder.c_str());
    std::exit(65);
  }
  html::NameTable names;
  std::vector<select::CssSelector> selectors;
  for (const std::string& css : bench.css) {
    auto compiled = select::CssSelector::Compile(css, names);
    if (!compiled) {
      std::fprintf(stderr, "%s: %s\n", css.c_str(), compiled.error().detail.c_str());
      std::exit(65);
    }
    selectors.push_back(*compiled);
  }
  html::Tree tree(names);
  html::HtmlParser parser(names);
  std::size_t memory = 0, nodes = 0;
  for (const std::string& page : pages) {
    if (!parser.Parse(page, &tree)) std::fprintf(stderr, "a page is over a limit\n");
    memory += tree.used_bytes();
    nodes += tree.size();
  }
  std::printf(
      "{\"bench\":\"memory\",\"pages\":%zu,\"page_bytes\":%zu,\"nodes_per_page\":%zu,"
      "\"tree_bytes_per_byte\":%.2f,\"instructions\":\"%s\"}\n",
      pages.size(), BytesOf(pages) / pages.size(), nodes / pages.size(),
      static_cast<double>(memory) / static_cast<double>(BytesOf(pages)),
      html::scan::kFinders.instructions);
  Print("parse",
        Measure(bench, pages, [&](const std::string& page) { (void)parser.Parse(page, &tree); }));
  std::vector<select::Hit> hits;
  Print("parse_select", Measure(bench, pages, [&](const std::string& page) {
          (void)parser.Parse(page, &tree);
          select::WorkBudget work;
          for (const select::CssSelector& css : selectors) {
            css.SelectAll(tree, html::kDocumentNode, work, &hits);
          }
        }));
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--folder") bench.folder = argv[i + 1];
    if (option == "--seconds") bench.seconds = std::atof(argv[i + 1]);
    if (option == "--css") bench.css.emplace_back(argv[i + 1]);
  }
  if (bench.css.empty()) {
    bench.css = {"h1.biz-page-title",   "div.review[data-review-id]", ".review-content p[lang]",
                 "a.user-display-name", ".user-location b",           "ul.reviews > li .i-stars"};
  }
  Run(bench);
}
