// Where a WARC file of ours is torn.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "fetcher/archive/warc_reader.h"
#include "fetcher/archive/warc_writer.h"

namespace thresh {
namespace {

// More than is ever written between two syncs, but for one record larger than that: what lies
// further back was synced, and is whole.
constexpr std::uint64_t kUnsyncedBytes = 64 << 20;

std::optional<MemberHead> HeadAt(const GzipSource& source, std::uint64_t at) {
  char bytes[kMemberHeadBytes];
  const ssize_t n = ::pread(source.fd(), bytes, sizeof bytes, static_cast<off_t>(at));
  return ReadMemberHead({bytes, n > 0 ? static_cast<std::size_t>(n) : 0});
}

// The first member that begins in the last kUnsyncedBytes, or reaches into them.
std::uint64_t FirstInDoubt(const GzipSource& source, std::uint64_t file_bytes) {
  std::uint64_t at = 0;
  while (at < file_bytes) {
    const auto head = HeadAt(source, at);
    if (!head || at + head->packed_bytes + kUnsyncedBytes >= file_bytes) break;
    at += head->packed_bytes;
  }
  return at;
}

// A response is the last record of its page; other metadata belong to none.
bool EndsPage(const WarcHead& head) {
  const std::string_view type = head.Get("warc-type");
  const bool apart = type == "metadata" && head.Get("warc-concurrent-to").empty();
  return type == "response" || type == "warcinfo" || apart;
}

// Its lengths are written last of all. A member ends in the length of what it holds (RFC
// 1952, 2.3.1).
bool SaysItsLength(const GzipSource& source, std::uint64_t begin, std::uint64_t end) {
  const auto head = HeadAt(source, begin);
  if (!head) return end - begin > 0xFFFFFFFF;
  unsigned char held[4] = {};
  if (::pread(source.fd(), held, sizeof held, static_cast<off_t>(end - sizeof held)) !=
      static_cast<ssize_t>(sizeof held)) {
    return false;
  }
  const std::uint32_t unpacked = held[0] | std::uint32_t{held[1]} << 8 |
                                 std::uint32_t{held[2]} << 16 | std::uint32_t{held[3]} << 24;
  return head->packed_bytes == end - begin && head->unpacked_bytes == unpacked;
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
    // Torn, in its bytes or in its checksum.
    if (!end || !SaysItsLength((*reader)->source(), (*head)->offset, *end)) break;
    if (EndsPage(**head)) whole = *end;
  }
  return whole;
}

}  // namespace thresh
