// RecipeReader: [fetch] and [save].

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/recipe/fetch_keys.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kAuthKeys{"basic digest bearer"};
constexpr std::string_view kSaveKeys{"format path"};

// Indices as in the enums of recipe.h.
constexpr std::array<std::string_view, 3> kLimits{"host", "domain", "ip"};
constexpr std::array<std::string_view, 3> kIpVersions{"any", "v4", "v6"};
constexpr std::array<std::string_view, 3> kHttpVersions{"any", "1", "2"};
constexpr std::array<std::string_view, 3> kCookieScopes{"none", "host", "job"};
constexpr std::array<std::string_view, 3> kSaveFormats{"none", "file", "warc"};

constexpr std::int64_t kLongestMs = std::int64_t{366} * 24 * 3600 * 1000;

// Templates that are filled in when a request is sent know neither page nor feed line.
constexpr UrlTemplate::Places kSecretsOnly{false, false, false, true};

// An address and maybe `/bits`.
bool IsCidr(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  in6_addr ignored{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), &ignored) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), &ignored) != 1) return false;
  if (slash == std::string::npos) return true;
  const std::string bits = text.substr(slash + 1);
  const bool digits = !bits.empty() && bits.size() <= 3 &&
                      bits.find_first_not_of("0123456789") == std::string::npos;
  return digits && std::stoi(bits) <= (v4 ? 32 : 128);
}

// What may stand in a product name of User-Agent or robots.txt (RFC 9309, 2.2.1).
bool IsProductToken(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

bool IsCookieText(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F || c == ';'; });
}

}  // namespace

void RecipeReader::ReadFetch(const toml::table& table) {
  TableReader in(table, "[fetch]", faults_);
  in.CheckKeys(FetchKeyNames());
  ReadFetchKeys(in);
}

void RecipeReader::ReadFetchKeys(TableReader& in) {
  ReadPoliteness(in);
  ReadLimits(in);
  ReadConnection(in);
  FetchSpec& f = recipe_.fetch;
  f.body = in.Bool("body").value_or(f.body);
  if (const toml::table* headers = in.Table("headers")) {
    f.headers = ReadHeaders(*headers, kSecretsOnly);
  }
  if (const toml::table* auth = in.Table("auth")) ReadAuth(*auth);
  if (const auto scope = in.Choice("cookie_scope", kCookieScopes)) {
    f.cookie_scope = static_cast<CookieScope>(*scope);
  }
  if (const toml::table* cookies = in.Table("cookies")) ReadCookies(*cookies);
  for (const toml::table* rule : in.Tables("retry_when")) {
    if (auto read = ReadRule(*rule, true)) f.retry_when.push_back(std::move(*read));
  }
  for (const toml::table* rule : in.Tables("fail_when")) {
    if (auto read = ReadRule(*rule, false)) f.fail_when.push_back(std::move(*read));
  }
}

void RecipeReader::ReadMs(TableReader& in, std::string_view key, std::int64_t least,
                          std::chrono::milliseconds* out) {
  const auto value = in.Integer(key, least);
  if (!value) return;
  if (*value > kLongestMs) {
    in.Fault(key, std::string(key) + ": expected at most " + std::to_string(kLongestMs) +
                      ", found " + std::to_string(*value));
    return;
  }
  *out = std::chrono::milliseconds(*value);
}

