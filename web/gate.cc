#include "web/gate.h"

#include <algorithm>
#include <cctype>

namespace thresh {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool IsAnyAddress(std::string_view name) {
  return name == "0.0.0.0" || name == "[::]" || name == "::";
}

}  // namespace

HostPort SplitHostPort(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = bracket == std::string_view::npos ? bracket : text.find(':', bracket);
  if (colon == std::string_view::npos) return {Lower(text), ""};
  return {Lower(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Gate::Gate(std::string_view address, const std::vector<std::string>& names)
    : names_{"localhost", "127.0.0.1", "[::1]"} {
  const std::string own = SplitHostPort(address).name;
  if (!IsAnyAddress(own)) names_.push_back(own);
  for (const std::string& name : names) names_.push_back(SplitHostPort(name).name);
}

bool Gate::IsOurs(std::string_view host) const {
  std::string name = SplitHostPort(host).name;
  if (name.ends_with('.')) name.pop_back();
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::string Gate::Refusal(const GateRequest& request) const {
  if (request.hosts != 1 || !IsOurs(request.host)) {
    return "this name does not lead here rightly; --allow-host NAME would let it in";
  }
  if (request.method == "GET" || request.method == "HEAD") return {};
  if (request.method != "POST") return "GET, HEAD and POST /feed are all there is";
  const std::string_view site = request.fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") {
    return "another site's page sent this";
  }
  // `null` and all that is no origin of ours is another one.
  const std::size_t scheme = request.origin.find("://");
  const bool same =
      request.origin.empty() || (scheme != std::string_view::npos &&
                                 Lower(request.origin.substr(scheme + 3)) == Lower(request.host));
  return same ? std::string() : "another site's page sent this";
}

bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace thresh
