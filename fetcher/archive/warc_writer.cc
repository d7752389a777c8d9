#include "fetcher/archive/warc_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr std::string_view kPrefix = "thresh-";
constexpr std::string_view kSuffix = ".warc.gz";

Error Fault(const std::string& what, const std::string& path) {
  const int why = errno;
  return {why == ENOSPC || why == EDQUOT ? Errc::kBusy : Errc::kInternal,
          "cannot " + what + " " + path + ": " + std::strerror(why)};
}

// `thresh-20250131120000123-00007.warc.gz` (ISO 28500, annex C): prefix, time, serial number.
std::string FileName(std::int64_t now_ms, std::uint64_t serial) {
  std::string digits;
  for (const char c : FormatUtc(now_ms)) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  char number[24];
  std::snprintf(number, sizeof number, "%05llu", static_cast<unsigned long long>(serial));
  return std::string(kPrefix) + digits + "-" + number + std::string(kSuffix);
}

std::optional<std::uint64_t> SerialOf(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  name.remove_prefix(name.rfind('-') + 1);
  std::uint64_t serial = 0;
  const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), serial);
  if (fault != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return serial;
}

void AddField(std::string_view name, std::string_view value, std::string* out) {
  if (value.empty()) return;
  out->append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string NewRecordId() {
  Hash128 random = RandomId();
  random.bytes[6] = static_cast<std::uint8_t>((random.bytes[6] & 0x0F) | 0x40);
  random.bytes[8] = static_cast<std::uint8_t>((random.bytes[8] & 0x3F) | 0x80);
  std::string hex = random.Hex();
  for (const std::size_t dash : {20, 16, 12, 8}) hex.insert(dash, 1, '-');
  return "<urn:uuid:" + hex + ">";
}

Result<std::unique_ptr<WarcWriter>> WarcWriter::Open(WarcOptions options) {
  if (Result<> made = MakeFolder(options.folder); !made) return made.error();
  std::unique_ptr<WarcWriter> writer(new WarcWriter(std::move(options)));
  std::string newest;
  std::error_code why;
  for (const auto& entry : std::filesystem::directory_iterator(writer->options_.folder, why)) {
    const auto serial = SerialOf(entry.path().filename().string());
    if (!serial || *serial < writer->serial_) continue;
    writer->serial_ = *serial + 1;
    newest = entry.path().string();
  }
  if (why) {
    return Error{Errc::kInvalid,
                 "cannot read folder " + writer->options_.folder + ": " + why.message()};
  }
  if (!newest.empty()) {
    if (Result<> opened = writer->GoOnWith(newest); !opened) return opened.error();
  }
  return writer;
}

Result<> WarcWriter::GoOnWith(const std::string& path) {
  const Result<std::uint64_t> whole = WholeBytesOf(path);
  if (!whole) return whole.error();
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat now {};
  if (!fd || ::fstat(fd.get(), &now) != 0) return Fault("open", path);
  const auto there = static_cast<std::uint64_t>(now.st_size);
  if (there > *whole) {
    if (::ftruncate(fd.get(), static_cast<off_t>(*whole)) != 0) return Fault("cut", path);
    log::Warn("warc.cut", {{"file", path}, {"at_bytes", *whole}, {"torn_bytes", there - *whole}});
  }
  if (*whole >= options_.max_file_bytes) return Ok{};
  fd_ = std::move(fd);
  path_ = path;
  size_ = *whole;
  return Ok{};
}

Result<> WarcWriter::Append(const std::vector<WarcRecord>& records) {
  if (!fd_ || size_ >= options_.max_file_bytes || size_ == 0) {
    if (Result<> begun = BeginFile(); !begun) return begun;
  }
  const std::uint64_t before = size_;
  for (const WarcRecord& record : records) {
    if (Result<> appended = AppendOne(record); !appended) {
      size_ = before;
      (void)::ftruncate(fd_.get(), static_cast<off_t>(before));  // Else the next one is shorter.
      return Error{appended.error().code, path_ + ": " + appended.error().detail};
    }
  }
  return Ok{};
}

Result<> WarcWriter::BeginFile() {
  if (size_ > 0) {
    if (Result<> synced = Sync(); !synced) return synced;
  }
  const bool empty = fd_ && size_ == 0;  // Left by a crash, or by a full disk.
  if (!empty) {
    const std::int64_t now_ms = WallClockMs();
    path_ = options_.folder + "/" + FileName(now_ms, serial_++);
    fd_ = UniqueFd(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
    if (!fd_) return Fault("make", path_);
    size_ = 0;
  }
  name_synced_ = false;
  WarcRecord info{.type = "warcinfo",
                  .id = NewRecordId(),
                  .date_ms = WallClockMs(),
                  .content_type = "application/warc-fields"};
  AddField("software", options_.software, &info.head);
  AddField("format", "WARC File Format 1.1", &info.head);
  AddField("conformsTo",
           "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
           &info.head);
  return AppendOne(info);
}

Result<> WarcWriter::AppendOne(const WarcRecord& record) {
  const Result<std::string> head = HeadOf(record);
  if (!head) return head.error();
  if (Result<> begun = member_.Begin(fd_.get(), size_); !begun) return begun;
  if (Result<> added = member_.Add(*head); !added) return added;
  if (Result<> added = member_.Add(record.head); !added) return added;
  Result<> body =
      ForEachPiece(record.body, [this](std::string_view piece) { return member_.Add(piece); });
  if (!body) return body;
  if (Result<> added = member_.Add("\r\n\r\n"); !added) return added;
  const Result<std::uint64_t> end = member_.End();
  if (!end) return end.error();
  size_ = *end;
  return Ok{};
}

// The digests stand before what they are of, so bytes on the disk are read twice.
Result<std::string> WarcWriter::HeadOf(const WarcRecord& record) {
  std::string head = "WARC/1.1\r\n";
  AddField("WARC-Type", record.type, &head);
  AddField("WARC-Record-ID", record.id, &head);
  AddField("WARC-Date", FormatUtc(record.date_ms), &head);
  AddField("WARC-Target-URI", record.target_uri, &head);
  AddField("WARC-Concurrent-To", record.concurrent_to, &head);
  if (record.type == "warcinfo") {
    AddField("WARC-Filename", std::filesystem::path(path_).filename().string(), &head);
  }
  Sha1 payload;
  sha1_.Add(record.head);
  Result<> read = ForEachPiece(record.body, [&](std::string_view piece) -> Result<> {
    sha1_.Add(piece);
    if (record.has_payload) payload.Add(piece);
    return Ok{};
  });
  AddField("WARC-Block-Digest", sha1_.Take(), &head);
  if (!read) return read.error();
  if (record.has_payload) AddField("WARC-Payload-Digest", payload.Take(), &head);
  AddField("Content-Type", record.content_type, &head);
  AddField("Content-Length", std::to_string(record.head.size() + record.body.size()), &head);
  return head + "\r\n";
}

Result<> WarcWriter::Sync() {
  if (!fd_) return Ok{};
  if (::fdatasync(fd_.get()) != 0) return Fault("sync", path_);
  if (name_synced_) return Ok{};
  if (Result<> synced = SyncFolder(options_.folder); !synced) return synced;
  name_synced_ = true;
  return Ok{};
}

}  // namespace thresh
