// PageRun: what links ask for: a recipe's templates and what a rule found become requests.

#include "lib/recipe/fill_template.h"
#include "parser/recipe/page_run.h"

namespace thresh {

using Kind = UrlTemplate::Kind;

std::string LinkText(const FollowedLink& link) {
  if (link.method == "GET" && link.body.empty()) return link.url;
  std::string text(link.method);
  text.append(" ").append(link.url);
  if (!link.body.empty()) text.append(" ").append(link.body);
  return text;
}

bool PageRun::Expand(const UrlTemplate& text, Found value, TemplateUse use, bool has_secrets,
                     std::string* out) {
  const auto find = [&](const UrlTemplate::Part& part) { return ValueOf(part, value); };
  return FillTemplate(text, use, has_secrets, find, out);
}

// Nullopt if it is not there, or empty.
std::optional<TemplateValue> PageRun::ValueOf(const UrlTemplate::Part& part, Found value) {
  if (part.kind == Kind::kUrl) return TemplateValue{page_->final_url, false};
  if (part.kind == Kind::kValue) {
    if (value.text.empty()) return std::nullopt;
    return value;
  }
  const auto found = Meta(part.text);
  if (!found || found->is_null()) return std::nullopt;
  const bool typed = !found->is_string();
  query_.assign(TextOf(*found));
  if (query_.empty()) return std::nullopt;
  return TemplateValue{query_, typed};
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
    if (!Expand(text, value, TemplateUse::kHeader, follow.templated, &header.value)) return false;
  }
  if (!request.body) return true;
  const TemplateUse use = request.json_body ? TemplateUse::kJson : TemplateUse::kBody;
  return Expand(*request.body, value, use, follow.templated, &link->body);
}

}  // namespace thresh
