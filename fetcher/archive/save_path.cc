#include "fetcher/archive/save_path.h"

#include <algorithm>
#include <cstdint>

#include "lib/url/percent.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxNameBytes = 200;  // Of 255 that file systems have: room for digits.
constexpr std::size_t kMaxFolders = 20;
constexpr std::size_t kDigits = 8;

// How many bytes the character at `at` has, 0 if it is none: RFC 3629, 4.
std::size_t CharBytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    const bool shortest = first != 0xE0 || byte(1) >= 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && shortest && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const bool in_range = (first != 0xF0 || byte(1) >= 0x90) && (first != 0xF4 || byte(1) < 0x90);
    return follows(1) && follows(2) && follows(3) && in_range ? 4 : 0;
  }
  return 0;
}

bool IsControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;  // U+0080 to U+009F.
}

void AppendValue(std::string_view value, std::string* name) {
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t bytes = CharBytes(value, at);
    const std::string_view character = value.substr(at, std::max<std::size_t>(bytes, 1));
    const bool harmless =
        bytes > 0 && !IsControl(character) && character != "/" && character != "\\";
    name->append(harmless ? character : "_");
    at += character.size();
  }
}

// Where a name's extension begins: a dot that is neither its first nor far from its end.
std::size_t ExtensionOf(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool is_one = dot != std::string_view::npos && dot > 0 && name.size() - dot <= 16;
  return is_one ? dot : name.size();
}

std::string Finished(std::string name, const Hash128& fingerprint) {
  if (name.starts_with('.')) name.front() = '_';
  if (name.size() <= kMaxNameBytes) return name;
  const std::size_t dot = ExtensionOf(name);
  std::size_t keep = kMaxNameBytes - (name.size() - dot);
  while (keep > 0 && (static_cast<unsigned char>(name[keep]) & 0xC0) == 0x80) --keep;
  name.erase(keep, dot - keep);
  return WithDigits(name, fingerprint, kDigits);
}

}  // namespace

PathNames NamesOf(const std::vector<PathPart>& parts, const Hash128& fingerprint) {
  PathNames names;
  std::string name;
  const auto end_name = [&] {
    if (!name.empty()) names.push_back(Finished(std::exchange(name, {}), fingerprint));
  };
  for (const PathPart& part : parts) {
    if (part.is_value) {
      AppendValue(part.text.empty() ? fingerprint.Hex().substr(0, kDigits) : part.text, &name);
      continue;
    }
    for (const char c : part.text) {
      if (c == '/') {
        end_name();
      } else {
        AppendValue({&c, 1}, &name);
      }
    }
  }
  end_name();
  if (names.empty()) names.push_back(fingerprint.Hex().substr(0, kDigits));
  return names;
}

PathNames NamesOfUrl(const Url& url, const Hash128& fingerprint) {
  std::vector<std::string> texts{std::string(url.host())};
  std::string_view path = url.path();
  const bool ends_in_slash = path.empty() || path.ends_with('/');
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty()) continue;
    if (texts.size() <= kMaxFolders) {
      texts.emplace_back(segment);
    } else {
      texts.back().append("_").append(segment);
    }
  }
  if (ends_in_slash) texts.emplace_back("index.html");
  if (url.has_query()) texts.back().append("@").append(url.query());
  PathNames names;
  for (const std::string& text : texts) {
    std::string name;
    AppendValue(text, &name);
    names.push_back(Finished(std::move(name), fingerprint));
  }
  return names;
}

std::string BasenameOf(const Url& url) {
  std::string_view path = url.path();
  while (path.ends_with('/')) path.remove_suffix(1);
  return PercentDecode(path.substr(path.rfind('/') + 1));
}

std::string WithDigits(std::string_view name, const Hash128& fingerprint, std::size_t digits) {
  const std::size_t dot = ExtensionOf(name);
  return std::string(name.substr(0, dot)) + "-" + fingerprint.Hex().substr(0, digits) +
         std::string(name.substr(dot));
}

bool IsSafeName(std::string_view name) {
  return !name.empty() && name.size() <= 255 && !name.starts_with('.') &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace thresh