void RecipeReader::ReadPoliteness(TableReader& in) {
  FetchSpec& f = recipe_.fetch;
  f.per_host = in.Integer("per_host", 1).value_or(f.per_host);
  ReadMs(in, "delay_ms", 0, &f.delay);
  if (const auto by = in.Choice("limit_by", kLimits)) f.limit_by = static_cast<LimitBy>(*by);
  f.adaptive = in.Bool("adaptive").value_or(f.adaptive);
  f.respect_robots_txt = in.Bool("respect_robots_txt").value_or(f.respect_robots_txt);
  if (auto agent = in.String("robots_agent")) {
    if (IsProductToken(agent->text)) {
      f.robots_agent = std::move(agent->text);
    } else {
      faults_.AddAt(
          *agent, "robots_agent: expected letters, digits, - and _, found \"" + agent->text + "\"");
    }
  }
  ReadMs(in, "max_crawl_delay_ms", 0, &f.max_crawl_delay);
  f.respect_robots_tag = in.Bool("respect_robots_tag").value_or(f.respect_robots_tag);
  f.respect_nofollow = in.Bool("respect_nofollow").value_or(f.respect_nofollow);
  if (auto agent = in.String("user_agent")) {
    if (agent->text.empty() || !IsHeaderText(agent->text)) {
      faults_.AddAt(*agent, "user_agent: expected a line of text");
    } else {
      f.user_agent = std::move(agent->text);
    }
  }
}

void RecipeReader::ReadLimits(TableReader& in) {
  FetchSpec& f = recipe_.fetch;
  ReadMs(in, "connect_timeout_ms", 1, &f.connect_timeout);
  ReadMs(in, "first_byte_timeout_ms", 1, &f.first_byte_timeout);
  ReadMs(in, "timeout_ms", 1, &f.timeout);
  f.low_speed_bytes = in.Integer("low_speed_bytes_per_s", 0).value_or(f.low_speed_bytes);
  ReadMs(in, "low_speed_time_ms", 1, &f.low_speed_time);
  f.max_body_bytes = in.Integer("max_body_bytes", 1).value_or(f.max_body_bytes);
  if (f.max_body_bytes > kMostPageBytes && recipe_.save.format == SaveFormat::kNone) {
    in.Fault("max_body_bytes", "max_body_bytes: expected at most " +
                                   std::to_string(kMostPageBytes) +
                                   " unless bodies are saved (save.format), found " +
                                   std::to_string(f.max_body_bytes));
  }
  f.max_redirects = in.Integer("max_redirects", 0).value_or(f.max_redirects);
  f.max_depth = in.Integer("max_depth", 0).value_or(f.max_depth);
  f.max_host_pages = in.Integer("max_host_pages", 0).value_or(f.max_host_pages);
  f.attempts = in.Integer("attempts", 1).value_or(f.attempts);
  f.max_url_bytes = in.Integer("max_url_bytes", 1).value_or(f.max_url_bytes);
  f.max_path_segments = in.Integer("max_path_segments", 1).value_or(f.max_path_segments);
  f.max_segment_repeats = in.Integer("max_segment_repeats", 1).value_or(f.max_segment_repeats);
  f.max_query_parameters = in.Integer("max_query_parameters", 0).value_or(f.max_query_parameters);
  f.max_body_repeats = in.Integer("max_body_repeats", 1).value_or(f.max_body_repeats);
}

void RecipeReader::ReadConnection(TableReader& in) {
  FetchSpec& f = recipe_.fetch;
  f.allow_private = in.Strings("allow_private");
  for (std::size_t i = 0; i < f.allow_private.size(); ++i) {
    const std::string& cidr = f.allow_private[i];
    if (!IsCidr(cidr)) {
      in.ElementFault(
          "allow_private", i,
          "allow_private: expected a network such as 127.0.0.0/8 or fd00::/8, found \"" + cidr +
              "\"");
    }
  }
  if (const auto ip = in.Choice("ip", kIpVersions)) f.ip = static_cast<IpVersion>(*ip);
  if (const auto http = in.Choice("http", kHttpVersions)) f.http = static_cast<HttpVersion>(*http);
  f.verify = in.Bool("verify").value_or(f.verify);
  if (auto file = in.String("ca_file")) {
    if (file->text.empty()) faults_.AddAt(*file, "ca_file: expected the path of a PEM file");
    f.ca_file = std::move(file->text);
  }
  ReadProxy(in);
}

