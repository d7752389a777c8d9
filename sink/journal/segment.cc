#include "sink/journal/segment.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#define XXH_STATIC_LINKING_ONLY  // A state that needs no memory of its own.
#include <xxhash.h>

#include "sink/journal/bytes.h"

namespace thresh {
namespace {

constexpr std::string_view kMagic = "THRW";
constexpr std::uint8_t kKindSink = 'S';

std::uint64_t Xxh3(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// Of a record with a payload of `size` bytes, which it is then given.
class Checksum {
 public:
  Checksum(const SegmentHeader& segment, std::uint64_t seq, std::uint8_t type, std::size_t size) {
    std::array<char, 8 + 8 + 1 + 4> head;
    StoreLittleEndian(segment.salt, head.data());
    StoreLittleEndian(seq, head.data() + 8);
    StoreLittleEndian(type, head.data() + 16);
    StoreLittleEndian(static_cast<std::uint32_t>(size), head.data() + 17);
    XXH3_64bits_reset(&state_);
    Add({head.data(), head.size()});
  }
  void Add(std::string_view bytes) { XXH3_64bits_update(&state_, bytes.data(), bytes.size()); }
  [[nodiscard]] std::uint32_t Value() const {
    return static_cast<std::uint32_t>(XXH3_64bits_digest(&state_));
  }

 private:
  XXH3_state_t state_;
};

Error CannotRead(const std::string& path) {
  return {errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
          "cannot read " + path + ": " + std::strerror(errno)};
}

}  // namespace

std::string EncodeHeader(const SegmentHeader& header) {
  std::string bytes(kMagic);
  ByteWriter write(&bytes);
  write.U8(kJournalVersion);
  write.U8(kKindSink);
  write.U8(0);
  write.U8(0);
  write.Uuid(header.owner);
  write.U64(header.number);
  write.U64(header.salt);
  write.U64(header.first_seq);
  write.U64(0);
  write.U64(Xxh3(bytes));
  return bytes;
}

Result<SegmentHeader> DecodeHeader(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic)) {
    return Error{Errc::kInvalid, "this is no journal segment"};
  }
  if (static_cast<std::uint8_t>(bytes[4]) > kJournalVersion) {
    return Error{Errc::kInvalid, "journal version " +
                                     std::to_string(static_cast<std::uint8_t>(bytes[4])) +
                                     ", this thresh knows 1: use the thresh that wrote it"};
  }
  ByteReader read(bytes.substr(8, kSegmentHeaderBytes - 8));
  const SegmentHeader header{
      .owner = read.Uuid(), .number = read.U64(), .salt = read.U64(), .first_seq = read.U64()};
  read.U64();
  const bool known = bytes[4] == kJournalVersion && bytes[5] == kKindSink;
  if (!known || read.U64() != Xxh3(bytes.substr(0, kSegmentHeaderBytes - 8))) {
    return Error{Errc::kInvalid, "its header is damaged at offset 0"};
  }
  return header;
}

std::string SegmentName(std::uint64_t number) {
  char name[40];
  std::snprintf(name, sizeof name, "j-%010llu.wal", static_cast<unsigned long long>(number));
  return name;
}

std::optional<std::uint64_t> SegmentNumber(std::string_view name) {
  unsigned long long number = 0;
  if (std::sscanf(std::string(name).c_str(), "j-%llu.wal", &number) != 1) return std::nullopt;
  if (SegmentName(number) != name) return std::nullopt;
  return number;
}

void AppendRecord(const SegmentHeader& segment, std::uint64_t seq, RecordType type,
                  std::string_view payload, std::string* out) {
  Pieces record;
  const Pieces::Mark begin = BeginRecord(&record);
  record.Lend(payload);
  EndRecord(segment, seq, type, begin, &record);
  record.ForEach({}, [out](std::string_view piece) { out->append(piece); });
}

Pieces::Mark BeginRecord(Pieces* out) {
  const Pieces::Mark begin = out->end();
  out->own()->append(kRecordHeaderBytes, '\0');
  return begin;
}

void EndRecord(const SegmentHeader& segment, std::uint64_t seq, RecordType type, Pieces::Mark begin,
               Pieces* out) {
  const Pieces::Mark payload{begin.own + kRecordHeaderBytes, begin.lent};
  std::size_t size = 0;
  out->ForEach(payload, [&size](std::string_view piece) { size += piece.size(); });
  Checksum checksum(segment, seq, static_cast<std::uint8_t>(type), size);
  out->ForEach(payload, [&checksum](std::string_view piece) { checksum.Add(piece); });
  char* const head = out->own()->data() + begin.own;
  StoreLittleEndian(static_cast<std::uint32_t>(size), head);
  StoreLittleEndian(checksum.Value(), head + 4);
  StoreLittleEndian(seq, head + 8);
  StoreLittleEndian(static_cast<std::uint8_t>(type), head + 16);
  out->own()->append(RecordBytes(size) - kRecordHeaderBytes - size, '\0');
}

