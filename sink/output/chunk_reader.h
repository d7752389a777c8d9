#pragma once

// ChunkReader: a file from its beginning, in pieces; one that ends in `.zst` is decompressed.

#include <cstddef>
#include <memory>
#include <string>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class ChunkReader {
 public:
  /// Errors: kNotFound; kInvalid if it cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<ChunkReader>> Open(const std::string& path);
  ~ChunkReader();
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  /// At most 256 KiB; empty at the end. Errors: kInvalid, with the path.
  [[nodiscard]] Result<std::string> Next();

 private:
  struct Zstd;

  explicit ChunkReader(std::string path);
  Result<std::string> ReadFile();
  Result<std::string> Decompress();

  const std::string path_;
  std::unique_ptr<Zstd> zstd_;  // None: the file is as it is.
  UniqueFd fd_;
};

}  // namespace thresh
