#pragma once

// FileSaver: writes answers to files of their own, whole or not at all. A file belongs to the task
// that it was written for: fetched again, it replaces its own file and no other.
//
//   pages/x.test/a.html     what was asked for
//   pages/.names/…          who has which name: links to the tasks' fingerprints
//   pages/.tmp/…            what is being written; gone after a crash
//
// Threads: one at a time. Calls block on the disk.

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "fetcher/archive/raw_body.h"
#include "fetcher/archive/save_path.h"
#include "lib/base/handles.h"
#include "lib/base/hash.h"
#include "lib/base/result.h"

namespace thresh {

class FileSaver {
 public:
  /// Errors: kInvalid for a folder that cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<FileSaver>> Open(const std::string& folder,
                                                               bool durable);

  /// Writes the body to the file of these names; returns its path below the folder. If another
  /// task, or somebody else, has that file, its name gets 8 hex digits of the fingerprint.
  /// Errors: kBusy if the disk is full, kInternal for any other reason.
  [[nodiscard]] Result<std::string> Save(const PathNames& names, const Hash128& fingerprint,
                                         const RawBody& body);

  /// What was saved survives a power cut. Errors: kInternal.
  Result<> Sync();

 private:
  FileSaver(std::string folder, UniqueFd root, bool durable)
      : folder_(std::move(folder)), root_(std::move(root)), durable_(durable) {}

  enum class Claim { kNew, kOurs, kTaken };
  [[nodiscard]] Result<Claim> TakeName(const std::string& path, const Hash128& fingerprint);
  void GiveBackName(const std::string& path);
  Result<> WriteTemporary(const std::string& name, const RawBody& body);
  /// False if that file is another's, or a folder's name a file's.
  [[nodiscard]] Result<bool> Place(const std::string& temporary, const PathNames& names,
                                   const Hash128& fingerprint);
  /// None: one of the names is taken by what is no folder.
  [[nodiscard]] Result<UniqueFd> OpenFolderOf(const PathNames& names);

  const std::string folder_;
  const UniqueFd root_;
  const bool durable_;
  std::set<std::string> unsynced_folders_;
};

}  // namespace thresh
