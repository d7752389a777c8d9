// PageRun: what links ask for. A text of a recipe with places becomes a URL, a header or a body.
//
// Where a template names secrets, its places stay, and the fetcher fills them in when it sends the
// request. So in such texts page data is written so that it can be no place: in a URL its braces
// are percent-encoded, elsewhere they are doubled.

#include "lib/text/json.h"
#include "lib/url/percent.h"
#include "parser/recipe/page_run.h"

namespace thresh {
namespace {

using Kind = UrlTemplate::Kind;

bool IsOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// `brace` for each `{`.
void AppendWithBraces(std::string_view text, std::string_view brace, std::string* out) {
  for (const char c : text) {
    if (c == '{') {
      *out += brace;
    } else {
      out->push_back(c);
    }
  }
}

void AppendSecret(const UrlTemplate::Part& part, std::string* out) {
  *out += part.verbatim ? "{+secret." : "{secret.";
  *out += part.text + "}";
}

}  // namespace

bool PageRun::Expand(const UrlTemplate& text, Found value, Into into, bool templated,
                     std::string* out) {
  for (const UrlTemplate::Part& part : text.parts()) {
    if (part.kind == Kind::kSecret) {
      if (part.whole) *out += '"';
      AppendSecret(part, out);
      if (part.whole) *out += '"';
    } else if (part.kind == Kind::kText) {
      const std::string_view brace = !templated ? "{" : into == Into::kUrl ? "%7B" : "{{";
      AppendWithBraces(part.text, brace, out);
    } else if (!ExpandPlace(part, value, into, templated, out)) {
      return false;
    }
  }
  return true;
}

bool PageRun::ExpandPlace(const UrlTemplate::Part& part, Found value, Into into, bool templated,
                          std::string* out) {
  const auto found = ValueOf(part, value);
  if (!found) return false;
  const std::string_view brace = templated ? "{{" : "{";
  switch (into) {
    case Into::kUrl:
      if (!part.verbatim) {
        *out += PercentEncodeComponent(found->text);
      } else {
        AppendWithBraces(found->text, templated ? "%7B" : "{", out);
      }
      break;
    case Into::kHeader:
      if (!IsOneLine(found->text)) return false;  // It would begin another header.
      AppendWithBraces(found->text, brace, out);
      break;
    case Into::kBody: AppendWithBraces(found->text, brace, out); break;
    case Into::kJson:
      if (part.whole) {
        AppendWhole(part, *found, templated, out);
      } else {
        const std::string quoted = JsonString(found->text);
        AppendWithBraces(std::string_view(quoted).substr(1, quoted.size() - 2), brace, out);
      }
  }
  return true;
}

// Nullopt if it is not there: an empty `{value}` is none either.
std::optional<PageRun::Found> PageRun::ValueOf(const UrlTemplate::Part& part, Found value) {
  if (part.kind == Kind::kUrl) return Found{page_->final_url, false};
  if (part.kind == Kind::kValue) {
    if (value.text.empty()) return std::nullopt;
    return value;
  }
  const auto found = Meta(part.text);
  if (!found || found->is_null()) return std::nullopt;
  const bool typed = !found->is_string();
  return Found{query_.assign(TextOf(*found)), typed};
}

// A whole value of a JSON body: of the type that it has where it was found. A text is a string;
// verbatim it may be any JSON.
void PageRun::AppendWhole(const UrlTemplate::Part& part, Found value, bool templated,
                          std::string* out) {
  const bool as_json = value.typed || (part.verbatim && value_document_.Parse(value.text).ok());
  const std::string text = as_json ? std::string(value.text) : JsonString(value.text);
  AppendWithBraces(text, templated ? "{{" : "{", out);
}

bool PageRun::FillRequest(const FollowProgram& follow, Found value, FollowedLink* link) {
  const RequestSpec& request = follow.request;
  link->recipe = follow.recipe;
  link->method = request.method;
  link->templated = follow.templated;
  link->delay_ms = follow.delay_ms;
  link->root = follow.root;
  link->headers.clear();
  link->body.clear();
  for (const auto& [name, text] : request.headers) {
    RequestHeader& header = link->headers.Add();
    header.name = name;
    header.value.clear();
    if (!Expand(text, value, Into::kHeader, follow.templated, &header.value)) return false;
  }
  if (!request.body) return true;
  const Into into = request.json_body ? Into::kJson : Into::kBody;
  return Expand(*request.body, value, into, follow.templated, &link->body);
}

}  // namespace thresh
