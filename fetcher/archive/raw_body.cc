#include "fetcher/archive/raw_body.h"

namespace thresh {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

}  // namespace

Result<> ForEachPiece(const RawBody& body, const std::function<Result<>(std::string_view)>& take) {
  if (!body.spooled) return body.memory.empty() ? Ok{} : take(body.memory.View());
  for (std::uint64_t at = 0; at < body.spooled->size(); at += kPieceBytes) {
    const Result<std::string> piece = body.spooled->ReadAt(at, kPieceBytes);
    if (!piece) return piece.error();
    if (Result<> taken = take(*piece); !taken) return taken;
  }
  return Ok{};
}

}  // namespace thresh
