#include "fetcher/transfer/recipe_requests.h"

#include <algorithm>

#include "lib/url/percent.h"

namespace thresh {
namespace {

FetchRoute::Http HttpOf(HttpVersion version) {
  switch (version) {
    case HttpVersion::k1: return FetchRoute::Http::k1;
    case HttpVersion::k2: return FetchRoute::Http::k2;
    case HttpVersion::kAny: break;
  }
  return FetchRoute::Http::kAny;
}

// A proxy's user and password may be secrets.
Result<std::string> ProxyOf(const FetchSpec& spec, const Secrets& secrets) {
  std::size_t offset = 0;
  const Result<UrlTemplate> proxy = UrlTemplate::Parse(spec.proxy, &offset);
  if (!proxy) return spec.proxy;
  return FillSecrets(*proxy, secrets);
}

Result<FetchRoute> RouteOf(const FetchSpec& spec, const std::vector<std::string>& allowed,
                           const Secrets& secrets) {
  FetchRoute route{.ip = IpOf(spec.ip),
                   .http = HttpOf(spec.http),
                   .verify = spec.verify,
                   .ca_file = spec.ca_file,
                   .user_agent = spec.user_agent};
  for (const auto* list : {&spec.allow_private, &allowed}) {
    for (const std::string& place : *list) {
      if (Result<> taken = route.guard.Allow(place); !taken) return taken.error();
    }
  }
  Result<std::string> proxy = ProxyOf(spec, secrets);
  if (!proxy) return proxy.error();
  route.proxy = std::move(*proxy);
  return route;
}

void SetHeader(const std::string& name, std::string value, HeaderList* headers) {
  const auto known = std::find_if(headers->begin(), headers->end(),
                                  [&](const auto& header) { return header.first == name; });
  if (known != headers->end()) {
    known->second = std::move(value);
  } else {
    headers->emplace_back(name, std::move(value));
  }
}

// Headers that neither recipe nor request has, but who sends it: what may come back.
bool IsOurs(std::string_view name) {
  return name == "accept-encoding" || name == "if-none-match" || name == "if-modified-since";
}

// Headers of a request that a feed line or a link brings go over those of the recipe.
Result<> AddRequest(const Request& request, const SecretRules& rules, const Secrets& secrets,
                    FetchJob* job) {
  SecretRequest filled{.url = job->url, .headers = request.headers, .body = request.body};
  if (request.templated) {
    if (Result<> done = FillRequest(rules, secrets, &filled); !done) return done;
  }
  for (std::size_t i = 0; i < filled.headers.size(); ++i) {
    auto& [name, value] = filled.headers[i];
    if (value != request.headers[i].second) job->credentials.push_back(name);
    SetHeader(name, std::move(value), &job->headers);
  }
  job->url = std::move(filled.url);
  job->body = std::move(filled.body);
  job->method = request.method;
  return Ok{};
}

// Shorter secrets would be found in words that have nothing to do with them.
constexpr std::size_t kShortestSought = 6;

void ReplaceAll(std::string_view from, std::string_view to, std::string* text) {
  for (std::size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

}  // namespace

FetchRoute::Ip IpOf(IpVersion version) {
  switch (version) {
    case IpVersion::k4: return FetchRoute::Ip::k4;
    case IpVersion::k6: return FetchRoute::Ip::k6;
    case IpVersion::kAny: break;
  }
  return FetchRoute::Ip::kAny;
}

FetchLimits LimitsOf(const FetchSpec& spec) {
  return {.connect_timeout = spec.connect_timeout,
          .timeout = spec.timeout,
          .max_body_bytes = spec.max_body_bytes,
          .max_redirects = spec.max_redirects,
          .first_byte_timeout = spec.first_byte_timeout,
          .low_speed_bytes = spec.low_speed_bytes,
          .low_speed_time = spec.low_speed_time};
}

Result<RecipeRequests> RecipeRequests::Of(const Recipe& recipe, const FetchSpec& spec,
                                          const std::vector<std::string>& allowed,
                                          const Secrets& secrets) {
  RecipeRequests requests(SecretRules(recipe, spec));
  Result<FetchRoute> route = RouteOf(spec, allowed, secrets);
  if (!route) return route.error();
  requests.pattern_.route = std::make_shared<const FetchRoute>(std::move(*route));
  requests.pattern_.limits = LimitsOf(spec);
  if (!spec.body) requests.pattern_.method = "HEAD";
  if (Result<> read = requests.ReadHeaders(spec, secrets); !read) return read.error();
  if (Result<> read = requests.ReadAuth(spec.auth, secrets); !read) return read.error();
  return requests;
}

Result<> RecipeRequests::ReadHeaders(const FetchSpec& spec, const Secrets& secrets) {
  for (const auto& [name, text] : spec.headers) {
    Result<std::string> value = FillSecrets(text, secrets);
    if (!value) return value.error();
    if (text.Uses(UrlTemplate::Kind::kSecret)) pattern_.credentials.push_back(name);
    SetHeader(name, std::move(*value), &pattern_.headers);
  }
  for (const auto& [name, text] : spec.cookies) {
    Result<std::string> value = FillSecrets(text, secrets);
    if (!value) return value.error();
    cookies_.emplace_back(name, std::move(*value));
  }
  return Ok{};
}

Result<> RecipeRequests::ReadAuth(const AuthSpec& spec, const Secrets& secrets) {
  const auto fill = [&secrets](const std::optional<UrlTemplate>& text) -> Result<std::string> {
    return text ? FillSecrets(*text, secrets) : Result<std::string>(std::string());
  };
  if (spec.kind == AuthSpec::Kind::kNone) return Ok{};
  if (spec.kind == AuthSpec::Kind::kBearer) {
    Result<std::string> token = fill(spec.token);
    if (!token) return token.error();
    SetHeader("authorization", "Bearer " + *token, &pattern_.headers);
    return Ok{};
  }
  Result<std::string> user = fill(spec.user);
  if (!user) return user.error();
  Result<std::string> password = fill(spec.password);
  if (!password) return password.error();
  const bool basic = spec.kind == AuthSpec::Kind::kBasic;
  pattern_.auth = {.kind = basic ? FetchAuth::Kind::kBasic : FetchAuth::Kind::kDigest,
                   .user = std::move(*user),
                   .password = std::move(*password)};
  return Ok{};
}

Result<FetchJob> RecipeRequests::JobOf(const std::string& url, const Request* request,
                                       const Secrets& secrets) const {
  FetchJob job = pattern_;
  job.url = url;
  if (request != nullptr) {
    if (Result<> added = AddRequest(*request, rules_, secrets, &job); !added) return added.error();
  }
  return job;
}

void RecipeRequests::Adopt(const Request* request, FetchJob* job) const {
  HeaderList headers = pattern_.headers;
  for (const auto& [name, value] : job->headers) {
    const bool of_request =
        request != nullptr &&
        std::any_of(request->headers.begin(), request->headers.end(),
                    [&name = name](const auto& header) { return header.first == name; });
    if (of_request || IsOurs(name)) SetHeader(name, value, &headers);
  }
  job->headers = std::move(headers);
  job->credentials = pattern_.credentials;
  job->auth = pattern_.auth;
  job->limits = pattern_.limits;
  job->route = pattern_.route;
}

std::string RecipeRequests::WithoutSecrets(std::string url, const Secrets& secrets) const {
  for (const std::string& name : rules_.names()) {
    const Result<std::string_view> value = secrets.Find(name);
    if (!value || value->size() < kShortestSought) continue;
    const std::string place = "{secret." + name + "}";
    ReplaceAll(PercentEncodeComponent(*value), place, &url);
    ReplaceAll(*value, place, &url);
  }
  return url;
}

}  // namespace thresh
