#include "sink/journal/journal_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/base/handles.h"
#include "sink/journal/segment.h"

namespace thresh {
namespace {

constexpr std::size_t kAckWindowBytes = 4096;

Error Damaged(const SegmentReader& reader, std::uint64_t offset, std::string_view what) {
  return {Errc::kInvalid, reader.path() + ": " + std::string(what) + " at offset " +
                              std::to_string(offset) +
                              ". What stood there is not guessed: `thresh fsck` lists what is "
                              "whole, and a copy of the file may bring it back"};
}

Result<std::vector<std::string>> FileNames(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code why;
  std::filesystem::directory_iterator files(folder, why);
  if (why == std::errc::no_such_file_or_directory) return names;
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    names.push_back(files->path().filename().string());
  }
  if (why) return Error{Errc::kInvalid, "cannot list " + folder + ": " + why.message()};
  return names;
}

class Reading {
 public:
  Reading(std::string folder, JournalImage* image) : folder_(std::move(folder)), image_(*image) {}

  Result<> Run() {
    Result<SegmentReader> last = Open(image_.last_segment);
    if (!last) return last.error();
    image_.owner = last->header().owner;
    Result<std::optional<Record>> first = last->Next();
    if (!first) return first.error();
    std::optional<Checkpoint> checkpoint;
    if (*first && (*first)->type == RecordType::kCheckpoint) {
      checkpoint = DecodeCheckpoint((*first)->payload);
    }
    if (!checkpoint) return Damaged(*last, kSegmentHeaderBytes, "a damaged checkpoint");
    image_.state.Apply(*checkpoint);
    for (const Checkpoint::Segment& segment : checkpoint->segments) {
      if (Result<> read = ReadOld(segment); !read) return read;
    }
    return ReadLast(*last);
  }

 private:
  Result<SegmentReader> Open(std::uint64_t number) {
    Result<SegmentReader> reader = SegmentReader::Open(folder_ + "/" + SegmentName(number));
    if (!reader && reader.error().code == Errc::kNotFound) {
      return Error{Errc::kInvalid,
                   reader.error().detail + ". The journal needs it: bring it back from a copy"};
    }
    if (!reader) return reader;
    const bool foreign = number != image_.last_segment && reader->header().owner != image_.owner;
    if (foreign || reader->header().number != number) {
      return Damaged(*reader, 0, "the header of another segment");
    }
    return reader;
  }

  // Complete up to its end: that was synced before its successor was made.
  Result<> ReadOld(const Checkpoint::Segment& segment) {
    Result<SegmentReader> reader = Open(segment.number);
    if (!reader) return reader.error();
    while (reader->end() < segment.end) {
      Result<std::optional<Record>> record = reader->Next();
      if (!record) return record.error();
      if (!*record) return Damaged(*reader, reader->end(), "a damaged record");
      if ((*record)->type != RecordType::kCommit) continue;
      const std::optional<Commit> commit = DecodeCommit((*record)->payload);
      if (!commit) return Damaged(*reader, (*record)->offset, "a record that makes no sense");
      image_.state.ApplyOld(*commit, {segment.number, (*record)->offset});
    }
    return Ok{};
  }

  Result<> ReadLast(SegmentReader& reader) {
    image_.redo.segment_path = reader.path();
    JournalState::Segment& segment = image_.state.segments[image_.last_segment];
    for (;;) {
      Result<std::optional<Record>> record = reader.Next();
      if (!record) return record.error();
      if (!*record) break;
      if (Result<> applied = Apply(reader, **record); !applied) return applied;
    }
    segment.end = reader.end();
    image_.next_seq = reader.next_seq();
    image_.torn_bytes = reader.file_bytes() - reader.end();
    for (std::size_t i = last_batch_; i < image_.redo.parts.size(); ++i) {
      image_.redo.parts[i].last_batch = true;
    }
    return CheckTail(reader);
  }

  // A batch is written when the one before it is synced. So a whole COMMIT that begins a batch,
  // behind a record that is not whole, tells a damaged disk from a write that was cut.
  Result<> CheckTail(SegmentReader& reader) {
    const std::uint64_t torn = reader.end();
    for (std::uint64_t at = torn + 8;;) {
      Result<std::optional<Record>> record = reader.FindLater(&at);
      if (!record) return record.error();
      if (!*record) return Ok{};
      if ((*record)->type != RecordType::kCommit) continue;
      const std::optional<Commit> commit = DecodeCommit((*record)->payload);
      if (commit && commit->first_of_batch) return Damaged(reader, torn, "a damaged record");
    }
  }

