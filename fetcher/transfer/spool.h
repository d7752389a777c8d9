#pragma once

// ArrivingBody: a body while it arrives. It is kept in memory as long as it is small, and in a file
// of the spool's folder from then on, so that what is in memory is bounded, whatever servers send.
//
// Threads: none.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "lib/base/shared_bytes.h"
#include "lib/io/spool_file.h"

namespace thresh {

/// The reason of a transfer whose body found no room. It is not the server's fault.
inline constexpr std::string_view kSpoolFailure = "spool";

struct SpoolOptions {
  std::string folder;                ///< Empty: nothing is spooled.
  std::size_t body_bytes = 1 << 20;  ///< A body of more goes to a file.
  /// When bodies that arrive have more than this in memory, all but the smallest go to files.
  std::size_t memory_bytes = 32 << 20;
};

/// What is on the disk, of all bodies of a fetcher.
class Spool {
 public:
  explicit Spool(SpoolOptions options)
      : options_(std::move(options)), used_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

  [[nodiscard]] const SpoolOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::uint64_t used_bytes() const noexcept { return *used_; }
  /// Errors: as SpoolFile::Create().
  [[nodiscard]] Result<std::shared_ptr<SpoolFile>> NewFile() const {
    return SpoolFile::Create(options_.folder, used_);
  }

 private:
  SpoolOptions options_;
  std::shared_ptr<std::atomic<std::uint64_t>> used_;
};

class ArrivingBody {
 public:
  /// Room for a body of so many bytes, beside other bodies that arrive; null: there is none.
  using RoomFn = std::function<std::shared_ptr<char>(std::size_t bytes)>;

  /// Takes what came. `expected_bytes`: of the whole body, if the server said so, else 0; a body
  /// in memory then lies in the room that is asked for, if there is some and it is no longer.
  /// `memory_bytes`: of all bodies that are arriving, this one included.
  /// Errors: those of SpoolFile; the body is then of no use.
  Result<> Append(std::string_view bytes, std::size_t expected_bytes, const Spool& spool,
                  std::size_t memory_bytes, const RoomFn& room);

  [[nodiscard]] std::uint64_t size() const noexcept {
    return file_ ? file_->size() : View().size();
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return View().size(); }

  /// The body, if it is in memory, else no bytes; and its file, or null. It is empty then.
  [[nodiscard]] SharedBytes TakeMemory() {
    if (!room_) return SharedBytes(std::exchange(memory_, {}));
    const std::string_view view = View();
    return {std::exchange(room_, nullptr), view};
  }
  void Clear() noexcept {
    memory_.clear();
    room_.reset();
    file_.reset();
  }
  [[nodiscard]] std::shared_ptr<const SpoolFile> TakeFile() {
    return std::exchange(file_, nullptr);
  }

 private:
  [[nodiscard]] std::string_view View() const noexcept {
    return room_ ? std::string_view(room_.get(), in_room_) : memory_;
  }
  Result<> MoveToFile(const Spool& spool);

  // In one of them.
  std::shared_ptr<char> room_;
  std::size_t in_room_ = 0, room_bytes_ = 0;
  std::string memory_;
  std::shared_ptr<SpoolFile> file_;
};

}  // namespace thresh
