#include "lib/io/flight_recorder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/io/file.h"

namespace thresh {

// Atomics, so that the order of the writes is kept, and a signal handler may write, too.
struct FlightWriter::Slot {
  std::atomic<std::uint32_t> magic, version;
  std::atomic<std::uint64_t> incarnation, source, task;
  std::atomic<std::uint32_t> attempt, mark;
  std::atomic<std::int64_t> since_ns;
  std::atomic<std::uint32_t> busy;
  std::uint32_t reserved[3];
};

namespace {

constexpr std::uint32_t kMagic = 0x52464854;  // "THFR"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBytes = 64;
constexpr std::size_t kNameLength = 32;  // Hex digits of a uuid.
constexpr int kTries = 16;
constexpr useconds_t kPauseUs = 1000;

// As it lies in the file: Slot without the atomics.
struct Image {
  std::uint32_t magic, version;
  std::uint64_t incarnation, source, task;
  std::uint32_t attempt, mark;
  std::int64_t since_ns;
  std::uint32_t busy;
  std::uint32_t reserved[3];
};
static_assert(sizeof(Image) == kBytes);

std::int64_t BootTimeNs() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

Error Refused(const std::string& what) {
  return {Errc::kInvalid, what + ": " + std::strerror(errno)};
}

bool IsAt(int fd, const std::string& path) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

// A file that is not locked yet looks like one left by the dead, and may be removed as such
// between its making and the lock. Who looks holds the lock for a moment, too.
Result<UniqueFd> OpenLocked(const std::string& path) {
  for (int i = 0; i < kTries; ++i) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) return Refused("cannot open " + path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && IsAt(fd.get(), path)) return fd;
    ::usleep(kPauseUs);
  }
  return Refused("cannot lock " + path);
}

bool IsLocked(int fd) noexcept {
  return ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace

Result<std::unique_ptr<FlightWriter>> FlightWriter::Create(const std::string& folder,
                                                           const Hash128& uuid,
                                                           std::uint64_t incarnation) {
  static_assert(sizeof(Slot) == kBytes && std::atomic<std::uint64_t>::is_always_lock_free);
  if (Result<> made = MakeFolder(folder); !made) return made.error();
  Result<UniqueFd> fd = OpenLocked(FlightPath(folder, uuid));
  if (!fd) return fd.error();
  if (::ftruncate(fd->get(), 0) != 0 || ::ftruncate(fd->get(), kBytes) != 0) {
    return Refused("cannot size " + FlightPath(folder, uuid));
  }
  void* mapped = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0);
  if (mapped == MAP_FAILED) return Refused("cannot map " + FlightPath(folder, uuid));
  Slot* slot = new (mapped) Slot{};
  slot->version.store(kVersion);
  slot->incarnation.store(incarnation);
  slot->magic.store(kMagic);
  return std::unique_ptr<FlightWriter>(new FlightWriter(std::move(*fd), slot));
}

FlightWriter::~FlightWriter() {
  ::munmap(slot_, kBytes);
}

void FlightWriter::Begin(std::uint64_t source, std::uint64_t task, std::uint32_t attempt) noexcept {
  slot_->source.store(source);
  slot_->task.store(task);
  slot_->attempt.store(attempt);
  slot_->mark.store(0);
  slot_->since_ns.store(BootTimeNs());
  slot_->busy.store(1);  // Last: killed before, we had not begun.
}

void FlightWriter::End() noexcept {
  slot_->busy.store(0);
}

void FlightWriter::Mark(std::uint32_t mark) noexcept {
  std::uint32_t none = 0;
  if (slot_->busy.load() == 1) slot_->mark.compare_exchange_strong(none, mark);
}

std::string FlightPath(const std::string& folder, const Hash128& uuid) {
  return folder + "/" + uuid.Hex();
}

std::optional<FlightRecord> ReadFlight(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  Image image{};
  if (!fd || ::pread(fd.get(), &image, sizeof image, 0) != sizeof image) return std::nullopt;
  if (image.magic != kMagic || image.version != kVersion) return std::nullopt;
  return FlightRecord{.alive = IsLocked(fd.get()),
                      .incarnation = image.incarnation,
                      .busy = image.busy == 1,
                      .source = image.source,
                      .task = image.task,
                      .attempt = image.attempt,
                      .mark = image.mark,
                      .since_ns = image.since_ns};
}

void RemoveDeadFlights(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::directory_iterator entry(folder, ignored);
  for (; entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const std::string path = entry->path();
    if (entry->path().filename().string().size() != kNameLength) continue;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd && !IsLocked(fd.get())) ::unlink(path.c_str());  // While we hold the lock.
  }
}

}  // namespace thresh
