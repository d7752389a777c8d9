#include "lib/recipe/url_template.h"

#include <algorithm>

#include "lib/recipe/nearest.h"

namespace thresh {
namespace {

Result<UrlTemplate::Part> ParsePlace(std::string_view name) {
  UrlTemplate::Part part;
  if (name.starts_with('+')) {
    part.verbatim = true;
    name.remove_prefix(1);
  }
  if (name == "value") {
    part.kind = UrlTemplate::Kind::kValue;
  } else if (name == "url") {
    part.kind = UrlTemplate::Kind::kUrl;
  } else if (name.starts_with("meta.") && name.size() > 5) {
    part.kind = UrlTemplate::Kind::kMeta;
    part.text = name.substr(5);
  } else if (name.starts_with("secret.")) {
    return Error{Errc::kInvalid,
                 "{" + std::string(name) + "} is not built yet: this version would ignore it"};
  } else {
    constexpr std::string_view kNames[] = {"value", "url", "meta.", "secret."};
    return Error{Errc::kInvalid, "expected {value}, {url} or {meta.NAME}, found {" +
                                     std::string(name) + "}" + DidYouMean(name, kNames)};
  }
  return part;
}

}  // namespace

Result<UrlTemplate> UrlTemplate::Parse(std::string_view text, std::size_t* error_offset) {
  UrlTemplate made;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) made.parts_.push_back({Kind::kText, false, std::exchange(literal, {})});
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{') {
      literal.push_back(text[at]);
    } else if (text.substr(at).starts_with("{{")) {
      literal.push_back(text[at++]);
    } else {
      const std::size_t end = text.find('}', at);
      *error_offset = at;
      if (end == std::string_view::npos) {
        return Error{Errc::kInvalid, "expected } behind {, or {{ for a brace"};
      }
      Result<Part> part = ParsePlace(text.substr(at + 1, end - at - 1));
      if (!part) return part.error();
      end_literal();
      made.parts_.push_back(std::move(*part));
      at = end;
    }
  }
  end_literal();
  return made;
}

bool UrlTemplate::uses_value() const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.kind == Kind::kValue; });
}

}  // namespace thresh
