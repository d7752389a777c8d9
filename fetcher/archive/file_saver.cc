#include "fetcher/archive/file_saver.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "fetcher/archive/gzip_member.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr const char* kTemporary = ".tmp";
constexpr const char* kClaims = ".names";
constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;

Error Fault(const std::string& what, const std::string& path) {
  const int why = errno;
  return {why == ENOSPC || why == EDQUOT ? Errc::kBusy : Errc::kInternal,
          "cannot " + what + " " + path + ": " + std::strerror(why)};
}

std::string Joined(const PathNames& names, char separator) {
  std::string path;
  for (const std::string& name : names) {
    if (!path.empty()) path.push_back(separator);
    path.append(name);
  }
  return path;
}

// What a name is noted under: names may be longer than a file's.
std::string ClaimPath(const std::string& path) {
  const std::string hex = HashBytes(path).Hex();
  return std::string(kClaims) + "/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

}  // namespace

Result<std::unique_ptr<FileSaver>> FileSaver::Open(const std::string& folder, bool durable) {
  std::error_code why;
  std::filesystem::remove_all(folder + "/" + kTemporary, why);
  if (Result<> made = MakeFolder(folder + "/" + kTemporary); !made) return made.error();
  UniqueFd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Error{Errc::kInvalid, Fault("open folder", folder).detail};
  return std::unique_ptr<FileSaver>(new FileSaver(folder, std::move(root), durable));
}

// Its own name if that is free; with digits; and, where a page's name is a folder's of another, all
// of it in one name.
Result<std::string> FileSaver::Save(const PathNames& names, const Hash128& fingerprint,
                                    const RawBody& body) {
  for (const std::string& name : names) {
    if (!IsSafeName(name)) return Error{Errc::kInternal, "not a safe name: " + name};
  }
  const std::string temporary = std::string(kTemporary) + "/" + fingerprint.Hex();
  if (Result<> written = WriteTemporary(temporary, body); !written) return written.error();
  std::vector<PathNames> tries{names, names};
  tries[1].back() = WithDigits(names.back(), fingerprint, 8);
  std::string flat = Joined(names, '_');
  if (flat.size() > 200) flat.erase(0, flat.size() - 200);
  tries.push_back({"x" + WithDigits(flat, fingerprint, 8)});
  tries.push_back({fingerprint.Hex()});
  for (const PathNames& attempt : tries) {
    const Result<bool> placed = Place(temporary, attempt, fingerprint);
    if (!placed) return placed.error();
    if (*placed) return Joined(attempt, '/');
  }
  return Error{Errc::kInternal, "no name is free for " + Joined(names, '/') + " in " + folder_};
}

Result<> FileSaver::WriteTemporary(const std::string& name, const RawBody& body) {
  const UniqueFd fd(::openat(root_.get(), name.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd) return Fault("make", folder_ + "/" + name);
  std::uint64_t at = 0;
  Result<> written = ForEachPiece(body, [&](std::string_view piece) {
    const std::uint64_t from = at;
    at += piece.size();
    return WriteAt(fd.get(), piece, from);
  });
  if (written && durable_ && ::fdatasync(fd.get()) != 0) return Fault("sync", folder_ + "/" + name);
  if (!written) {
    ::unlinkat(root_.get(), name.c_str(), 0);
    return Error{written.error().code, folder_ + "/" + name + ": " + written.error().detail};
  }
  return Ok{};
}

Result<bool> FileSaver::Place(const std::string& temporary, const PathNames& names,
                              const Hash128& fingerprint) {
  const std::string path = Joined(names, '/');
  const Result<Claim> claim = TakeName(path, fingerprint);
  if (!claim) return claim.error();
  if (*claim == Claim::kTaken) return false;
  const Result<UniqueFd> folder = OpenFolderOf(names);
  if (!folder) return folder.error();
  bool placed = false;
  if (*folder) {
    const unsigned flags = *claim == Claim::kNew ? RENAME_NOREPLACE : 0;
    placed = ::renameat2(root_.get(), temporary.c_str(), folder->get(), names.back().c_str(),
                         flags) == 0;
    const bool another = errno == EEXIST || errno == EISDIR || errno == ENOTEMPTY;
    if (!placed && !another) return Fault("make", folder_ + "/" + path);
  }
  if (!placed) GiveBackName(path);
  if (placed)
    unsynced_folders_.insert(folder_ + "/" + Joined({names.begin(), names.end() - 1}, '/'));
  return placed;
}

// The link is made at once or not at all, so one task only has a name, whatever dies when.
Result<FileSaver::Claim> FileSaver::TakeName(const std::string& path, const Hash128& fingerprint) {
  const std::string link = ClaimPath(path);
  const std::string folder = link.substr(0, link.rfind('/'));
  for (const std::string& made : {std::string(kClaims), folder}) {
    if (::mkdirat(root_.get(), made.c_str(), kFolderMode) != 0 && errno != EEXIST) {
      return Fault("make folder", folder_ + "/" + made);
    }
  }
  if (::symlinkat(fingerprint.Hex().c_str(), root_.get(), link.c_str()) == 0) return Claim::kNew;
  if (errno != EEXIST) return Fault("make", folder_ + "/" + link);
  char owner[64];
  const ssize_t n = ::readlinkat(root_.get(), link.c_str(), owner, sizeof owner);
  const std::string_view found(owner, n > 0 ? static_cast<std::size_t>(n) : 0);
  return found == fingerprint.Hex() ? Claim::kOurs : Claim::kTaken;
}

void FileSaver::GiveBackName(const std::string& path) {
  ::unlinkat(root_.get(), ClaimPath(path).c_str(), 0);
}

// Step by step: no link leads out of the folder.
Result<UniqueFd> FileSaver::OpenFolderOf(const PathNames& names) {
  UniqueFd at(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at) return Fault("open folder", folder_);
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    const char* const name = names[i].c_str();
    if (::mkdirat(at.get(), name, kFolderMode) == 0) {
      unsynced_folders_.insert(
          folder_ + "/" +
          Joined({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i)}, '/'));
    } else if (errno != EEXIST) {
      return Fault("make folder", folder_ + "/" + Joined(names, '/'));
    }
    at = UniqueFd(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!at && (errno == ENOTDIR || errno == ELOOP)) return UniqueFd();
    if (!at) return Fault("open folder", folder_ + "/" + Joined(names, '/'));
  }
  return at;
}

Result<> FileSaver::Sync() {
  if (!durable_) unsynced_folders_.clear();
  for (const std::string& folder : unsynced_folders_) {
    if (Result<> synced = SyncFolder(folder); !synced) return synced;
  }
  unsynced_folders_.clear();
  return Ok{};
}

}  // namespace thresh
