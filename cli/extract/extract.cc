// `thresh extract --warc FILE|DIR… -r RECIPE… -o DIR|-`: records from stored pages. Nothing is
// fetched.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/extract/extract_output.h"
#include "cli/extract/page_workers.h"
#include "cli/extract/reextraction.h"
#include "cli/extract/stored_file.h"
#include "cli/numbers.h"
#include "fetcher/archive/stored_pages.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr const char* kName = "extract";
constexpr std::uintmax_t kWorthProcesses = 1 << 20;  // Of bytes of a file.
constexpr std::uint64_t kMostJobs = 256;

std::uint64_t JobsOf(const ExtractOptions& options) {
  if (options.jobs != 0) return std::min(options.jobs, kMostJobs);
  return std::max(1U, std::thread::hardware_concurrency());
}

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

// Reads files one after another, and writes what is in them.
class Files {
 public:
  Files(const LastPages& last, Reextraction& work, ExtractOutput& output, std::uint64_t jobs)
      : last_(last), work_(work), output_(output), jobs_(jobs) {}

  /// Errors: kInternal if records cannot be written; those of PageWorkers.
  Result<> Read(const std::string& path) {
    const auto open = [&](ShareOfPages share) {
      return StoredFile(path, before_, share, last_, work_);
    };
    std::error_code unknown;
    if (jobs_ == 1 || std::filesystem::file_size(path, unknown) < kWorthProcesses || unknown) {
      StoredFile file = open({});
      return WriteAll([&]() -> Result<PageLines> { return file.Next(); });
    }
    Result<PageWorkers> workers = PageWorkers::Start(jobs_, open);
    if (!workers) return workers.error();
    return WriteAll([&] { return workers->Next(); });
  }

  [[nodiscard]] bool damaged() const noexcept { return damaged_; }
  [[nodiscard]] const ExtractCounts& counts() const noexcept { return counts_; }

 private:
  template <typename NextFn>
  Result<> WriteAll(const NextFn& next) {
    std::uint64_t last = 0;  // Of what could be used: beyond it, who reads came more or less far.
    while (true) {
      const Result<PageLines> page = next();
      if (!page) return page.error();
      counts_.Add(page->counts);
      damaged_ = damaged_ || page->is_damage;
      if (page->counts.dead > 0 && !page->said.empty()) {
        std::fputs(page->said.c_str(), stderr);
      } else if (!page->said.empty()) {
        Complain(kName, kExitBadInput, page->said);
      }
      for (const auto& [name, lines] : page->lines) {
        if (Result<> written = output_.Write(name, lines); !written) return written;
      }
      if (page->is_last) break;
      last = page->number;
    }
    before_ += last;
    return Ok{};
  }

  const LastPages& last_;
  Reextraction& work_;
  ExtractOutput& output_;
  const std::uint64_t jobs_;
  std::uint64_t before_ = 0;  // Pages in the files before.
  ExtractCounts counts_;
  bool damaged_ = false;
};

void Summarise(const ExtractCounts& c) {
  std::string line = Amount(c.pages, "page") + ", " + Amount(c.records, "record");
  if (c.dead > 0) line += ", " + WithThousands(c.dead) + " dead";
  if (c.rejected > 0) line += ", " + Amount(c.rejected, "row") + " rejected";
  if (c.passed_over > 0) line += ", " + Amount(c.passed_over, "answer") + " passed over";
  if (c.replaced > 0) line += ", " + Amount(c.replaced, "page") + " replaced by later ones";
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

int ExtractCommand(const ExtractOptions& options) {
  const auto files = FilesOf(options.warc);
  if (!files) return Complain(kName, kExitBadInput, files.error().detail);
  auto output = ExtractOutput::Open(options.out, options.fresh);
  if (!output) return Complain(kName, kExitCannotWrite, output.error().detail);
  Reextraction work((*output)->to_stdout());
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
  Files reading(last, work, **output, JobsOf(options));
  for (const std::string& file : *files) {
    if (Result<> read = reading.Read(file); !read) {
      const bool died = read.error().code == Errc::kUnavailable;
      return Complain(kName, died ? kExitInternal : kExitCannotWrite, read.error().detail);
    }
  }
  if (Result<> finished = (*output)->Finish(); !finished) {
    return Complain(kName, kExitCannotWrite, finished.error().detail);
  }
  Summarise(reading.counts());
  if (reading.damaged()) return kExitBadInput;
  if (reading.counts().dead > 0) return kExitSomeDead;
  return reading.counts().records > 0 ? kExitDone : kExitNothing;
}

}  // namespace thresh
