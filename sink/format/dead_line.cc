#include "sink/format/dead_line.h"

#include <algorithm>
#include <map>

#include "lib/base/redact.h"
#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

// A header that came several times is one with its values behind commas (RFC 9110, 5.3).
void AppendHeaders(const std::vector<std::pair<std::string, std::string>>& headers,
                   std::string* out) {
  std::map<std::string, std::string> by_name;
  for (const auto& [name, value] : headers) {
    const std::string_view shown = IsSecretField(name) ? kRedacted : std::string_view(value);
    const auto [entry, added] = by_name.emplace(name, shown);
    if (!added) entry->second.append(", ").append(shown);
  }
  for (auto entry = by_name.begin(); entry != by_name.end(); ++entry) {
    if (entry != by_name.begin()) *out += ',';
    AppendJsonString(entry->first, out);
    *out += ':';
    AppendJsonString(entry->second, out);
  }
}

constexpr std::size_t kMostStartBytes = 200;

// The text's first bytes, without the part of a character at their end.
std::string_view StartOf(std::string_view text) {
  std::size_t size = std::min(text.size(), kMostStartBytes);
  if (size == text.size()) return text;
  const auto continues = [&] { return (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80; };
  for (int i = 0; i < 3 && size > 0 && continues(); ++i) --size;
  return text.substr(0, size);
}

}  // namespace

void AppendDeadLine(const DeadLetter& letter, std::int64_t at_ms, std::string* out) {
  const auto text = [out](const char* key, std::string_view value) {
    *out += ",\"";
    *out += key;
    *out += "\":";
    AppendJsonString(value, out);
  };
  *out += "{\"url\":";
  AppendJsonString(letter.url, out);
  *out += ",\"id\":\"" + std::to_string(letter.id) + '"';
  text("recipe", letter.recipe);
  text("reason", letter.reason);
  *out += ",\"attempts\":" + std::to_string(letter.attempts);
  text("at", FormatUtc(at_ms));
  *out += ",\"status\":" + (letter.status != 0 ? std::to_string(letter.status) : "null");
  *out += ",\"headers\":{";
  AppendHeaders(letter.headers, out);
  *out += "},\"body_path\":" + (letter.body_path ? JsonString(*letter.body_path) : "null");
  text("detail", Redact(letter.detail));
  *out += ",\"n\":" + (letter.n != 0 ? std::to_string(letter.n) : "null");
  text("root", letter.root);
  *out += ",\"meta\":" + (letter.meta.empty() ? "null" : letter.meta);
  if (letter.body_start.empty()) {
    *out += ",\"body_start\":null";
  } else {
    text("body_start", StartOf(letter.body_start));
  }
  if (letter.row) {
    text("item", letter.row->first);
    *out += ",\"row\":" + std::to_string(letter.row->second);
  }
  *out += "}\n";
}

}  // namespace thresh
