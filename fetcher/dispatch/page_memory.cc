#include "fetcher/dispatch/page_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kLine = 64;  // No two bodies share a line of a processor's cache.

std::size_t RoundUp(std::size_t bytes) {
  return (bytes + kLine - 1) / kLine * kLine;
}

}  // namespace

Result<std::unique_ptr<PageMemory>> PageMemory::Create(std::size_t bytes) {
  UniqueFd fd(::memfd_create("thresh-pages", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  void* begin = MAP_FAILED;
  if (fd && ::ftruncate(fd.get(), static_cast<off_t>(bytes)) == 0) {
    begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  }
  if (begin == MAP_FAILED) {
    return Error{Errc::kInternal, std::string("no memory to share: ") + std::strerror(errno)};
  }
  return std::unique_ptr<PageMemory>(
      new PageMemory(std::move(fd), static_cast<char*>(begin), bytes));
}

PageMemory::~PageMemory() {
  ::munmap(begin_, bytes_);
}

// At the first place that is wide enough: what was used last is still in the processor's cache.
std::optional<std::uint64_t> PageMemory::Put(const BodyOf& of, std::string_view body) {
  const std::size_t bytes = RoundUp(std::max<std::size_t>(body.size(), 1));
  std::size_t place = 0;
  for (const auto& [begin, placed] : placed_) {
    if (begin - place >= bytes) break;
    place = begin + placed.bytes;
  }
  if (bytes > bytes_ - place) return std::nullopt;
  std::memcpy(begin_ + place, body.data(), body.size());
  placed_[place] = {bytes, of};
  return place;
}

void PageMemory::Release(const BodyOf& of) {
  std::erase_if(placed_, [&](const auto& placed) { return placed.second.of == of; });
}

}  // namespace thresh
