#include "cli/feed/start_rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/ascii_text.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr int kEnd = -1;
constexpr std::size_t kChunkBytes = 64 << 10;
constexpr std::size_t kMostRowBytes = 1 << 20;

std::string WithFolder(const std::string& folder, const std::string& path) {
  return path.starts_with('/') || folder.empty() ? path : folder + "/" + path;
}

}  // namespace

Result<StartRows> StartRows::Open(const StartSpec& start, const std::string& folder) {
  StartRows rows;
  if (start.from.text.empty()) {
    rows.rows_ = start.rows;
    if (rows.rows_.empty()) rows.rows_.emplace_back("{}");
    return rows;
  }
  rows.path_ = WithFolder(folder, start.from.text);
  rows.file_ = UniqueFd(::open(rows.path_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (!rows.file_) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
                 "cannot read " + rows.path_ + ": " + std::strerror(errno)};
  }
  if (::fstat(rows.file_.get(), &about) == 0 && S_ISDIR(about.st_mode)) {
    return Error{Errc::kInvalid, "cannot read " + rows.path_ + ": it is a folder"};
  }
  (void)rows.Peek();
  if (rows.buffer_.starts_with("\xEF\xBB\xBF")) rows.at_ = 3;
  rows.kind_ = rows.Peek() == '{' ? Kind::kJsonLines : Kind::kCsv;
  if (rows.path_.ends_with(".tsv")) rows.comma_ = '\t';
  if (rows.kind_ == Kind::kCsv && !rows.ReadHeading()) {
    return Error{Errc::kInvalid, rows.failure_.empty()
                                     ? rows.path_ + ": expected a row of names, found nothing"
                                     : rows.failure_};
  }
  return rows;
}

std::string StartRows::place() const {
  return kind_ == Kind::kInline ? "row " + std::to_string(next_row_)
                                : path_ + ":" + std::to_string(row_line_);
}

std::optional<std::string> StartRows::Next() {
  if (!failure_.empty()) return std::nullopt;
  switch (kind_) {
    case Kind::kInline:
      if (next_row_ == rows_.size()) return std::nullopt;
      return rows_[next_row_++];
    case Kind::kCsv: return NextOfCsv();
    case Kind::kJsonLines: return NextOfJsonLines();
  }
  return std::nullopt;
}

bool StartRows::ReadHeading() {
  if (!ReadFields(&names_)) return false;
  for (std::string& name : names_) name = TrimBlanks(name, " \t\r");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (std::count(names_.begin(), names_.end(), names_[i]) == 1) continue;
    Fail("expected names that differ, found \"" + names_[i] + "\" twice");
    return false;
  }
  return true;
}

std::optional<std::string> StartRows::NextOfCsv() {
  std::vector<std::string> fields;
  if (!ReadFields(&fields)) return std::nullopt;
  if (fields.size() != names_.size()) {
    Fail("expected " + std::to_string(names_.size()) + " fields as in the first row, found " +
         std::to_string(fields.size()));
    return std::nullopt;
  }
  std::string row = "{";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    AppendJsonString(names_[i], &row);
    row += ':';
    AppendJsonString(fields[i], &row);
  }
  return row + "}";
}

std::optional<std::string> StartRows::NextOfJsonLines() {
  for (;;) {
    row_line_ = line_;
    std::string line;
    int c = NextByte();
    for (; c != kEnd && c != '\n' && line.size() <= kMostRowBytes; c = NextByte()) {
      line.push_back(static_cast<char>(c));
    }
    if (line.size() > kMostRowBytes) {
      Fail("the line is over " + std::to_string(kMostRowBytes) + " bytes");
      return std::nullopt;
    }
    const std::string_view text = TrimBlanks(line, " \t\r");
    if (!text.empty() && text.front() != '#') {
      if (text.front() == '{' && IsJson(text)) return std::string(text);
      Fail("expected a JSON object, its numbers within 64 bits (longer ones as strings)");
      return std::nullopt;
    }
    if (c == kEnd) return std::nullopt;
  }
}

// The next row that is not empty; false at the end, or after a fault.
bool StartRows::ReadFields(std::vector<std::string>* fields) {
  fields->clear();
  while (Peek() == '\n' || Peek() == '\r') (void)NextByte();
  row_line_ = line_;
  if (Peek() == kEnd) return false;
  std::string field;
  std::size_t bytes = 0;
  bool quoted = false;
  for (bool at_begin = true;;) {
    const int c = NextByte();
    if (++bytes > kMostRowBytes) {
      Fail("the row is over " + std::to_string(kMostRowBytes) + " bytes: is a \" missing?");
      return false;
    }
    if (quoted) {
      if (c == kEnd) {
        Fail("expected \" at the end of the field");
        return false;
      }
      if (c != '"') {
        field.push_back(static_cast<char>(c));
      } else if (Peek() == '"') {
        field.push_back(static_cast<char>(NextByte()));
      } else {
        quoted = false;
      }
    } else if (c == '"' && at_begin) {
      quoted = true;
    } else if (c == kEnd || c == '\n' || c == comma_) {
      if (c != comma_ && field.ends_with('\r')) field.pop_back();
      fields->push_back(std::exchange(field, {}));
      if (c != comma_) return true;
      at_begin = true;
      continue;
    } else {
      field.push_back(static_cast<char>(c));
    }
    at_begin = false;
  }
}

int StartRows::Peek() {
  if (at_ < buffer_.size()) return static_cast<unsigned char>(buffer_[at_]);
  if (!file_) return kEnd;
  buffer_.resize(kChunkBytes);
  ssize_t n = -1;
  do {
    n = ::read(file_.get(), buffer_.data(), buffer_.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) failure_ = "cannot read " + path_ + ": " + std::strerror(errno);
  buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  at_ = 0;
  if (n <= 0) {
    file_ = UniqueFd();
    return kEnd;
  }
  return static_cast<unsigned char>(buffer_[0]);
}

int StartRows::NextByte() {
  const int c = Peek();
  if (c == kEnd) return c;
  ++at_;
  if (c == '\n') ++line_;
  return c;
}

void StartRows::Fail(const std::string& why) {
  failure_ = path_ + ":" + std::to_string(row_line_) + ": " + why;
}

}  // namespace thresh
