#include "cli/fsck/output_check.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <simdjson.h>

#include "lib/base/handles.h"

namespace thresh {
namespace {

constexpr std::uint64_t kMaxFindings = 20;  // Of a file; who has more knows enough.

class LineCheck {
 public:
  LineCheck(const std::string& path, const FindingFn& found) : path_(path), found_(found) {}

  void Take(std::string_view bytes) {
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      line_ += bytes.substr(0, end);
      CheckLine();
      begin_ += line_.size() + 1;
      line_.clear();
      bytes.remove_prefix(end + 1);
    }
    line_ += bytes;
  }

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return begin_ + line_.size(); }
  [[nodiscard]] bool torn() const noexcept { return !line_.empty(); }
  void FindTornLine() const {
    found_({true, At(begin_) + "the last line has no end, and the journal has no rest of it; "
                               "something else wrote here: bring the file back from a copy, or "
                               "delete the line"});
  }

 private:
  [[nodiscard]] std::string At(std::uint64_t offset) const {
    return path_ + ":" + std::to_string(offset) + ": ";
  }

  void CheckLine() {
    ++lines_;
    simdjson::dom::element root;
    if (parser_.parse(line_).get(root) == simdjson::SUCCESS && root.is_object()) return;
    if (++findings_ > kMaxFindings) return;
    const std::string what =
        "line " + std::to_string(lines_) + " is no JSON object: \"" + line_.substr(0, 40) + "\"";
    const std::string remedy =
        findings_ == kMaxFindings ? "more of this file are not shown: bring it back from a copy"
                                  : "thresh writes whole lines only, so something else wrote here: "
                                    "bring the file back from a copy, or delete the line";
    found_({true, At(begin_) + what + "; " + remedy});
  }

  const std::string& path_;
  const FindingFn& found_;
  simdjson::dom::parser parser_;
  std::string line_;
  std::uint64_t begin_ = 0, lines_ = 0, findings_ = 0;
};

}  // namespace

Result<std::uint64_t> CheckOutput(const std::string& path,
                                  std::optional<std::uint64_t> journal_bytes,
                                  const FindingFn& found) {
  const UniqueFile file(std::fopen(path.c_str(), "rbe"));
  if (!file) return Error{Errc::kInvalid, "cannot read " + path + ": " + std::strerror(errno)};
  LineCheck check(path, found);
  std::string chunk(256 << 10, '\0');
  while (const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    check.Take({chunk.data(), n});
  }
  if (std::ferror(file.get()) != 0) {
    return Error{Errc::kInvalid, "cannot read " + path + ": " + std::strerror(errno)};
  }
  if (check.torn() && journal_bytes && check.bytes() >= *journal_bytes) check.FindTornLine();
  return check.lines();
}

}  // namespace thresh
