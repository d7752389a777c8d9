#include "sink/format/dead_line.h"

#include <map>

#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

// A header that came several times is one with its values behind commas (RFC 9110, 5.3).
void AppendHeaders(const std::vector<std::pair<std::string, std::string>>& headers,
                   std::string* out) {
  std::map<std::string, std::string> by_name;
  for (const auto& [name, value] : headers) {
    const auto [entry, added] = by_name.emplace(name, value);
    if (!added) entry->second.append(", ").append(value);
  }
  for (auto entry = by_name.begin(); entry != by_name.end(); ++entry) {
    if (entry != by_name.begin()) *out += ',';
    AppendJsonString(entry->first, out);
    *out += ':';
    AppendJsonString(entry->second, out);
  }
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
  text("detail", letter.detail);
  if (letter.row) {
    text("item", letter.row->first);
    *out += ",\"row\":" + std::to_string(letter.row->second);
  }
  *out += "}\n";
}

}  // namespace thresh
