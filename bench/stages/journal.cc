// thresh-bench-journal: how fast pages become durable in the sink's journal; see bench/micro
// journal.

#include "sink/journal/journal.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sink/journal/segment.h"

namespace {

using namespace thresh;
using Clock = std::chrono::steady_clock;

struct Bench {
  std::string path;
  std::uint64_t pages = 20'000;
};

// What a failure means here: there is nobody to give it to.
template <typename T>
void Must(const Result<T>& result) {
  if (result.ok()) return;
  std::fprintf(stderr, "thresh-bench-journal: %s\n", result.error().detail.c_str());
  std::exit(1);
}

// A journal with one output file that is taken to have whatever is committed.
class Pages {
 public:
  Pages(const std::string& folder, bool sync) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    auto opened = Journal::Open({.folder = folder, .sync = sync});
    Must(opened);
    journal_ = std::move(*opened);
    Must(journal_->TakeRedo());
    Must(journal_->Switch(0));
    file_ = {
        .number = journal_->state().next_file, .name = "review.ndjson", .device = 1, .inode = 2};
    if (!journal_->Add(file_)) std::abort();
  }

  // Commits a page with so many bytes of lines; the batch is durable after Flush().
  void Add(std::string_view lines) {
    const Commit commit{.source = source_,
                        .id = ++id_,
                        .records = 20,
                        .ack = ack_,
                        .parts = {{.file = file_.number, .offset = offset_, .bytes = lines}}};
    if (!journal_->Add(commit)) {
      Must(journal_->Flush());
      journal_->Close(source_, id_, {});  // The fetcher has done all before it.
      Must(journal_->Switch(RecordBytes(Encode(commit).size())));
      if (!journal_->Add(commit)) std::abort();
    }
    offset_ += lines.size();
  }
  void Flush() { Must(journal_->Flush()); }

 private:
  std::unique_ptr<Journal> journal_;
  FileState file_;
  const Hash128 source_ = HashFromBytes("ffffffffffffffff").value();
  const std::string ack_ = std::string(120, 'a');
  std::uint64_t id_ = 0, offset_ = 0;
};

void MeasureBatches(const Bench& bench, bool sync, std::size_t batch, std::size_t line_bytes) {
  Pages pages(bench.path, sync);
  const std::string lines(line_bytes, 'x');
  // Small batches sync so often that fewer of them say as much.
  const std::uint64_t total =
      sync ? std::min<std::uint64_t>(bench.pages, 400 * batch) : bench.pages;
  const auto begin = Clock::now();
  for (std::uint64_t page = 1; page <= total; ++page) {
    pages.Add(lines);
    if (page % batch == 0) pages.Flush();
  }
  pages.Flush();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const double per_page_us = seconds * 1e6 / static_cast<double>(total);
  std::printf(
      "{\"measure\":\"%s\",\"line_bytes\":%zu,\"batch\":%zu,\"us_per_page\":%.1f,"
      "\"pages_per_s\":%.0f,\"mb_per_s\":%.0f,\"ms_per_batch\":%.2f}\n",
      sync ? "synced" : "unsynced", line_bytes, batch, per_page_us, 1e6 / per_page_us,
      static_cast<double>(line_bytes) / per_page_us,
      per_page_us * static_cast<double>(batch) / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--path") bench.path = argv[i + 1];
    if (option == "--pages") bench.pages = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (bench.path.empty() || bench.pages == 0) {
    std::fprintf(stderr, "usage: thresh-bench-journal --path DIR [--pages 20000]; empties DIR\n");
    return 64;
  }
  for (const std::size_t line_bytes : {12'000U, 6'000U}) {
    for (const std::size_t batch : {1U, 16U, 128U}) {
      MeasureBatches(bench, true, batch, line_bytes);
      MeasureBatches(bench, false, batch, line_bytes);
    }
  }
  std::filesystem::remove_all(bench.path);
  return 0;
}
