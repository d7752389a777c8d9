#include "cli/extract/stored_file.h"

#include <utility>

namespace thresh {

StoredFile::StoredFile(const std::string& path, std::uint64_t before, ShareOfPages share,
                       const LastPages& last, Reextraction& work)
    : before_(before),
      last_(last),
      work_(work),
      pages_(StoredPages::Open(path, work.max_page_bytes())) {
  if (pages_) (*pages_)->ReadEach(share.of, share.at);
}

PageLines StoredFile::Next() {
  if (!pages_) return FaultOf(pages_.error());
  const auto page = (*pages_)->Next();
  if (!page) return FaultOf(page.error());
  if (!*page) return {.number = (*pages_)->numbered(), .is_last = true};
  if (last_.Has(**page)) return work_.Extract(**page, before_ + (*page)->number);
  PageLines replaced{.number = (*page)->number};
  ++replaced.counts.replaced;
  return replaced;
}

// What is wrong with the file itself is told, and the rest is read.
PageLines StoredFile::FaultOf(const Error& error) const {
  const bool torn = error.code == Errc::kTransient;  // As a crawl that was killed leaves it.
  return {.number = pages_ ? (*pages_)->numbered() : 0,
          .is_last = error.code != Errc::kTooLarge,
          .is_inside = pages_ && (*pages_)->is_inside(),
          .is_damage = !torn,
          .said = error.detail + (torn ? ": what is torn there is left out" : "")};
}

}  // namespace thresh
