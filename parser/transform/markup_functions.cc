// Transforms of pieces of HTML.

#include "parser/html/references.h"
#include "parser/select/text.h"
#include "parser/transform/ascii.h"
#include "parser/transform/functions.h"
#include "parser/transform/tools.h"

namespace thresh::transforms {
namespace {

// Behind the tag that begins at `at`; `at` itself if none does (WHATWG HTML 13.2.5.6).
std::size_t EndOfTag(std::string_view in, std::size_t at) {
  std::size_t i = at + 1;
  if (i < in.size() && in[i] == '/') ++i;
  const bool markup = i < in.size() && (IsAsciiLetter(in[i]) || in[i] == '!' || in[i] == '?');
  if (!markup) return at;
  if (in.substr(at).starts_with("<!--")) {
    const std::size_t end = in.find("-->", at + 4);
    return end == std::string_view::npos ? in.size() : end + 3;
  }
  char quote = '\0';
  for (; i < in.size(); ++i) {
    if (quote != '\0') {
      if (in[i] == quote) quote = '\0';
    } else if ((in[i] == '"' || in[i] == '\'') && in[i - 1] == '=') {
      quote = in[i];
    } else if (in[i] == '>') {
      return i + 1;
    }
  }
  return in.size();
}

// The name of an element whose content is no text for people, if its tag begins at `at`.
std::string_view HiddenElement(std::string_view in, std::size_t at) {
  for (const std::string_view name : {"script", "style"}) {
    const std::string_view tag = in.substr(at + 1);
    if (!EqualsIgnoringCase(tag.substr(0, name.size()), name)) continue;
    const char next = tag.size() > name.size() ? tag[name.size()] : '>';
    if (next == '>' || next == '/' || IsAsciiSpace(next)) return name;
  }
  return {};
}

// Behind the content of <script> or <style>: where its end tag begins.
std::size_t EndOfHidden(std::string_view in, std::size_t at, std::string_view name) {
  for (; at < in.size(); ++at) {
    at = in.find("</", at);
    if (at == std::string_view::npos) return in.size();
    if (EqualsIgnoringCase(in.substr(at + 2, name.size()), name)) return at;
  }
  return in.size();
}

}  // namespace

bool StripTags(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = in;
  std::size_t tag = in.find('<');
  if (tag == std::string_view::npos) return true;
  std::string& text = memory.Scratch();
  std::size_t done = 0;
  while (tag != std::string_view::npos) {
    std::size_t end = EndOfTag(in, tag);
    if (end > tag) {
      text.append(in, done, tag - done);
      const std::string_view hidden = HiddenElement(in, tag);
      if (!hidden.empty()) end = EndOfHidden(in, end, hidden);
      done = end;
    }
    tag = in.find('<', end > tag ? end : tag + 1);
  }
  text.append(in.substr(done));
  *out = memory.Keep(text);
  return true;
}

bool Unescape(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = in;
  if (in.find('&') == std::string_view::npos) return true;
  std::string& text = memory.Scratch();
  const char* at = in.data();
  const char* const end = at + in.size();
  while (at < end) {
    if (*at == '&') {
      at = html::AppendReference(at, end, false, &text);
    } else {
      text.push_back(*at++);
    }
  }
  *out = memory.Keep(text);
  return true;
}

bool HtmlText(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  PipeMemory::Tools& tools = memory.tools();
  if (!memory.work().Spend(static_cast<std::int64_t>(in.size() / 4))) return false;
  if (!tools.parser.ParseFragment(in, "div", &tools.tree).ok()) return false;
  std::string& text = memory.Scratch();
  select::AppendText(tools.tree, html::kDocumentNode, &text);
  *out = memory.Keep(text);
  return true;
}

}  // namespace thresh::transforms
