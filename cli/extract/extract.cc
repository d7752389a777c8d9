// `thresh extract --warc FILE|DIR… -r RECIPE… -o DIR|-`: records from stored pages. Nothing is
// fetched.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/extract/extract_output.h"
#include "cli/extract/reextraction.h"
#include "cli/numbers.h"
#include "fetcher/archive/stored_pages.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr const char* kName = "extract";

// A folder stands for the WARC files in it, by their names: so they were written one after another.
Result<std::vector<std::string>> FilesOf(const std::vector<std::string>& named) {
  std::vector<std::string> files;
  for (const std::string& name : named) {
    std::error_code why;
    if (!std::filesystem::is_directory(name, why)) {
      files.push_back(name);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::directory_iterator(name, why)) {
      const std::string path = entry.path().string();
      if (path.ends_with(".warc") || path.ends_with(".warc.gz")) inside.push_back(path);
    }
    if (inside.empty()) {
      return Error{Errc::kNotFound, "expected .warc or .warc.gz files in " + name + ", found none"};
    }
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

// What is wrong with the files themselves is told, and the rest is read.
class Files {
 public:
  Files(const LastPages& last, Reextraction& work) : last_(last), work_(work) {}

  /// Errors: kInternal if records cannot be written.
  Result<> Read(const std::string& path) {
    auto pages = StoredPages::Open(path, work_.max_page_bytes());
    if (!pages) {
      Tell(pages.error().detail);
      return Ok{};
    }
    while (true) {
      auto page = (*pages)->Next();
      if (page && !*page) return Ok{};
      if (!page) {
        const bool torn = page.error().code == Errc::kTransient;
        Tell(page.error().detail + (torn ? ": what is torn there is left out" : ""));
        if (torn) --damaged_;  // As a crawl that was killed leaves it.
        if (page.error().code == Errc::kTooLarge) continue;
        return Ok{};
      }
      if (!last_.Has(**page)) {
        work_.CountReplaced();
      } else if (Result<> taken = work_.Take(**page); !taken) {
        return taken;
      }
    }
  }

  [[nodiscard]] bool damaged() const noexcept { return damaged_ > 0; }

 private:
  void Tell(const std::string& what) {
    ++damaged_;
    Complain(kName, kExitBadInput, what);
  }

  const LastPages& last_;
  Reextraction& work_;
  int damaged_ = 0;
};

void Summarise(const Reextraction::Counts& c) {
  const auto part = [](std::uint64_t n, const char* what) {
    return n == 0 ? std::string() : ", " + WithThousands(n) + " " + what;
  };
  std::fprintf(stderr, "%s pages, %s records%s%s%s%s\n", WithThousands(c.pages).c_str(),
               WithThousands(c.records).c_str(), part(c.dead, "dead").c_str(),
               part(c.rejected, "rows rejected").c_str(),
               part(c.passed_over, "answers passed over").c_str(),
               part(c.replaced, "pages replaced by later ones").c_str());
}

}  // namespace

int ExtractCommand(const ExtractOptions& options) {
  const auto files = FilesOf(options.warc);
  if (!files) return Complain(kName, kExitBadInput, files.error().detail);
  auto output = ExtractOutput::Open(options.out, options.fresh);
  if (!output) return Complain(kName, kExitCannotWrite, output.error().detail);
  Reextraction work(**output);
  for (const std::string& recipe : options.recipes) {
    if (Result<> added = work.AddRecipe(recipe); !added) {
      return Complain(kName, kExitBadInput, added.error().detail);
    }
  }
  LastPages last;
  for (const std::string& file : *files) {
    if (Result<> added = last.Add(file); !added) {
      return Complain(kName, kExitBadInput, added.error().detail);
    }
  }
  Files reading(last, work);
  for (const std::string& file : *files) {
    if (Result<> read = reading.Read(file); !read) {
      return Complain(kName, kExitCannotWrite, read.error().detail);
    }
  }
  if (Result<> finished = (*output)->Finish(); !finished) {
    return Complain(kName, kExitCannotWrite, finished.error().detail);
  }
  Summarise(work.counts());
  if (reading.damaged()) return kExitBadInput;
  if (work.counts().dead > 0) return kExitSomeDead;
  return work.counts().records > 0 ? kExitDone : kExitNothing;
}

}  // namespace thresh
