#include "parser/recipe/page_body.h"

#include <algorithm>

#include "lib/base/ascii_text.h"
#include "parser/body/charset.h"
#include "parser/json/json_fault.h"
#include "parser/json/lines.h"
#include "parser/json/write.h"
#include "parser/transform/ascii.h"

namespace thresh {
namespace {

constexpr std::size_t kKeptBytes = 8 << 20;  // Of a buffer, from one page to the next.

// RFC 1952, 2.3.1: the magic number, and the only method that there is.
constexpr std::string_view kGzipMagic = "\x1F\x8B\x08";

std::string_view SkipSpace(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && IsAsciiSpace(text.front())) text.remove_prefix(1);
  return text;
}

bool Contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return ToAsciiLower(a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

BodyAs Sniff(std::string_view body, BodyAs otherwise) {
  const std::string_view text = SkipSpace(body).substr(0, 1024);
  if (text.starts_with('{') || text.starts_with('[')) return BodyAs::kJson;
  if (text.starts_with("<?xml")) {
    const bool html = Contains(text, "<html") || Contains(text, "<!doctype html");
    return html ? BodyAs::kHtml : BodyAs::kXml;
  }
  if (text.starts_with("<rss") || text.starts_with("<feed") || text.starts_with("<urlset") ||
      text.starts_with("<sitemapindex") || Contains(text, "sitemaps.org/schemas/sitemap")) {
    return BodyAs::kXml;
  }
  if (text.starts_with('<')) return BodyAs::kHtml;
  const bool no_html = !text.empty() && text.find('<') == std::string_view::npos;
  return no_html ? BodyAs::kText : otherwise;
}

// `type/subtype` in lower case, without parameters; empty if it is too long to be known.
std::string_view Essence(std::string_view content_type, char (&buffer)[64]) {
  const std::string_view type =
      TrimBlanks(content_type.substr(0, content_type.find(';')), " \t\r\n");
  if (type.size() > sizeof buffer) return {};
  std::transform(type.begin(), type.end(), buffer, &ToAsciiLower);
  return {buffer, type.size()};
}

bool IsOneOf(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

void DropIfHuge(std::string* buffer) {
  if (buffer->capacity() > kKeptBytes) std::string().swap(*buffer);
}

}  // namespace

std::string_view HeaderValue(const HeaderViews& headers, std::string_view name,
                             std::string* joined) {
  std::string_view first;
  joined->clear();
  for (const auto& [header, value] : headers) {
    if (header != name) continue;
    if (first.data() == nullptr) {
      first = value;
      continue;
    }
    if (joined->empty()) *joined = first;
    joined->append(", ").append(value);
  }
  return joined->empty() ? first : *joined;
}

BodyAs KindOfBody(std::string_view content_type, std::string_view body) {
  char buffer[64];
  const std::string_view type = Essence(content_type, buffer);
  if (IsOneOf(type, {"text/html", "application/xhtml+xml"})) return BodyAs::kHtml;
  if (IsOneOf(type, {"application/x-ndjson", "application/ndjson", "application/jsonl",
                     "application/x-jsonlines", "application/jsonlines", "application/json-seq",
                     "application/x-jsonl", "text/x-ndjson"})) {
    return BodyAs::kNdjson;
  }
  if (IsOneOf(type, {"application/json", "text/json"}) || type.ends_with("+json")) {
    return BodyAs::kJson;
  }
  if (IsOneOf(type, {"text/xml", "application/xml"}) || type.ends_with("+xml")) return BodyAs::kXml;
  return Sniff(body, type == "text/plain" ? BodyAs::kText : BodyAs::kHtml);
}

PageBody::PageBody(html::NameTable& names) : tree_(names), html_(names) {}

Result<> PageBody::Read(std::string_view body, const HeaderViews& headers, const BodyRules& rules) {
  for (std::string* buffer : {&unpacked_, &gunzipped_, &decoded_, &joined_}) DropIfHuge(buffer);
  is_json_ = false;
  Result<std::string_view> unpacked = decoder_.Decode(
      HeaderValue(headers, "content-encoding", &codings_), body, rules.max_bytes, &unpacked_);
  if (!unpacked) return unpacked.error();
  if (unpacked->starts_with(kGzipMagic)) {  // A file that was packed, such as sitemap.xml.gz.
    unpacked = decoder_.Decode("gzip", *unpacked, rules.max_bytes, &gunzipped_);
    if (!unpacked) return unpacked.error();
  }
  const std::string_view content_type = HeaderValue(headers, "content-type", &types_);
  const bool sniffed = rules.as == BodyAs::kAuto;
  const BodyAs as = sniffed ? KindOfBody(content_type, *unpacked) : rules.as;
  const BodyKind kind = as == BodyAs::kHtml  ? BodyKind::kHtml
                        : as == BodyAs::kXml ? BodyKind::kXml
                                             : BodyKind::kText;
  const std::string_view charset = SniffCharset(
      *unpacked, {.content_type = content_type, .override_label = rules.charset, .kind = kind});
  const Result<std::string_view> text = DecodeText(*unpacked, charset, &decoded_);
  if (!text) return text.error();
  const bool said = rules.as != BodyAs::kAuto || !content_type.empty();
  // Many a server calls its JSON text/html, or nothing.
  const bool like_json = sniffed && rules.reads_json && as != BodyAs::kJson &&
                         as != BodyAs::kNdjson && Sniff(*text, as) == BodyAs::kJson;
  if (like_json && ReadAs(BodyAs::kJson, *text).ok()) return Ok{};
  const Result<> read = ReadAs(as, *text);
  if (read.ok() || as != BodyAs::kJson) return read;
  if (sniffed && ReadSeveral(*text)) return Ok{};
  if (sniffed && !said) return ReadAs(BodyAs::kHtml, *text);
  return WithPlace(read.error(), *text);
}

Result<> PageBody::ReadAs(BodyAs as, std::string_view text) {
  switch (as) {
    case BodyAs::kJson: return ReadJson(text);
    case BodyAs::kNdjson: return ReadLines(text);
    case BodyAs::kXml: return xml_.Parse(text, &tree_);
    case BodyAs::kText: return ReadText(text);
    case BodyAs::kAuto:
    case BodyAs::kHtml: break;
  }
  return html_.Parse(text, &tree_);
}

Result<> PageBody::ReadJson(std::string_view text) {
  tree_.Clear();
  Result<simdjson::dom::element> root = document_.Parse(text);
  if (!root) return root.error();
  json_ = *root;
  is_json_ = true;
  return Ok{};
}

// The lines' values as one array: `$[*]` are the lines.
Result<> PageBody::ReadLines(std::string_view text) {
  json::DocumentLines lines(line_, text);
  joined_.assign(1, '[');
  while (auto line = lines.Next()) {
    if (!*line) return line->error();
    AddLine(**line);
  }
  joined_ += ']';
  return ReadJson(joined_);
}

// What calls itself one document may be several, if each is an object or an array that begins on a
// line of its own. A value behind the first is a fault.
bool PageBody::ReadSeveral(std::string_view text) {
  json::DocumentLines lines(line_, text);
  joined_.assign(1, '[');
  std::size_t count = 0;
  std::size_t last = 0;
  while (auto line = lines.Next()) {
    if (!*line || lines.line() == last) return false;
    if (!(*line)->is_object() && !(*line)->is_array()) return false;
    last = lines.line();
    ++count;
    AddLine(**line);
  }
  joined_ += ']';
  return count > 1 && ReadJson(joined_).ok();
}

void PageBody::AddLine(simdjson::dom::element line) {
  if (joined_.size() > 1) joined_ += ',';
  json::AppendJson(line, &joined_);
}

// As a browser shows it: one <pre> with the text as it stands.
Result<> PageBody::ReadText(std::string_view text) {
  tree_.Clear();
  const auto element = [this](html::NodeId parent, std::string_view name) {
    return tree_.AppendElement(parent, tree_.NameFromPage(name), html::Namespace::kHtml);
  };
  const html::NodeId root = element(html::kDocumentNode, "html");
  element(root, "head");
  const html::NodeId pre = element(element(root, "body"), "pre");
  if (!text.empty()) tree_.AppendText(pre, text);
  return Ok{};
}

}  // namespace thresh