  Result<> Apply(const SegmentReader& reader, const Record& record) {
    if (record.type == RecordType::kFile) {
      const std::optional<FileState> file = DecodeFile(record.payload);
      if (file) {
        image_.state.Apply(*file);
        DropCompleteParts(file->number);
        return Ok{};
      }
    } else if (record.type == RecordType::kCommit) {
      const std::optional<Commit> commit = DecodeCommit(record.payload);
      if (commit) {
        image_.state.Apply(*commit, {image_.last_segment, record.offset});
        AddRedo(record, *commit);
        return Ok{};
      }
    }
    return Damaged(reader, record.offset, "a record that makes no sense");
  }

  // A FILE record says that what its file has was complete, as was the file it replaces.
  void DropCompleteParts(std::uint32_t number) {
    std::vector<Redo::OutputPart>& parts = image_.redo.parts;
    const auto complete = [&](const Redo::OutputPart& part) {
      return part.file == number || !image_.state.files.contains(part.file);
    };
    for (std::size_t i = parts.size(); i-- > 0;) {
      if (!complete(parts[i])) continue;
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < last_batch_) --last_batch_;
    }
  }

  void AddRedo(const Record& record, const Commit& commit) {
    const auto place = [&](std::string_view bytes) {
      const auto within = static_cast<std::uint64_t>(bytes.data() - record.payload.data());
      return RedoBytes{record.payload_offset() + within, bytes.size()};
    };
    if (commit.first_of_batch) last_batch_ = image_.redo.parts.size();
    for (const Part& part : commit.parts) {
      if (!image_.state.files.contains(part.file)) continue;
      image_.redo.parts.push_back({part.file, part.offset, place(part.bytes)});
    }
    if (commit.whole_file) {
      image_.redo.whole_files.push_back(
          {std::string(commit.whole_file->first), place(commit.whole_file->second)});
    }
  }

  const std::string folder_;
  JournalImage& image_;
  std::size_t last_batch_ = 0;  // Index of its first part.
};

}  // namespace

Result<std::string> Redo::Read(const RedoBytes& bytes) const {
  const UniqueFd fd(::open(segment_path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(bytes.size_bytes, '\0');
  for (std::size_t have = 0; have < text.size();) {
    const ssize_t n = fd ? ::pread(fd.get(), text.data() + have, text.size() - have,
                                   static_cast<off_t>(bytes.at + have))
                         : -1;
    if (n < 0 && fd && errno == EINTR) continue;
    if (n <= 0) {
      return Error{Errc::kInvalid, "cannot read " + segment_path + " at offset " +
                                       std::to_string(bytes.at + have) + ": " +
                                       (n < 0 ? std::strerror(errno) : "it has become shorter")};
    }
    have += static_cast<std::size_t>(n);
  }
  return text;
}

Result<std::optional<JournalImage>> ReadJournal(const std::string& folder) {
  Result<std::vector<std::string>> names = FileNames(folder);
  if (!names) return names.error();
  JournalImage image;
  bool found = false;
  for (const std::string& name : *names) {
    const std::optional<std::uint64_t> number = SegmentNumber(name);
    if (!number) continue;
    found = true;
    image.last_segment = std::max(image.last_segment, *number);
  }
  if (!found) return std::optional<JournalImage>();
  image.file_names = std::move(*names);
  if (Result<> read = Reading(folder, &image).Run(); !read) return read.error();
  return std::optional<JournalImage>(std::move(image));
}

Result<std::string> ReadAck(const std::string& folder, Location at) {
  Result<SegmentReader> reader =
      SegmentReader::Open(folder + "/" + SegmentName(at.segment), kAckWindowBytes);
  if (!reader) return reader.error();
  Result<Record> record = reader->At(at.offset);
  if (!record) return record.error();
  const std::optional<Commit> commit = DecodeCommit(record->payload);
  if (record->type != RecordType::kCommit || !commit) {
    return Damaged(*reader, at.offset, "no COMMIT");
  }
  return std::string(commit->ack);
}

}  // namespace thresh
