#include "fetcher/archive/warc_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

constexpr std::string_view kMagic = "WARC/";
constexpr std::size_t kMaxHeadBytes = 1 << 20;

}  // namespace

std::string_view WarcHead::Get(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? std::string_view() : found->second;
}

Result<std::unique_ptr<WarcReader>> WarcReader::Open(const std::string& path) {
  auto source = GzipSource::Open(path);
  if (!source) return source.error();
  return std::unique_ptr<WarcReader>(new WarcReader(path, std::move(*source)));
}

Error WarcReader::Fault(Errc code, const std::string& what) const {
  return {code, path_ + ": record at byte " + std::to_string(record_at_) + ": " + what};
}

void WarcReader::SeekTo(std::uint64_t offset) {
  source_->SeekTo(offset);
  left_bytes_ = 0;
}

// Without its line end; nullopt if the file ends before a byte of it.
Result<std::optional<std::string>> WarcReader::ReadLine() {
  std::string line;
  while (true) {
    const Result<std::string_view> bytes = source_->Peek();
    if (!bytes) return Fault(bytes.error().code, bytes.error().detail);
    if (bytes->empty()) {
      if (line.empty()) return std::optional<std::string>();
      return Fault(Errc::kTransient, "the file ends inside its head");
    }
    const std::size_t end = bytes->find('\n');
    const std::size_t n = std::min(end, bytes->size());
    if ((head_bytes_ += n + 1) > kMaxHeadBytes) {
      return Fault(Errc::kInvalid,
                   "expected a head of at most " + std::to_string(kMaxHeadBytes) + " bytes");
    }
    line.append(bytes->substr(0, n));
    source_->Skip(std::min(n + 1, bytes->size()));
    if (end == std::string_view::npos) continue;
    if (line.ends_with('\r')) line.pop_back();
    return std::optional(std::move(line));
  }
}

// Over the two line ends behind a block, or as many as some writers leave there.
Result<bool> WarcReader::SkipToRecord() {
  while (true) {
    const Result<std::string_view> bytes = source_->Peek();
    record_at_ = source_->offset();
    if (!bytes) return Fault(bytes.error().code, bytes.error().detail);
    if (bytes->empty()) return false;
    const std::size_t n = std::min(bytes->find_first_not_of("\r\n"), bytes->size());
    if (n == 0) return true;
    source_->Skip(n);
  }
}

Result<std::optional<WarcHead>> WarcReader::Next() {
  if (left_bytes_ > 0) {
    Result<> passed = ReadBlock([](std::string_view) -> Result<> { return Ok{}; });
    if (!passed) return passed.error();
  }
  const Result<bool> more = SkipToRecord();
  if (!more) return more.error();
  if (!*more) return std::optional<WarcHead>();
  head_bytes_ = 0;
  const Result<std::string_view> bytes = source_->Peek();
  if (!bytes) return Fault(bytes.error().code, bytes.error().detail);
  const std::string_view begin = bytes->substr(0, kMagic.size());
  const Error no_warc =
      Fault(Errc::kInvalid, "expected WARC/1.1 or an earlier version, found other bytes");
  if (!kMagic.starts_with(begin)) return no_warc;
  Result<std::optional<std::string>> line = ReadLine();
  if (!line) return line.error();
  WarcHead head{.offset = record_at_};
  if (!(*line)->starts_with(kMagic)) return no_warc;
  head.version = (*line)->substr(5);
  while (true) {
    line = ReadLine();
    if (!line) return line.error();
    if (!*line) return Fault(Errc::kTransient, "the file ends inside its head");
    if ((*line)->empty()) break;
    if (Result<> read = ReadField(std::move(**line), &head); !read) return read.error();
  }
  const std::string_view length = head.Get("content-length");
  const auto [end, fault] =
      std::from_chars(length.data(), length.data() + length.size(), head.content_bytes);
  if (fault != std::errc() || end != length.data() + length.size()) {
    return Fault(Errc::kInvalid, "expected a Content-Length of digits");
  }
  left_bytes_ = head.content_bytes;
  return std::optional(std::move(head));
}

Result<> WarcReader::ReadField(std::string line, WarcHead* head) {
  if ((line.front() == ' ' || line.front() == '\t') && !head->fields.empty()) {  // Folded.
    std::string& value = head->fields.back().second;
    if (!value.empty()) value += ' ';
    value += TrimBlanks(line);
    return Ok{};
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return Fault(Errc::kInvalid, "expected `name: value`");
  const std::string_view text(line);
  head->fields.emplace_back(InLowerCase(TrimBlanks(text.substr(0, colon))),
                            TrimBlanks(text.substr(colon + 1)));
  return Ok{};
}

Result<> WarcReader::ReadBlock(const std::function<Result<>(std::string_view)>& take) {
  while (left_bytes_ > 0) {
    const Result<std::string_view> bytes = source_->Peek();
    if (!bytes) return Fault(bytes.error().code, bytes.error().detail);
    if (bytes->empty()) return Fault(Errc::kTransient, "the file ends inside its block");
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_bytes_, bytes->size()));
    Result<> taken = take(bytes->substr(0, n));
    source_->Skip(n);
    left_bytes_ -= n;
    if (!taken) return taken;
  }
  return Ok{};
}

Result<std::uint64_t> WarcReader::SkipMember() {
  left_bytes_ = 0;
  const Result<std::uint64_t> end = source_->SkipMember();
  if (!end) return Fault(end.error().code, end.error().detail);
  return *end;
}

Result<std::string> WarcReader::ReadBlock(std::size_t max_bytes) {
  std::string block;
  if (left_bytes_ > max_bytes) {
    return Fault(Errc::kTooLarge, "a block of over " + std::to_string(max_bytes) + " bytes");
  }
  Result<> read = ReadBlock([&](std::string_view piece) -> Result<> {
    block.append(piece);
    return Ok{};
  });
  if (!read) return read.error();
  return block;
}

}  // namespace thresh
