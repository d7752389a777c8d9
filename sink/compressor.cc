#include "sink/compressor.h"

#include <utility>

#include "lib/base/log.h"
#include "sink/output/compress.h"

namespace thresh {
namespace {

constexpr std::uint64_t kRetryMs = 60'000;

}  // namespace

Compressor::Compressor(uv_loop_t& loop, std::string folder)
    : folder_(std::move(folder)), retry_(loop, [this] { Look(); }), worker_(loop) {}

// The worker waits for its end.
Compressor::~Compressor() {
  stop_ = true;
}

void Compressor::Look() {
  again_ = worker_.busy();
  if (again_) return;
  worker_.Start([this] { result_ = CompressAll(); }, [this] { TakeResult(); });
}

Result<> Compressor::CompressAll() {
  Result<std::vector<std::string>> paths = FilesAside(folder_);
  if (!paths) return paths.error();
  for (const std::string& path : *paths) {
    if (Result<> r = CompressFile(path, stop_); !r) return r;
  }
  return Ok{};
}

void Compressor::TakeResult() {
  if (!result_) {
    log::Warn("output.not_compressed", {{"why", result_.error().detail}});
    retry_.Set(kRetryMs);
  } else if (again_) {
    Look();
  }
}

}  // namespace thresh
