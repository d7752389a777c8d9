#include "cli/page/document.h"

#include <algorithm>
#include <utility>

#include "parser/body/charset.h"
#include "parser/body/content_coding.h"
#include "parser/html/ascii.h"
#include "parser/html/dump.h"
#include "parser/json/json_fault.h"
#include "parser/json/lines.h"

namespace thresh {
namespace {

using html::NodeId;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf8 = "UTF-8";
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::size_t kMaxUnpacked = 1 << 30;

// Past what may stand between an XML declaration and the root element.
std::size_t SkipProlog(std::string_view text) {
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && html::IsSpace(text[at])) ++at;
    const std::string_view rest = text.substr(at);
    std::string_view end;
    if (rest.starts_with("<?")) {
      end = "?>";
    } else if (rest.starts_with("<!--")) {
      end = "-->";
    } else if (rest.starts_with("<!")) {
      const std::size_t subset = rest.find_first_of("[>");
      end = subset != std::string_view::npos && rest[subset] == '[' ? "]" : ">";
    } else if (rest.starts_with("]") || rest.starts_with(">")) {
      ++at;  // Behind an internal subset.
      continue;
    } else {
      return at;
    }
    const std::size_t found = text.find(end, at + 2);
    if (found == std::string_view::npos) return text.size();
    at = found + end.size();
  }
}

// The line of this number, from 1.
std::string_view LineAt(std::string_view text, std::uint64_t number) {
  for (; number > 1 && !text.empty(); --number) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

const char* NameOf(BodyForm form) {
  switch (form) {
    case BodyForm::kHtml: return "HTML";
    case BodyForm::kXml: return "XML";
    case BodyForm::kJson: return "JSON";
    case BodyForm::kNdjson: return "NDJSON";
    case BodyForm::kText: break;
  }
  return "text";
}

std::optional<BodyForm> BodyFormOf(std::string_view word) {
  if (word == "html") return BodyForm::kHtml;
  if (word == "xml") return BodyForm::kXml;
  if (word == "json") return BodyForm::kJson;
  if (word == "ndjson") return BodyForm::kNdjson;
  return word == "text" ? std::optional(BodyForm::kText) : std::nullopt;
}

bool LooksLikeXml(std::string_view text) {
  while (!text.empty() && html::IsSpace(text.front())) text.remove_prefix(1);
  if (!text.starts_with("<?xml")) return false;
  text.remove_prefix(SkipProlog(text));
  if (!text.starts_with('<')) return false;
  std::string name;
  for (const char c : text.substr(1)) {
    if (html::IsSpace(c) || c == '>' || c == '/') break;
    name.push_back(html::ToLower(c));
  }
  return name.substr(name.find(':') + 1) != "html";
}

Result<> Document::Load(std::string bytes, const DocumentHints& hints) {
  bytes_ = std::move(bytes);
  if (bytes_.starts_with(kGzipMagic)) {  // A file that was packed.
    std::string unpacked;
    const Result<std::string_view> whole = DecodeContent("gzip", bytes_, kMaxUnpacked, &unpacked);
    if (!whole) return whole.error();
    unpacked.resize(whole->size());
    bytes_ = std::move(unpacked);
  }
  tree_.Clear();
  form_ = hints.form.value_or(BodyForm::kHtml);
  if (Result<> decoded = Decode(hints); !decoded) return decoded;
  if (!hints.form && LooksLikeXml(text_)) {
    form_ = BodyForm::kXml;  // Where <meta> says nothing of the page.
    if (Result<> decoded = Decode(hints); !decoded) return decoded;
  }
  switch (form_) {
    case BodyForm::kHtml:
      return hints.fragment.empty() ? parser_.Parse(text_, &tree_)
                                    : parser_.ParseFragment(text_, hints.fragment, &tree_);
    case BodyForm::kXml: return xml_parser_.Parse(text_, &tree_);
    case BodyForm::kJson: {
      Result<simdjson::dom::element> root = json_parser_.Parse(text_);
      if (!root) return WithPlace(root.error(), text_);
      root_ = *root;
      return Ok{};
    }
    case BodyForm::kNdjson: return Ok{};
    case BodyForm::kText: tree_.AppendText(html::kDocumentNode, text_); return Ok{};
  }
  return Ok{};
}

Result<> Document::Decode(const DocumentHints& hints) {
  BodyKind kind = BodyKind::kText;
  if (form_ == BodyForm::kHtml) kind = BodyKind::kHtml;
  if (form_ == BodyForm::kXml) kind = BodyKind::kXml;
  charset_ = SniffCharset(
      bytes_, {.content_type = hints.content_type, .override_label = hints.charset, .kind = kind});
  if (is_json() && charset_ == kUtf8) {  // Broken bytes are to be found, not mended.
    text_ = bytes_;
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    return Ok{};
  }
  Result<std::string_view> text = DecodeText(bytes_, charset_, &decoded_);
  if (!text) return text.error();
  text_ = *text;
  return Ok{};
}

std::string Document::Dump() const {
  std::string text;
  html::AppendHtml5libDump(tree_, &text);
  return text;
}

Url Document::BaseUrl(const Url& page) const {
  for (NodeId id = 0; id < tree_.size(); ++id) {
    const html::Node& node = tree_.node(id);
    if (node.name != html::Known("base") || node.ns != html::Namespace::kHtml) continue;
    if (!tree_.IsElement(id)) continue;
    const auto href = tree_.Find(node, html::Known("href"));
    if (!href) continue;
    Result<Url> base = Url::Parse(*href, page);
    const bool usable = base && base->scheme() != "data" && base->scheme() != "javascript";
    return usable ? *base : page;
  }
  return page;
}

Result<> Document::ForEachRoot(const std::function<bool(simdjson::dom::element)>& take) {
  if (form_ == BodyForm::kJson) {
    take(root_);
    return Ok{};
  }
  json::DocumentLines lines(json_parser_, text_);
  while (const auto root = lines.Next()) {
    if (!*root) return WithPlace(root->error(), LineAt(text_, lines.line()), lines.line());
    if (!take(**root)) break;
  }
  return Ok{};
}

}  // namespace thresh
