#pragma once

// RawBody: the bytes of an answer, as they were sent, wherever they lie.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/shared_bytes.h"
#include "lib/io/spool_file.h"

namespace thresh {

struct RawBody {
  SharedBytes memory;  ///< One of the two, or none: no bytes.
  std::shared_ptr<const SpoolFile> spooled;

  [[nodiscard]] std::uint64_t size() const noexcept {
    return spooled ? spooled->size() : memory.size();
  }
};

/// Gives all the bytes to `take`, piece by piece and in order, with no more in memory than a piece.
/// Errors: the first that `take` returns; kInternal if the spool cannot be read.
Result<> ForEachPiece(const RawBody& body, const std::function<Result<>(std::string_view)>& take);

}  // namespace thresh
