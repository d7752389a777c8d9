#include "fetcher/transfer/spool.h"

#include <algorithm>

namespace thresh {
namespace {

// Less is not worth a file, with its descriptor.
constexpr std::size_t kSmallBytes = 16 << 10;

}  // namespace

Result<> ArrivingBody::Append(std::string_view bytes, std::size_t expected_bytes,
                              const Spool& spool, std::size_t memory_bytes) {
  const SpoolOptions& options = spool.options();
  if (!file_ && !options.folder.empty()) {
    const std::size_t known = std::max(memory_.size() + bytes.size(), expected_bytes);
    const bool crowded = memory_bytes + bytes.size() > options.memory_bytes && known > kSmallBytes;
    if (known > options.body_bytes || crowded) {
      auto file = spool.NewFile();
      if (!file) return file.error();
      file_ = std::move(*file);
      if (Result<> moved = file_->Append(memory_); !moved) return moved;
      memory_ = {};
    }
  }
  if (file_) return file_->Append(bytes);
  if (memory_.empty()) memory_.reserve(std::max(bytes.size(), expected_bytes));
  memory_.append(bytes);
  return Ok{};
}

}  // namespace thresh
