#include "lib/recipe/fill_template.h"

#include "lib/text/json.h"
#include "lib/url/percent.h"

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
  if (part.whole) *out += '"';
  *out += part.verbatim ? "{+secret." : "{secret.";
  *out += part.text + "}";
  if (part.whole) *out += '"';
}

void AppendJson(const UrlTemplate::Part& part, const TemplateValue& value, std::string_view brace,
                std::string* out) {
  if (part.whole && (value.typed || (part.verbatim && IsJson(value.text)))) {
    AppendWithBraces(value.text, brace, out);
    return;
  }
  const std::string quoted = JsonString(value.text);
  AppendWithBraces(part.whole ? quoted : std::string_view(quoted).substr(1, quoted.size() - 2),
                   brace, out);
}

bool AppendValue(const UrlTemplate::Part& part, const TemplateValue& value, TemplateUse use,
                 bool has_secrets, std::string* out) {
  const std::string_view brace = has_secrets ? "{{" : "{";
  switch (use) {
    case TemplateUse::kUrl:
      if (!part.verbatim) {
        AppendPercentEncoded(value.text, PercentSet::kComponent, out);
      } else {
        AppendWithBraces(value.text, has_secrets ? "%7B" : "{", out);
      }
      return true;
    case TemplateUse::kHeader:
      if (!IsOneLine(value.text)) return false;  // It would begin another header.
      AppendWithBraces(value.text, brace, out);
      return true;
    case TemplateUse::kBody: AppendWithBraces(value.text, brace, out); return true;
    case TemplateUse::kJson: AppendJson(part, value, brace, out); return true;
  }
  return false;
}

}  // namespace

bool FillTemplate(const UrlTemplate& made, TemplateUse use, bool has_secrets,
                  const FindTemplateValue& find, std::string* out) {
  const std::string_view own_brace = !has_secrets ? "{" : use == TemplateUse::kUrl ? "%7B" : "{{";
  for (const UrlTemplate::Part& part : made.parts()) {
    if (part.kind == Kind::kText) {
      AppendWithBraces(part.text, own_brace, out);
    } else if (part.kind == Kind::kSecret) {
      AppendSecret(part, out);
    } else if (const auto value = find(part);
               !value || !AppendValue(part, *value, use, has_secrets, out)) {
      return false;
    }
  }
  return true;
}

}  // namespace thresh
