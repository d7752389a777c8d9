#include "lib/recipe/url_template.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "lib/toml/nearest.h"

namespace thresh {
namespace {

constexpr std::size_t kLongestSecretName = 64;
constexpr std::string_view kBasename = "basename";

// Where a page is saved there is no other value than those of the page: there its URL's last part
// may be asked for, as names of files are made of it.
bool NamesFiles(const UrlTemplate::Places& places) {
  return places.url && !places.value;
}

// The places that there may be, for people.
std::string Expected(const UrlTemplate::Places& places) {
  std::vector<std::string_view> names;
  if (places.value) names.emplace_back("{value}");
  if (places.url) names.emplace_back("{url}");
  if (NamesFiles(places)) names.emplace_back("{basename}");
  if (places.meta) names.emplace_back("{meta.NAME}");
  if (places.secret) names.emplace_back("{secret.NAME}");
  names.emplace_back("{{ for a brace");
  std::string text = "expected ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::optional<UrlTemplate::Part> ReadPlace(std::string_view name,
                                           const UrlTemplate::Places& places) {
  using Kind = UrlTemplate::Kind;
  const bool verbatim = name.starts_with('+');
  if (verbatim) name.remove_prefix(1);
  if (name == "value" && places.value) return UrlTemplate::Part{Kind::kValue, verbatim, {}, false};
  if (name == "url" && places.url) return UrlTemplate::Part{Kind::kUrl, verbatim, {}, false};
  if (name == kBasename && NamesFiles(places)) {
    return UrlTemplate::Part{Kind::kUrl, verbatim, std::string(kBasename), false};
  }
  if (name.starts_with("meta.") && name.size() > 5 && places.meta) {
    return UrlTemplate::Part{Kind::kMeta, verbatim, std::string(name.substr(5)), false};
  }
  if (name.starts_with("secret.") && IsSecretName(name.substr(7)) && places.secret) {
    return UrlTemplate::Part{Kind::kSecret, verbatim, std::string(name.substr(7)), false};
  }
  return std::nullopt;
}

Result<UrlTemplate::Part> ParsePlace(std::string_view name, const UrlTemplate::Places& places) {
  if (auto part = ReadPlace(name, places)) return std::move(*part);
  std::vector<std::string_view> known;
  if (places.value) known.emplace_back("value");
  if (places.url) known.emplace_back("url");
  if (NamesFiles(places)) known.emplace_back(kBasename);
  if (places.meta) known.emplace_back("meta.");
  if (places.secret) known.emplace_back("secret.");
  return Error{Errc::kInvalid,
               Expected(places) + ", found {" + std::string(name) + "}" + DidYouMean(name, known)};
}

}  // namespace

Result<UrlTemplate> UrlTemplate::Parse(std::string_view text, std::size_t* error_offset,
                                       const Places& places) {
  UrlTemplate made;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty())
      made.parts_.push_back({Kind::kText, false, std::exchange(literal, {}), false});
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
      Result<Part> part = ParsePlace(text.substr(at + 1, end - at - 1), places);
      if (!part) return part.error();
      end_literal();
      made.parts_.push_back(std::move(*part));
      at = end;
    }
  }
  end_literal();
  return made;
}

UrlTemplate UrlTemplate::Of(std::vector<Part> parts) {
  UrlTemplate made;
  made.parts_ = std::move(parts);
  return made;
}

bool UrlTemplate::Uses(Kind kind) const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [kind](const Part& part) { return part.kind == kind; });
}

std::string_view UrlTemplate::beginning() const noexcept {
  if (parts_.empty() || parts_.front().kind != Kind::kText) return {};
  return parts_.front().text;
}

bool IsSecretName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestSecretName &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

}  // namespace thresh
