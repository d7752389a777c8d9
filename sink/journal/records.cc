#include "sink/journal/records.h"

#include "sink/journal/bytes.h"

namespace thresh {
namespace {

void Write(const FileState& file, ByteWriter* write) {
  write->U32(file.number);
  write->Text(file.name);
  write->U64(file.device);
  write->U64(file.inode);
  write->U64(static_cast<std::uint64_t>(file.born_ns));
  write->U64(file.length);
}

FileState ReadFile(ByteReader* read) {
  FileState file;
  file.number = read->U32();
  file.name = read->Text();
  file.device = read->U64();
  file.inode = read->U64();
  file.born_ns = static_cast<std::int64_t>(read->U64());
  file.length = read->U64();
  return file;
}

bool ReadSource(ByteReader* read, Checkpoint* out) {
  const Hash128 uuid = read->Uuid();
  const std::uint64_t highest = read->U64(), low = read->U64();
  const std::string_view bitmap = read->Text();
  if (!read->ok()) return false;
  std::optional<ClosedIds> closed = ClosedIds::From(low, bitmap);
  if (closed) out->sources.push_back({uuid, std::move(*closed), highest});
  return closed.has_value();
}

}  // namespace

std::string Encode(const Commit& commit) {
  Pieces pieces;
  AppendTo(commit, &pieces);
  return pieces.ToString();
}

std::size_t EncodedBytes(const Commit& commit) {
  constexpr std::size_t kCount = 4, kUuid = 16, kNumber = 8, kFlag = 1;
  std::size_t bytes =
      kUuid + kNumber + kNumber + kFlag + kCount + commit.ack.size() + kCount + kFlag;
  for (const Part& part : commit.parts) bytes += 4 + kNumber + kCount + part.bytes.size();
  if (!commit.whole_file) return bytes;
  return bytes + kCount + commit.whole_file->first.size() + kCount +
         commit.whole_file->second.size();
}

void AppendTo(const Commit& commit, Pieces* out) {
  ByteWriter write(out->own());
  const auto lend = [&](std::string_view bytes) {
    write.U32(static_cast<std::uint32_t>(bytes.size()));
    out->Lend(bytes);
  };
  write.Uuid(commit.source);
  write.U64(commit.id);
  write.U64(commit.records);
  write.U8(commit.first_of_batch ? 1 : 0);
  write.Text(commit.ack);
  write.U32(static_cast<std::uint32_t>(commit.parts.size()));
  for (const Part& part : commit.parts) {
    write.U32(part.file);
    write.U64(part.offset);
    lend(part.bytes);
  }
  write.U8(commit.whole_file ? 1 : 0);
  if (commit.whole_file) {
    write.Text(commit.whole_file->first);
    lend(commit.whole_file->second);
  }
}

std::string Encode(const FileState& file) {
  std::string bytes;
  ByteWriter write(&bytes);
  Write(file, &write);
  return bytes;
}

std::string Encode(const Checkpoint& checkpoint) {
  std::string bytes;
  ByteWriter write(&bytes);
  write.U64(checkpoint.records);
  write.U32(checkpoint.next_file);
  write.U32(static_cast<std::uint32_t>(checkpoint.files.size()));
  for (const FileState& file : checkpoint.files) Write(file, &write);
  write.U32(static_cast<std::uint32_t>(checkpoint.sources.size()));
  for (const Checkpoint::Source& source : checkpoint.sources) {
    write.Uuid(source.uuid);
    write.U64(source.highest);
    write.U64(source.closed.low());
    write.Text(source.closed.Bitmap());
  }
  write.U32(static_cast<std::uint32_t>(checkpoint.segments.size()));
  for (const Checkpoint::Segment& segment : checkpoint.segments) {
    write.U64(segment.number);
    write.U64(segment.end);
  }
  return bytes;
}

std::optional<Commit> DecodeCommit(std::string_view payload) {
  ByteReader read(payload);
  Commit commit;
  commit.source = read.Uuid();
  commit.id = read.U64();
  commit.records = read.U64();
  commit.first_of_batch = read.U8() != 0;
  commit.ack = read.Text();
  for (std::uint32_t left = read.U32(); left > 0 && read.ok(); --left) {
    Part part;
    part.file = read.U32();
    part.offset = read.U64();
    part.bytes = read.Text();
    commit.parts.push_back(part);
  }
  if (read.U8() != 0) {
    const std::string_view name = read.Text();
    commit.whole_file.emplace(name, read.Text());
  }
  if (!read.complete()) return std::nullopt;
  return commit;
}

std::optional<FileState> DecodeFile(std::string_view payload) {
  ByteReader read(payload);
  FileState file = ReadFile(&read);
  if (!read.complete()) return std::nullopt;
  return file;
}

std::optional<Checkpoint> DecodeCheckpoint(std::string_view payload) {
  ByteReader read(payload);
  Checkpoint checkpoint;
  checkpoint.records = read.U64();
  checkpoint.next_file = read.U32();
  for (std::uint32_t left = read.U32(); left > 0 && read.ok(); --left) {
    checkpoint.files.push_back(ReadFile(&read));
  }
  for (std::uint32_t left = read.U32(); left > 0 && read.ok(); --left) {
    if (!ReadSource(&read, &checkpoint)) return std::nullopt;
  }
  for (std::uint32_t left = read.U32(); left > 0 && read.ok(); --left) {
    checkpoint.segments.push_back({.number = read.U64(), .end = read.U64()});
  }
  if (!read.complete()) return std::nullopt;
  return checkpoint;
}

}  // namespace thresh
