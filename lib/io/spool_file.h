#pragma once

// SpoolFile: bytes too many for memory, in a file that has no name. They are gone when the last
// descriptor of it is closed, whatever ends the process.
//
// Threads: one at a time appends; once nobody appends any more, any number may read.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class SpoolFile {
 public:
  /// `folder` decides which disk takes the bytes. `used_bytes`, if given, has the bytes of all
  /// files made with it that are still there. Errors: kBusy if the process has no descriptor left;
  /// kInternal with the system's reason.
  [[nodiscard]] static Result<std::shared_ptr<SpoolFile>> Create(
      const std::string& folder, std::shared_ptr<std::atomic<std::uint64_t>> used_bytes = nullptr);
  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  /// To the page cache: nothing waits for the disk unless the kernel holds writers back.
  /// Errors: kBusy if the disk is full, kInternal for any other reason; what was written of it
  /// then counts for nothing.
  Result<> Append(std::string_view bytes);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// For reading by who gets it; it has no position of its own that counts.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Up to `n` bytes from `offset` on, fewer only at the end.
  /// Errors: kInternal with the system's reason.
  [[nodiscard]] Result<std::string> ReadAt(std::uint64_t offset, std::size_t n) const;

 private:
  SpoolFile(UniqueFd fd, std::shared_ptr<std::atomic<std::uint64_t>> used_bytes)
      : fd_(std::move(fd)), used_bytes_(std::move(used_bytes)) {}

  UniqueFd fd_;
  const std::shared_ptr<std::atomic<std::uint64_t>> used_bytes_;
  std::uint64_t size_ = 0;
};

}  // namespace thresh
