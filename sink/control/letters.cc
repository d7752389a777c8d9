#include "sink/control/letters.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "lib/base/handles.h"

namespace thresh {
namespace {

constexpr std::uint64_t kMostReadBytes = 4 << 20;
constexpr std::uint64_t kMostLineBytes = 256 << 10;  // Longer ones are passed over.
constexpr std::size_t kMostBodyBytes = 256 << 10;

Error Unreadable(const std::string& path) {
  return {Errc::kInvalid, path + ": cannot be read: " + std::strerror(errno)};
}

std::string ReadAt(int fd, std::uint64_t offset, std::uint64_t bytes) {
  std::string text(bytes, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t n =
        ::pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(offset + have));
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

bool IsWanted(simdjson::dom::parser& parser, std::string_view line, const LettersWanted& wanted) {
  if (line.find(wanted.text) == std::string_view::npos) return false;
  std::string_view reason;
  const auto found = parser.parse(line.data(), line.size())["reason"].get(reason);
  return found == simdjson::SUCCESS && (wanted.reason.empty() || wanted.reason == reason);
}

std::string Base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) : 0U;
    };
    const unsigned three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text.push_back(kDigits[three >> 18]);
    text.push_back(kDigits[three >> 12 & 63]);
    text.push_back(i + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=');
    text.push_back(i + 2 < bytes.size() ? kDigits[three & 63] : '=');
  }
  return text;
}

// `7.body`, as the sink names them: nothing that leads elsewhere.
bool IsBodyName(std::string_view name) {
  if (name.size() > 128 || !name.ends_with(".body") || name.starts_with('.')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
  });
}

}  // namespace

Result<std::string> LettersJson(const std::string& path, const LettersWanted& wanted) {
  std::string json = R"({"ok":true,"letters":[)";
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return json + R"(],"before":null})";
  struct stat file {};
  if (!fd || ::fstat(fd.get(), &file) != 0) return Unreadable(path);
  const auto size = static_cast<std::uint64_t>(file.st_size);
  const std::uint64_t end = std::min(wanted.before.value_or(size), size);
  const std::uint64_t begin = end - std::min(end, kMostReadBytes);
  const std::string text = ReadAt(fd.get(), begin, end - begin);
  // Whole lines only: the last one may not be written to its end, the first one may begin before.
  std::string_view rest = std::string_view(text).substr(0, text.rfind('\n') + 1);
  std::uint64_t reached = begin + rest.size();
  std::size_t taken = 0;
  simdjson::dom::parser parser;
  while (!rest.empty() && taken < wanted.most) {
    const std::size_t before =
        rest.size() > 1 ? rest.rfind('\n', rest.size() - 2) : std::string_view::npos;
    if (before == std::string_view::npos && begin > 0) break;
    const std::size_t at = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = rest.substr(at, rest.size() - 1 - at);
    rest = rest.substr(0, at);
    reached = begin + at;
    if (line.size() > kMostLineBytes || !IsWanted(parser, line, wanted)) continue;
    if (taken++ > 0) json += ',';
    json += line;
  }
  // Not a whole line in all that was read: it is passed over.
  if (reached == end && begin > 0 && taken == 0) reached = begin;
  return json + R"(],"before":)" + (reached > 0 ? std::to_string(reached) : "null") + "}";
}

Result<std::string> BodyJson(const std::string& folder, const std::string& name) {
  if (!IsBodyName(name)) {
    return Error{Errc::kInvalid,
                 "name: expected a body's, as 7.body, found " + name.substr(0, 100)};
  }
  const std::string path = folder + "/" + name;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat file {};
  if (!fd || ::fstat(fd.get(), &file) != 0) {
    if (errno == ENOENT) return Error{Errc::kNotFound, name + ": no body of this name is kept"};
    return Unreadable(path);
  }
  const std::string text = ReadAt(fd.get(), 0, kMostBodyBytes);
  const auto bytes = static_cast<std::uint64_t>(file.st_size);
  return R"({"ok":true,"bytes":)" + std::to_string(bytes) + R"(,"cut":)" +
         (bytes > text.size() ? "true" : "false") + R"(,"base64":")" + Base64(text) + "\"}";
}

}  // namespace thresh
