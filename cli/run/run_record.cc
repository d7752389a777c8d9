#include "cli/run/run_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <simdjson.h>

#include "lib/base/handles.h"
#include "lib/io/file.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr std::uint64_t kVersion = 1;

std::string ListOf(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    AppendJsonString(text, &list);
  }
  return list + "]";
}

bool ReadList(const element& record, std::string_view key, std::vector<std::string>* out) {
  simdjson::dom::array list;
  if (record[key].get(list) != simdjson::SUCCESS) return false;
  for (const element& entry : list) {
    std::string_view text;
    if (entry.get(text) != simdjson::SUCCESS) return false;
    out->emplace_back(text);
  }
  return true;
}

Error CannotWrite(const std::string& path) {
  return {Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::optional<RunRecord>> ReadRunRecord(const std::string& state) {
  const std::string path = state + "/run.json";
  Result<std::string> text = ReadWholeFile(path);
  if (!text && text.error().code == Errc::kNotFound) return std::optional<RunRecord>{};
  if (!text) return text.error();
  simdjson::dom::parser parser;
  element root;
  std::uint64_t version = 0;
  if (parser.parse(*text).get(root) != simdjson::SUCCESS ||
      root["version"].get(version) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid, path + ": expected what a run writes down of itself, found \"" +
                                     text->substr(0, 60) + "\"; name another folder"};
  }
  if (version != kVersion) {
    return Error{Errc::kInvalid, path + ": version " + std::to_string(version) +
                                     " is a newer thresh's, this one reads version " +
                                     std::to_string(kVersion) +
                                     "; go on with the newer one, or name another folder"};
  }
  RunRecord record;
  if (!ReadList(root, "recipes", &record.recipes) || !ReadList(root, "files", &record.files)) {
    return Error{Errc::kInvalid,
                 path + ": expected \"recipes\" and \"files\"; name another folder"};
  }
  if (root["clearing"].get(record.clearing) != simdjson::SUCCESS) record.clearing = false;
  return std::optional<RunRecord>(std::move(record));
}

Result<> WriteRunRecord(const std::string& state, const RunRecord& record) {
  std::string text = "{\"version\":" + std::to_string(kVersion);
  text += ",\"recipes\":" + ListOf(record.recipes) + ",\"files\":" + ListOf(record.files);
  text += std::string(",\"clearing\":") + (record.clearing ? "true" : "false") + "}\n";
  const std::string path = state + "/run.json";
  const std::string fresh = path + ".new";
  {
    const UniqueFile file(std::fopen(fresh.c_str(), "we"));
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
        std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) {
      return CannotWrite(fresh);
    }
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return CannotWrite(path);
  const UniqueFd folder(::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return CannotWrite(state);
  return Ok{};
}

}  // namespace thresh