Result<SegmentReader> SegmentReader::Open(const std::string& path, std::size_t window_bytes) {
  SegmentReader reader(path, UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), window_bytes);
  if (!reader.fd_) return CannotRead(path);
  if (Result<> read = reader.ReadHeader(); !read) return read.error();
  return reader;
}

Result<> SegmentReader::ReadHeader() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return CannotRead(path_);
  file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  Result<std::string_view> bytes = Bytes(0, kSegmentHeaderBytes);
  if (!bytes) return bytes.error();
  Result<SegmentHeader> header = DecodeHeader(*bytes);
  if (!header) return Error{header.error().code, path_ + ": " + header.error().detail};
  header_ = *header;
  next_seq_ = header_.first_seq;
  return Ok{};
}

Result<std::string_view> SegmentReader::Bytes(std::uint64_t offset, std::size_t count) {
  const auto left = static_cast<std::size_t>(file_bytes_ - std::min(offset, file_bytes_));
  count = std::min(count, left);
  if (offset < window_offset_ || offset + count > window_offset_ + window_.size()) {
    window_.resize(std::min(std::max(count, window_bytes_), left));
    window_offset_ = offset;
    for (std::size_t have = 0; have < window_.size();) {
      const ssize_t n = ::pread(fd_.get(), window_.data() + have, window_.size() - have,
                                static_cast<off_t>(offset + have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return CannotRead(path_);
      if (n == 0) window_.resize(have);  // Somebody made it shorter.
      have += static_cast<std::size_t>(n);
    }
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_offset_), count);
}

Result<std::optional<Record>> SegmentReader::Next() {
  Result<std::optional<Record>> record = Read(end_, next_seq_);
  if (!record || !*record) return record;
  end_ += RecordBytes((*record)->payload.size());
  ++next_seq_;
  return record;
}

// Each record between has at least its header, so few numbers can be right: most offsets need no
// checksum.
Result<std::optional<Record>> SegmentReader::FindLater(std::uint64_t* offset) {
  while (*offset + kRecordHeaderBytes <= file_bytes_) {
    Result<std::string_view> chunk = Bytes(*offset, window_bytes_);
    if (!chunk) return chunk.error();
    if (chunk->size() < kRecordHeaderBytes) break;
    const std::uint64_t most = (*offset + chunk->size() - end_) / kRecordHeaderBytes;
    std::size_t at = 0;
    for (bool found = false; at + kRecordHeaderBytes <= chunk->size() && !found; at += 8) {
      std::uint64_t seq = 0;
      std::memcpy(&seq, chunk->data() + at + 8, sizeof seq);
      found = le64toh(seq) - next_seq_ - 1 < most;
    }
    *offset += at;
    Result<std::optional<Record>> record = Read(*offset - 8, std::nullopt);
    if (!record || (*record && (*record)->seq > next_seq_)) return record;
  }
  return std::optional<Record>();
}

Result<Record> SegmentReader::At(std::uint64_t offset) {
  Result<std::optional<Record>> record = Read(offset, std::nullopt);
  if (!record) return record.error();
  if (*record) return **record;
  return Error{Errc::kInvalid, path_ + ": the record at offset " + std::to_string(offset) +
                                   " is damaged; `thresh fsck` tells what is left"};
}

Result<std::optional<Record>> SegmentReader::Read(std::uint64_t offset,
                                                  std::optional<std::uint64_t> seq) {
  const auto none = [] { return std::optional<Record>(); };
  Result<std::string_view> head = Bytes(offset, kRecordHeaderBytes);
  if (!head) return head.error();
  if (head->size() < kRecordHeaderBytes) return none();
  ByteReader read(*head);
  const std::uint32_t size = read.U32(), checksum = read.U32();
  const std::uint64_t found_seq = read.U64();
  const std::uint8_t type = read.U8();
  if (seq && found_seq != *seq) return none();
  if (head->substr(17) != std::string_view("\0\0\0\0\0\0\0", 7)) return none();
  if (RecordBytes(size) > file_bytes_ - offset) return none();
  Result<std::string_view> all = Bytes(offset, RecordBytes(size));
  if (!all) return all.error();
  if (all->size() < RecordBytes(size)) return none();
  const std::string_view payload = all->substr(kRecordHeaderBytes, size);
  Checksum found(header_, found_seq, type, payload.size());
  found.Add(payload);
  if (found.Value() != checksum) return none();
  if (type < 1 || type > static_cast<std::uint8_t>(RecordType::kCheckpoint)) {
    return Error{Errc::kInvalid, path_ + ": a record of type " + std::to_string(type) +
                                     " at offset " + std::to_string(offset) +
                                     ", which only a later thresh can read: use that"};
  }
  return std::optional<Record>(Record{static_cast<RecordType>(type), found_seq, offset, payload});
}

}  // namespace thresh
