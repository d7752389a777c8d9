#include "sink/root_list.h"

#include "lib/text/json.h"
#include "lib/text/json_object.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

// `[1-3]` in a line to be fed is a range (feed.md); in a key of JSON it is a part of the URL.
bool MayBeRange(const std::string& url) {
  return url.find('[') != std::string::npos;
}

bool IsPlain(const wire::Link& link) {
  const bool get = link.method().empty() || link.method() == "GET";
  return get && link.body().empty() && link.headers().empty() && !link.templated();
}

// docs/feed.md has the keys.
std::string FeedLine(const wire::Link& link) {
  std::string line;
  {
    JsonObject keys(&line);
    keys.Text("url", link.url());
    if (!link.recipe().empty()) keys.Text("recipe", link.recipe());
    if (!link.method().empty()) keys.Text("method", link.method());
    if (!link.headers().empty()) {
      JsonObject headers(keys.Key("headers"));
      for (const wire::Header& header : link.headers()) headers.Text(header.name(), header.value());
    }
    if (!link.body().empty()) keys.Text("body", link.body());
    if (link.templated()) keys.Bool("template", true);
  }
  return line;
}

}  // namespace

std::uint64_t RootList::Add(const wire::Result& result, std::optional<std::uint64_t> room,
                            LineBuffer* out) {
  std::uint64_t count = 0;
  for (const wire::Link& link : result.links()) {
    if (!link.root()) continue;
    if (room && count >= *room) break;
    const std::string line = LineOf(link);
    if (!listed_.insert(HashBytes(line)).second) continue;
    out->Append(line);
    out->Push('\n');
    ++count;
  }
  return count;
}

std::string RootList::LineOf(const wire::Link& link) const {
  if (form_ == Form::kCsv) return CsvField(MayBeRange(link.url()) ? FeedLine(link) : link.url());
  return IsPlain(link) && !MayBeRange(link.url()) ? link.url() : FeedLine(link);
}

}  // namespace thresh
