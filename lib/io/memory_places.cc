#include "lib/io/memory_places.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kLine = 64;  // No two places share a line of a processor's cache.

std::size_t RoundUp(std::size_t bytes) {
  return (std::max<std::size_t>(bytes, 1) + kLine - 1) / kLine * kLine;
}

std::size_t End(const std::pair<const std::size_t, std::size_t>& gap) {
  return gap.first + gap.second;
}

Error NoMemory() {
  return {Errc::kInternal, std::string("no memory for pages: ") + std::strerror(errno)};
}

}  // namespace

Result<std::shared_ptr<MemoryPlaces>> MemoryPlaces::CreatePrivate(std::size_t bytes) {
  void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) return NoMemory();
  ::madvise(begin, bytes, MADV_HUGEPAGE);  // Where there are none, small ones do.
  return std::shared_ptr<MemoryPlaces>(
      new MemoryPlaces(UniqueFd(), static_cast<char*>(begin), bytes));
}

Result<std::shared_ptr<MemoryPlaces>> MemoryPlaces::CreateShared(std::size_t bytes) {
  UniqueFd fd(::memfd_create("thresh-pages", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) return NoMemory();
  void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (begin == MAP_FAILED) return NoMemory();
  return std::shared_ptr<MemoryPlaces>(
      new MemoryPlaces(std::move(fd), static_cast<char*>(begin), bytes));
}

MemoryPlaces::MemoryPlaces(UniqueFd fd, char* begin, std::size_t bytes)
    : fd_(std::move(fd)), begin_(begin), bytes_(bytes), free_{{0, bytes}} {}

MemoryPlaces::~MemoryPlaces() {
  ::munmap(begin_, bytes_);
}

// The first gap that is wide enough: what was used last is still in the processor's cache, and
// little of the memory is ever touched.
std::shared_ptr<char> MemoryPlaces::Take(std::size_t bytes, std::size_t limit) {
  const std::size_t width = RoundUp(bytes);
  char* place = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (used_ + width > limit) return nullptr;
    const auto gap = std::find_if(free_.begin(), free_.end(),
                                  [width](const auto& each) { return each.second >= width; });
    if (gap == free_.end()) return nullptr;
    place = begin_ + gap->first;
    used_ += width;
    touched_ = std::max(touched_, gap->first + width);
    auto rest = free_.extract(gap);
    rest.key() += width;
    rest.mapped() -= width;
    if (rest.mapped() > 0) free_.insert(std::move(rest));
  }
  return {place, [self = shared_from_this(), width](const char* at) { self->Free(at, width); }};
}

void MemoryPlaces::Free(const char* at, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  const auto gap = free_.emplace(at - begin_, bytes).first;
  if (const auto next = std::next(gap); next != free_.end() && next->first == End(*gap)) {
    gap->second += next->second;
    free_.erase(next);
  }
  if (gap == free_.begin()) return;
  if (const auto before = std::prev(gap); End(*before) == gap->first) {
    before->second += gap->second;
    free_.erase(gap);
  }
}

void MemoryPlaces::GiveBackUnused() {
  const std::lock_guard lock(mutex_);
  if (used_ > 0 || touched_ == 0) return;
  ::madvise(begin_, touched_, fd_ ? MADV_REMOVE : MADV_DONTNEED);
  touched_ = 0;
}

}  // namespace thresh
