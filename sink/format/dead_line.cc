#include "sink/format/dead_line.h"

#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {

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
  for (std::size_t i = 0; i < letter.headers.size(); ++i) {
    if (i > 0) *out += ',';
    AppendJsonString(letter.headers[i].first, out);
    *out += ':';
    AppendJsonString(letter.headers[i].second, out);
  }
  *out += "},\"body_path\":null";
  text("detail", letter.detail);
  if (letter.row) {
    text("item", letter.row->first);
    *out += ",\"row\":" + std::to_string(letter.row->second);
  }
  *out += "}\n";
}

}  // namespace thresh
