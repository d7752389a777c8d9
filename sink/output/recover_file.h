#pragma once

// What an output file lacks after a crash, and where it is now. Recovery only ever adds bytes that
// the journal has and the file has not: at its end, or in the holes that a power loss left.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "sink/output/output_files.h"

namespace thresh {

/// Bytes of an output file that the journal holds, `size_bytes` at `offset` of the file.
struct HeldBytes {
  std::uint64_t offset = 0;
  std::size_t size_bytes = 0;
  bool last_batch = false;  ///< All before was written to the file in its time.
  std::function<Result<std::string>()> read;
};

struct RecoveredFile {
  OutputState state;                 ///< As found: its identity, and its length now.
  UniqueFd fd;                       ///< None: it is not there, and nothing is lacking.
  std::string missing;               ///< What is to be added.
  bool leaving = false;              ///< It has another name now (state.name: its path).
  std::uint64_t doubtful_lines = 0;  ///< Of `missing`: they may stand elsewhere as well.
};

/// Looks for the file `known` at its path; else, moved, in the outputs' folder and in `old_dir`
/// (if not empty). `held` is in order, without gaps, up to known.length.
///
/// A copy of the file at its path, as a restored backup is, counts as the file. When the file is
/// nowhere, or somebody has made it shorter than what was once synced, then the last batch's bytes
/// go to the file at the path: it may have had them.
/// Errors: kBusy, kInternal when a file cannot be opened; those of HeldBytes::read.
[[nodiscard]] Result<RecoveredFile> RecoverFile(const OutputOptions& options,
                                                const std::string& old_dir, OutputState known,
                                                const std::vector<HeldBytes>& held);

}  // namespace thresh
