// thresh-bench-extract: what a recipe costs a page, from its bytes to MessagePack; see
// bench/micro extract.
//
//   thresh-bench-extract [--rounds 2000] RECIPE PAGE URL [RECIPE PAGE URL]...
//
// Prints a JSON line for each page: microseconds (the median round), of which the same page with a
// recipe that takes nothing is the reading, records, and allocations in a steady state.

#include "parser/recipe/extract.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/io/file.h"
#include "tests/support/count_allocations.h"

namespace {

using namespace thresh;
using thresh::test::allocations;
using Clock = std::chrono::steady_clock;

struct Measured {
  double us = 0;  ///< The median.
  double least_us = 0;
  double allocations = 0;
  std::size_t records = 0;
  std::size_t bytes = 0;
};

Program CompiledOrExit(Extractor& extractor, const std::string& text) {
  std::vector<RecipeFault> faults;
  const Recipe recipe = ReadRecipe(text, "bench.toml", {}, &faults);
  Program program = CompileRecipe(recipe, extractor.names(), &faults);
  if (faults.empty()) return program;
  std::fprintf(stderr, "%s\n", AsError(std::move(faults)).detail.c_str());
  std::exit(65);
}

Measured Measure(Extractor& extractor, const Program& program, const PageInput& page, int rounds) {
  std::vector<double> times;
  Measured measured;
  const int warm = rounds / 10 + 2;
  std::uint64_t before = 0;
  for (int i = 0; i < rounds + warm; ++i) {
    if (i == warm) before = allocations;
    const auto begin = Clock::now();
    const Result<const Extraction*> found = extractor.Extract(program, page);
    const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
    if (!found) {
      std::fprintf(stderr, "%s\n", found.error().detail.c_str());
      std::exit(65);
    }
    if (i < warm) {
      times.reserve(static_cast<std::size_t>(rounds));
      before = allocations;
      continue;
    }
    times.push_back(took.count());
    measured.records = 0;
    for (const ItemRows& rows : (*found)->rows) measured.records += rows.rows.size();
    measured.bytes = (*found)->records.size();
  }
  measured.allocations = static_cast<double>(allocations - before) / rounds;
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  measured.us = times[static_cast<std::size_t>(rounds / 2)];
  measured.least_us = *std::min_element(times.begin(), times.end());
  return measured;
}

void Run(const std::string& recipe, const std::string& file, const std::string& url, int rounds) {
  const Result<std::string> text = ReadWholeFile(recipe);
  const Result<std::string> body = ReadWholeFile(file);
  if (!text || !body) {
    std::fprintf(stderr, "%s\n", (text ? body.error() : text.error()).detail.c_str());
    std::exit(65);
  }
  Extractor extractor;
  const Program program = CompiledOrExit(extractor, *text);
  const Program nothing = CompiledOrExit(extractor,
                                         "name = \"r\"\n[[items]]\nname = \"i\"\nmatch = [\"-\"]\n"
                                         "[items.fields]\na = \"$.a\"\n");
  const PageInput page{.url = url, .final_url = url, .status = 200, .body = *body};
  const Measured all = Measure(extractor, program, page, rounds);
  const Measured read = Measure(extractor, nothing, page, rounds);
  std::printf(
      "{\"bench\":\"recipe\",\"page\":\"%s\",\"page_bytes\":%zu,\"records\":%zu,"
      "\"record_bytes\":%zu,\"mb_per_s\":%.0f,\"total_us\":%.2f,\"least_us\":%.2f,"
      "\"read_us\":%.2f,\"extract_us\":%.2f,\"allocations\":%.2f}\n",
      file.substr(file.rfind('/') + 1).c_str(), body->size(), all.records, all.bytes,
      static_cast<double>(body->size()) / all.us, all.us, all.least_us, read.us, all.us - read.us,
      all.allocations);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  int rounds = 2000;
  if (arguments.size() > 2 && arguments[0] == "--rounds") {
    rounds = std::max(1, std::atoi(arguments[1].c_str()));
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  if (arguments.empty() || arguments.size() % 3 != 0) {
    std::fprintf(stderr, "usage: thresh-bench-extract [--rounds N] RECIPE PAGE URL...\n");
    return 64;
  }
  for (std::size_t i = 0; i < arguments.size(); i += 3) {
    Run(arguments[i], arguments[i + 1], arguments[i + 2], rounds);
  }
  return 0;
}
