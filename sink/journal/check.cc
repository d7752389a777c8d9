#include "sink/journal/check.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include "sink/journal/journal_reader.h"

namespace thresh {
namespace {

class Checking {
 public:
  Checking(const JournalImage& image, std::string out_dir, std::vector<JournalFinding>* findings)
      : image_(image), out_dir_(std::move(out_dir)), findings_(*findings) {}

  void Run() {
    for (const auto& [number, file] : image_.state.files) CheckFile(file);
  }

 private:
  void CheckFile(const FileState& file) {
    const std::string path = out_dir_ + "/" + file.name;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      return Note(path + ": not there. It was moved or removed; the next start looks for it");
    }
    const auto length = static_cast<std::uint64_t>(status.st_size);
    const std::uint64_t synced = SyncedLength(file);
    if (static_cast<std::uint64_t>(status.st_ino) != file.inode) {
      Note(path + ": another file than the one the journal knows: a copy, or a new one");
    } else if (length < synced) {
      return Damage(path + ": " + std::to_string(length) + " bytes, expected at least " +
                    std::to_string(synced) + ": its end was cut off. Bring it back from a copy");
    } else if (length < file.length) {
      Note(path + ": lacks " + std::to_string(file.length - length) +
           " bytes, which the next start adds");
    } else if (length > file.length) {
      Note(path + ": another program added " + std::to_string(length - file.length) + " bytes");
    }
    Compare(file, path, length);
  }

  // Up to here the file was synced before the last segment began.
  [[nodiscard]] std::uint64_t SyncedLength(const FileState& file) const {
    for (const Redo::OutputPart& part : image_.redo.parts) {
      if (part.file == file.number) return part.offset;
    }
    return file.length;
  }

  void Compare(const FileState& file, const std::string& path, std::uint64_t length) {
    std::ifstream in(path, std::ios::binary);
    for (const Redo::OutputPart& part : image_.redo.parts) {
      if (part.file != file.number || part.offset >= length) continue;
      Result<std::string> expected = image_.redo.Read(part.bytes);
      if (!expected) return Damage(expected.error().detail);
      expected->resize(std::min<std::uint64_t>(expected->size(), length - part.offset));
      std::string found(expected->size(), '\0');
      in.seekg(static_cast<std::streamoff>(part.offset));
      in.read(found.data(), static_cast<std::streamsize>(found.size()));
      if (found == *expected) continue;
      return Damage(path + ": from offset " + std::to_string(part.offset) +
                    " on it is not what the journal says: it was changed, or its disk is bad");
    }
  }

  void Note(std::string text) { findings_.push_back({false, std::move(text)}); }
  void Damage(std::string text) { findings_.push_back({true, std::move(text)}); }

  const JournalImage& image_;
  const std::string out_dir_;
  std::vector<JournalFinding>& findings_;
};

}  // namespace

std::vector<JournalFinding> CheckJournal(const std::string& state_dir, const std::string& out_dir) {
  std::vector<JournalFinding> findings;
  Result<std::optional<JournalImage>> image = ReadJournal(state_dir + "/journal");
  if (!image) {
    findings.push_back({true, image.error().detail});
  } else if (*image) {
    Checking(**image, out_dir, &findings).Run();
  }
  return findings;
}

}  // namespace thresh
