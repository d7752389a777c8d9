#include "sink/control/dead_stream.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <simdjson.h>

#include "lib/text/json.h"
#include "sink/output/aside_name.h"

namespace thresh {
namespace {

constexpr std::string_view kName = "dead.ndjson";

bool HasReason(simdjson::dom::parser& parser, std::string_view line, std::string_view reason) {
  std::string_view found;
  return parser.parse(line.data(), line.size())["reason"].get(found) == simdjson::SUCCESS &&
         found == reason;
}

}  // namespace

std::vector<std::string> DeadLetterFiles(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code why;
  std::filesystem::directory_iterator files(folder, why);
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    const std::string name = files->path().filename().string();
    if (NameBeforeAside(name) == kName) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  // A file that is just being compressed, or was when a crash came, lies there twice.
  for (std::size_t i = 1; i < names.size();) {
    const bool twice = names[i] == names[i - 1] + ".zst";
    i = twice ? (names.erase(names.begin() + static_cast<std::ptrdiff_t>(i)), i) : i + 1;
  }
  names.emplace_back(kName);
  for (std::string& name : names) name = folder + "/" + name;
  return names;
}

DeadStream::DeadStream(uv_loop_t& loop, LineServer& server, ConnectionId connection,
                       std::vector<std::string> paths, std::string reason)
    : server_(server),
      connection_(connection),
      reason_(std::move(reason)),
      paths_(std::move(paths)),
      worker_(loop) {
  std::reverse(paths_.begin(), paths_.end());
  Step();
}

void DeadStream::Step() {
  worker_.Start([this] { piece_ = ReadPiece(); },
                [this] { TakePiece(std::exchange(piece_, Piece{})); });
}

void DeadStream::TakePiece(Result<Piece> piece) {
  ended_ = !piece || piece->last || !server_.IsOpen(connection_);
  if (!piece) {
    server_.Answer(connection_, R"({"ok":false,"error":)" + JsonString(piece.error().detail) + "}");
    return;
  }
  if (!piece->lines.empty()) {
    piece->lines.pop_back();  // The server adds the last newline.
    server_.Push(connection_, piece->lines);
  }
  if (!ended_) return server_.WhenRoom(connection_, [this] { Step(); });
  server_.Answer(connection_, R"({"ok":true,"count":)" + std::to_string(count_) + "}");
}

Result<DeadStream::Piece> DeadStream::ReadPiece() {
  Piece piece;
  if (!reader_) {
    if (paths_.empty()) {
      piece.last = true;
      return piece;
    }
    Result<std::unique_ptr<ChunkReader>> opened = ChunkReader::Open(paths_.back());
    // Compressed since it was listed?
    if (!opened && opened.error().code == Errc::kNotFound) {
      opened = ChunkReader::Open(paths_.back() + ".zst");
    }
    paths_.pop_back();
    if (!opened && opened.error().code == Errc::kNotFound) return piece;
    if (!opened) return opened.error();
    reader_ = std::move(*opened);
    partial_.clear();
  }
  Result<std::string> chunk = reader_->Next();
  if (!chunk) return chunk.error();
  if (chunk->empty()) reader_.reset();
  Filter(*chunk, &piece);
  return piece;
}

void DeadStream::Filter(std::string_view chunk, Piece* piece) {
  simdjson::dom::parser parser;
  for (std::size_t newline = chunk.find('\n'); newline != std::string_view::npos;
       newline = chunk.find('\n')) {
    partial_.append(chunk.substr(0, newline));
    chunk.remove_prefix(newline + 1);
    if (reason_.empty() || HasReason(parser, partial_, reason_)) {
      piece->lines.append(partial_).push_back('\n');
      ++count_;
    }
    partial_.clear();
  }
  partial_.append(chunk);
}

}  // namespace thresh
