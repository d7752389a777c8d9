#include "cli/feed/start_lines.h"

#include <utility>

#include "lib/recipe/fill_template.h"
#include "lib/recipe/secrets.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

std::string FolderOf(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash);
}

// Without `url`, the row's own.
UrlTemplate UrlOf(const StartSpec& start) {
  if (start.url) return *start.url;
  return UrlTemplate::Of({{UrlTemplate::Kind::kMeta, true, "url", false}});
}

void AppendMember(std::string_view name, std::string_view json, std::string* out) {
  *out += out->size() > 1 ? "," : "";
  AppendJsonString(name, out);
  out->append(":").append(json);
}

}  // namespace

Result<StartLines> StartLines::Open(const Recipe& recipe, const StartSpec& start) {
  Result<StartRows> rows = StartRows::Open(start, FolderOf(recipe.file));
  if (!rows) return rows.error();
  return StartLines(recipe, start, std::move(*rows));
}

std::optional<std::string> StartLines::Next() {
  if (!failure_.empty()) return std::nullopt;
  const std::optional<std::string> row = rows_.Next();
  if (!row) return std::nullopt;
  auto line = LineOf(*row);
  if (line) return line;
  failure_ = rows_.place() + ": ";
  failure_ += missing_.empty() ? "a value with a line end does not fit into a header"
                               : "expected a value for {meta." + missing_ + "}, found none";
  return std::nullopt;
}

std::optional<std::string> StartLines::LineOf(const std::string& row) {
  if (parser_.parse(simdjson::padded_string(row)).get(row_) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const bool has_secrets = NamesSecrets(start_.url, start_.request);
  const auto fill = [&](const UrlTemplate& made, TemplateUse use) -> std::optional<std::string> {
    std::string text;
    const auto find = [this](const UrlTemplate::Part& part) { return ValueOf(part.text); };
    if (!FillTemplate(made, use, has_secrets, find, &text)) return std::nullopt;
    return text;
  };
  const auto url = fill(UrlOf(start_), TemplateUse::kUrl);
  if (!url) return std::nullopt;
  std::string line = "{";
  AppendMember("url", JsonString(*url), &line);
  AppendMember("recipe", JsonString(recipe_), &line);
  const RequestSpec& request = start_.request;
  if (request.method != "GET") AppendMember("method", JsonString(request.method), &line);
  std::string headers = "{";
  for (const auto& [name, made] : request.headers) {
    const auto value = fill(made, TemplateUse::kHeader);
    if (!value) return std::nullopt;
    AppendMember(name, JsonString(*value), &headers);
  }
  if (!request.headers.empty()) AppendMember("headers", headers + "}", &line);
  if (request.body) {
    const auto body =
        fill(*request.body, request.json_body ? TemplateUse::kJson : TemplateUse::kBody);
    if (!body) return std::nullopt;
    AppendMember("body", JsonString(*body), &line);
  }
  if (has_secrets) AppendMember("template", "true", &line);
  if (start_.dont_filter) AppendMember("dont_filter", "true", &line);
  if (row != "{}") AppendMember("meta", row, &line);
  return line + "}";
}

std::optional<TemplateValue> StartLines::ValueOf(const std::string& name) {
  simdjson::dom::element value;
  missing_ = name;
  if (row_[name].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  missing_.clear();
  if (std::string_view text; value.get(text) == simdjson::SUCCESS)
    return TemplateValue{text, false};
  value_ = simdjson::minify(value);
  return TemplateValue{value_, true};
}

}  // namespace thresh
