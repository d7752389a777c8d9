// Where a WARC file of ours is torn.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fetcher/archive/warc_reader.h"
#include "fetcher/archive/warc_writer.h"

namespace thresh {
namespace {

// More than is ever written between two syncs, but for one record larger than that: what lies
// further back was synced, and is whole.
constexpr std::uint64_t kUnsyncedBytes = 64 << 20;

// The first member that begins in the last kUnsyncedBytes, or reaches into them.
std::uint64_t FirstInDoubt(const GzipSource& source, std::uint64_t file_bytes) {
  std::uint64_t at = 0;
  while (at < file_bytes) {
    char bytes[kMemberHeadBytes];
    const ssize_t n = ::pread(source.fd(), bytes, sizeof bytes, static_cast<off_t>(at));
    const auto head = ReadMemberHead({bytes, n > 0 ? static_cast<std::size_t>(n) : 0});
    if (!head || at + head->packed_bytes + kUnsyncedBytes >= file_bytes) break;
    at += head->packed_bytes;
  }
  return at;
}

// A response is the last record of its page.
bool EndsPage(const WarcHead& head) {
  const std::string_view type = head.Get("warc-type");
  return type == "response" || type == "warcinfo";
}

}  // namespace

Result<std::uint64_t> WholeBytesOf(const std::string& path) {
  auto reader = WarcReader::Open(path);
  if (!reader) return Error{Errc::kInternal, reader.error().detail};
  struct stat now {};
  if (::fstat((*reader)->source().fd(), &now) != 0) {
    return Error{Errc::kInternal, "cannot look at " + path + ": " + std::strerror(errno)};
  }
  std::uint64_t whole = FirstInDoubt((*reader)->source(), static_cast<std::uint64_t>(now.st_size));
  (*reader)->SeekTo(whole);
  while (true) {
    const auto head = (*reader)->Next();
    if (!head || !*head) break;
    const Result<std::uint64_t> end = (*reader)->SkipMember();
    if (!end) break;  // Torn, in its bytes or in its checksum.
    if (EndsPage(**head)) whole = *end;
  }
  return whole;
}

}  // namespace thresh
