#include "sink/output/output_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "lib/base/log.h"
#include "lib/io/file.h"
#include "sink/output/aside_name.h"

namespace thresh {
namespace {

Error Failed(const char* what, const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::kBusy : Errc::kInternal,
          std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::optional<OutputState>> OutputFiles::Prepare(const std::string& name,
                                                        std::uint32_t next_number) {
  Slot& slot = slots_[name];
  if (slot.fd && !slot.checked) {
    if (Result<> checked = Check(slot); !checked) return checked.error();
  }
  if (!slot.fd) {
    slot.state.name = name;
    slot.path = options_.folder + "/" + name;
    if (Result<> opened = Open(slot, next_number); !opened) return opened.error();
  }
  if (slot.may_be_torn && slot.lines.empty()) {
    if (Result<> ended = EndTornLine(slot); !ended) return ended.error();
  }
  slot.checked = true;
  if (slot.announced) return std::optional<OutputState>();
  return std::optional<OutputState>(slot.state);
}

Result<> OutputFiles::Open(Slot& slot, std::uint32_t number) {
  UniqueFd fd(
      ::open(slot.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (!fd) return Failed("open", slot.path);
  Result<FileStatus> status = StatusOf(fd.get(), slot.path);
  if (!status) return status.error();
  slot.fd = std::move(fd);
  slot.state.number = number;
  slot.state.identity = status->identity;
  slot.state.length = status->length;
  slot.announced = false;
  slot.is_new = true;
  slot.may_be_torn = true;
  return Ok{};
}

// What somebody else cut or added to may end within a line, which our next one must not go on with.
Result<> OutputFiles::EndTornLine(Slot& slot) {
  Result<bool> torn = EndsWithinLine(slot.path, slot.state.identity);
  if (!torn) return torn.error();
  if (*torn) {
    log::Warn("output.torn", {{"path", slot.path}, {"length_bytes", slot.state.length}});
    if (::write(slot.fd.get(), "\n", 1) != 1) return Failed("write", slot.path);
    // The journal will hold what comes behind it, and nothing before.
    if (options_.sync && ::fsync(slot.fd.get()) != 0) {
      return Error{Errc::kInternal, Failed("sync", slot.path).detail};
    }
    ++slot.state.length;
    slot.announced = false;
  }
  slot.may_be_torn = false;
  return Ok{};
}

Result<> OutputFiles::Check(Slot& slot) {
  Result<FileStatus> status = StatusOf(slot.fd.get(), slot.path);
  if (!status) return status.error();
  if (status->links == 0) {
    log::Warn("output.removed", {{"path", slot.path}, {"length_bytes", slot.state.length}});
    slot.fd = UniqueFd();
  } else if (status->length != slot.state.length) {
    log::Warn("output.changed", {{"path", slot.path},
                                 {"length_bytes", status->length},
                                 {"expected_bytes", slot.state.length},
                                 {"hint",
                                  "another program wrote to it; put it aside with mv and "
                                  "SIGHUP"}});
    slot.state.length = status->length;
    slot.announced = false;
    slot.may_be_torn = true;
  }
  return Ok{};
}

void OutputFiles::Announced(const std::string& name) {
  slots_.at(name).announced = true;
}

std::pair<std::uint32_t, std::uint64_t> OutputFiles::NextPlace(std::string_view name) const {
  const Slot& slot = slots_.find(name)->second;
  return {slot.state.number, slot.state.length + slot.lines.size()};
}

void OutputFiles::Add(std::string_view name, std::string_view lines) {
  slots_.find(name)->second.lines.Add(lines);
}

Result<> OutputFiles::Append() {
  for (auto& [name, slot] : slots_) {
    if (!slot.fd) continue;
    if (slot.is_new && slot.announced) {
      if (Result<> synced = SyncNew(slot); !synced) return synced;
    }
    if (slot.lines.empty()) continue;
    if (Result<> written = Write(slot); !written) return written;
  }
  for (auto& [name, slot] : slots_) slot.checked = false;
  return Ok{};
}

Result<> OutputFiles::SyncNew(Slot& slot) {
  if (options_.sync) {
    if (::fsync(slot.fd.get()) != 0)
      return Error{Errc::kInternal, Failed("sync", slot.path).detail};
    if (Result<> synced = SyncFolder(options_.folder); !synced) return synced;
  }
  slot.is_new = false;
  return Ok{};
}

Result<> OutputFiles::Write(Slot& slot) {
  while (!slot.lines.empty()) {
    const ssize_t n = ::writev(slot.fd.get(), slot.lines.data(), slot.lines.count());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("write", slot.path);
    slot.lines.Advance(static_cast<std::size_t>(n));
    slot.state.length += static_cast<std::size_t>(n);
    slot.dirty = true;
  }
  slot.missing = {};
  return Ok{};
}

Result<> OutputFiles::Sync() {
  for (auto& [name, slot] : slots_) {
    if (Result<> synced = SyncSlot(slot); !synced) return synced;
  }
  return Ok{};
}

// A sync that failed is never tried again: what it was to write may be gone from memory.
Result<> OutputFiles::SyncSlot(Slot& slot) {
  if (!slot.fd || !slot.dirty) return Ok{};
  if (options_.sync && ::fsync(slot.fd.get()) != 0) {
    return Error{Errc::kInternal, "cannot sync " + slot.path + ": " + std::strerror(errno)};
  }
  slot.dirty = false;
  return Ok{};
}

Result<std::vector<std::string>> OutputFiles::CloseMoved() {
  std::vector<std::string> names;
  for (auto& [name, slot] : slots_) {
    if (!slot.fd) continue;
    const std::optional<FileStatus> there = StatusAt(slot.path);
    if (there && there->identity.IsSameAs(slot.state.identity)) continue;
    if (Result<> synced = SyncSlot(slot); !synced) return synced.error();
    slot.fd = UniqueFd();
    names.push_back(name);
  }
  return names;
}

Result<std::vector<std::string>> OutputFiles::RotateDue(std::int64_t now_ms) {
  std::vector<std::string> names;
  for (auto& [name, slot] : slots_) {
    if (!slot.fd || !IsDue(slot, now_ms)) continue;
    if (Result<> synced = SyncSlot(slot); !synced) return synced.error();
    const std::string aside = AsidePath(name, now_ms);
    if (::rename(slot.path.c_str(), aside.c_str()) != 0) {
      if (errno != ENOENT) return Failed("put aside", slot.path);  // Else somebody else did.
    }
    slot.fd = UniqueFd();
    names.push_back(name);
  }
  return names;
}

bool OutputFiles::IsDue(const Slot& slot, std::int64_t now_ms) const {
  if (slot.state.length == 0) return false;
  if (options_.rotate_bytes != 0 && slot.state.length >= options_.rotate_bytes) return true;
  const std::int64_t born_ms = slot.state.identity.born_ns / 1'000'000;
  return options_.rotate_seconds != 0 && born_ms != 0 &&
         now_ms - born_ms >= static_cast<std::int64_t>(options_.rotate_seconds) * 1000;
}

// Names are of a millisecond; a second file of the same one has the next.
std::string OutputFiles::AsidePath(const std::string& name, std::int64_t now_ms) const {
  for (;; ++now_ms) {
    const std::string path = options_.folder + "/" + AsideName(name, now_ms);
    const bool taken =
        ::access(path.c_str(), F_OK) == 0 || ::access((path + ".zst").c_str(), F_OK) == 0;
    if (!taken) return path;
  }
}

void OutputFiles::Adopt(OutputState state, UniqueFd fd, std::string_view missing, bool leaving) {
  const std::string key = state.name;
  Slot& slot = slots_[key];
  slot.path = leaving ? state.name : options_.folder + "/" + state.name;
  slot.state = std::move(state);
  slot.fd = std::move(fd);
  slot.lines.Clear();  // It may be adopted again: another file had no room.
  slot.missing = missing;
  slot.lines.Add(slot.missing);
  slot.announced = true;
  slot.dirty = true;  // Its end may never have been synced.
  slot.may_be_torn = slot.missing.empty();
  slot.leaving = leaving;
}

void OutputFiles::DropLeaving() {
  std::erase_if(slots_, [](const auto& entry) { return entry.second.leaving; });
}

std::vector<OutputState> OutputFiles::States() const {
  std::vector<OutputState> states;
  for (const auto& [name, slot] : slots_) {
    if (slot.fd && !slot.leaving) states.push_back(slot.state);
  }
  return states;
}

}  // namespace thresh