void RecipeReader::ReadProxy(TableReader& in) {
  static constexpr std::array<std::string_view, 4> kSchemes{"http", "https", "socks5", "socks5h"};
  auto proxy = in.String("proxy");
  if (!proxy || proxy->text.empty()) return;
  const Result<Url> url = Url::Parse(proxy->text);
  const bool known =
      url && std::find(kSchemes.begin(), kSchemes.end(), url->scheme()) != kSchemes.end();
  if (!known || url->hostname().empty()) {  // Its password is no matter for messages.
    faults_.AddAt(*proxy, "proxy: expected http://HOST:PORT, https://…, socks5://… or socks5h://…");
  } else if (auto parsed = ReadTemplate(*proxy, "proxy", kSecretsOnly)) {
    recipe_.fetch.proxy = std::move(proxy->text);
  }
}

void RecipeReader::ReadAuth(const toml::table& table) {
  TableReader in(table, "auth", faults_);
  in.CheckKeys(kAuthKeys);
  AuthSpec& auth = recipe_.fetch.auth;
  if (table.size() != 1) {
    in.Fault("",
             "auth: expected one of basic = [\"user\", \"password\"], digest = […] and "
             "bearer = \"token\"");
    return;
  }
  if (in.Has("bearer")) {
    const auto token = in.String("bearer");
    if (!token) return;
    auth.kind = AuthSpec::Kind::kBearer;
    auth.token = ReadHeaderTemplate(*token, "bearer", kSecretsOnly);
    return;
  }
  const std::string key = in.Has("basic") ? "basic" : "digest";
  if (!in.Has(key)) return;
  const std::vector<Located> pair = in.LocatedStrings(key);
  if (pair.size() != 2) {
    in.Fault(key, key + ": expected [\"user\", \"password\"]");
    return;
  }
  auth.kind = key == "basic" ? AuthSpec::Kind::kBasic : AuthSpec::Kind::kDigest;
  if (pair[0].text.find(':') != std::string::npos) {  // RFC 7617, 2.
    faults_.AddAt(pair[0], key + ": expected a user name without colon");
  }
  auth.user = ReadHeaderTemplate(pair[0], key, kSecretsOnly);
  auth.password = ReadHeaderTemplate(pair[1], key, kSecretsOnly);
}

void RecipeReader::ReadCookies(const toml::table& table) {
  TableReader in(table, "cookies", faults_);
  for (const auto& [name, node] : in.InOrder()) {
    if (!IsHeaderName(name)) {
      faults_.Add(node->source(), "cookies: expected a cookie's name, found \"" + name + "\"");
      continue;
    }
    const auto text = in.String(name);
    if (!text) continue;
    if (!IsCookieText(text->text)) {
      faults_.AddAt(*text, "cookies: " + name + ": expected a value without ; and line ends");
    } else if (auto value = ReadTemplate(*text, "cookies", kSecretsOnly)) {
      recipe_.fetch.cookies.emplace_back(name, std::move(*value));
    }
  }
}

void RecipeReader::ReadSave(const toml::table& table) {
  TableReader in(table, "save", faults_);
  in.CheckKeys(kSaveKeys);
  if (const auto format = in.Choice("format", kSaveFormats)) {
    recipe_.save.format = static_cast<SaveFormat>(*format);
  } else if (!in.Has("format")) {
    in.Fault("", "expected save.format = \"file\" or \"warc\"");
  }
  const auto path = in.String("path");
  if (!path) return;
  if (recipe_.save.format == SaveFormat::kWarc) {
    in.Fault("path", "path: expected format = \"file\" beside it: all pages go into WARC files");
  } else if (path->text.empty() || path->text.starts_with('/')) {
    faults_.AddAt(*path, "path: expected a path below the folder of pages, without / before it");
  } else {
    recipe_.save.path = ReadTemplate(*path, "path", {false, true, true, false});
  }
}

}  // namespace thresh
