#pragma once

// StoredFile: a WARC file, page by page, as what is to be written of each.

#include <cstdint>
#include <memory>
#include <string>

#include "cli/extract/page_lines.h"
#include "cli/extract/reextraction.h"
#include "fetcher/archive/stored_pages.h"

namespace thresh {

/// Of a file's pages, in turn, those of one process.
struct ShareOfPages {
  std::uint64_t of = 1, at = 0;
};

class StoredFile {
 public:
  /// `before`: how many pages the files before it had. Borrows all but the path.
  StoredFile(const std::string& path, std::uint64_t before, ShareOfPages share,
             const LastPages& last, Reextraction& work);

  /// The next page's; after the last, or where the file cannot be read on, one with is_last.
  [[nodiscard]] PageLines Next();

 private:
  [[nodiscard]] PageLines FaultOf(const Error& error) const;

  const std::uint64_t before_;
  const LastPages& last_;
  Reextraction& work_;
  Result<std::unique_ptr<StoredPages>> pages_;
};

}  // namespace thresh
