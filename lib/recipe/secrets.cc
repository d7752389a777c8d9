#include "lib/recipe/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "lib/base/handles.h"
#include "lib/text/json.h"
#include "lib/url/percent.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr const char* kReason = "secret";
constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::string_view kBegin = "secret.";

Error Failure(Errc code, std::string detail) {
  return Error{code, std::move(detail), kReason};
}

// A name in a text, and how much of the text it takes.
struct Named {
  std::string name;
  bool verbatim = false;
  std::size_t size = 0;
};

// `{secret.NAME}` or `{+secret.NAME}` at the beginning of `text`.
std::optional<Named> NameAt(std::string_view text) {
  Named named;
  std::size_t at = 1;
  if (!text.starts_with('{')) return std::nullopt;
  named.verbatim = text.substr(at).starts_with('+');
  if (named.verbatim) ++at;
  if (!text.substr(at).starts_with(kBegin)) return std::nullopt;
  at += kBegin.size();
  const std::size_t end = text.find('}', at);
  if (end == std::string_view::npos || !IsSecretName(text.substr(at, end - at))) {
    return std::nullopt;
  }
  named.name = text.substr(at, end - at);
  named.size = end + 1;
  return named;
}

std::string Quoted(std::string_view value, const Named& named, SecretQuoting quoting) {
  switch (quoting) {
    case SecretQuoting::kUrl:
      return named.verbatim ? std::string(value) : PercentEncodeComponent(value);
    case SecretQuoting::kJson: {
      const std::string quoted = JsonString(value);
      return quoted.substr(1, quoted.size() - 2);
    }
    case SecretQuoting::kRaw: break;
  }
  return std::string(value);
}

// Calls `see` with each name in `text`, and `copy` with what stands between, double braces as they
// are.
template <typename See, typename Copy>
Result<> ForEachName(std::string_view text, const See& see, const Copy& copy) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = std::min(text.find('{', at), text.size());
    copy(text.substr(at, brace - at));
    at = brace;
    if (at == text.size()) break;
    if (const auto named = NameAt(text.substr(at))) {
      if (Result<> seen = see(*named); !seen) return seen;
      at += named->size;
    } else {
      const std::size_t size = text.substr(at).starts_with("{{") ? 2 : 1;
      copy(text.substr(at, size));
      at += size;
    }
  }
  return Ok{};
}

bool HasLineEnd(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::string VariableOf(const std::string& name) {
  std::string variable = "THRESH_SECRET_";
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

// Errors: kNotFound if there is no such file.
Result<std::string> ReadSecretFile(const std::string& path, bool check_mode) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return Failure(missing ? Errc::kNotFound : Errc::kInvalid, path + ": " + std::strerror(errno));
  }
  struct stat about {};
  if (fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return Failure(Errc::kInvalid, path + ": expected a file");
  }
  if (check_mode && (about.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return Failure(Errc::kInvalid, path +
                                       ": others may read or change it; expected mode 0600: "
                                       "chmod 600 " +
                                       path);
  }
  std::string value(kMostBytes + 1, '\0');
  std::size_t size = 0;
  while (size < value.size()) {
    const ssize_t n = read(file.get(), value.data() + size, value.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failure(Errc::kInvalid, path + ": " + std::strerror(errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMostBytes) {
    return Failure(Errc::kInvalid,
                   path + ": expected at most " + std::to_string(kMostBytes) + " bytes");
  }
  value.resize(size);
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  if (value.empty()) return Failure(Errc::kInvalid, path + ": expected a secret, found nothing");
  return value;
}

}  // namespace

Result<std::string_view> Secrets::Find(const std::string& name) const {
  const auto known = read_.find(name);
  if (known != read_.end()) return std::string_view(known->second);
  Result<std::string> value = Read(name);
  if (!value) return value.error();
  return std::string_view(read_.emplace(name, std::move(*value)).first->second);
}

Result<std::string> Secrets::Read(const std::string& name) const {
  if (!IsSecretName(name)) return Failure(Errc::kInvalid, "no secret can be named so");
  std::string looked;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"); folder != nullptr) {
    const std::string path = std::string(folder) + "/" + name;
    Result<std::string> value = ReadSecretFile(path, false);
    if (value || value.error().code != Errc::kNotFound) return value;
    looked = path + ", ";
  }
  if (!folder_.empty()) {
    const std::string path = folder_ + "/" + name;
    Result<std::string> value = ReadSecretFile(path, true);
    if (value || value.error().code != Errc::kNotFound) return value;
    looked += path + ", ";
  }
  const std::string variable = VariableOf(name);
  const char* value = std::getenv(variable.c_str());
  if (value != nullptr && *value != '\0') return std::string(value);
  return Failure(Errc::kNotFound,
                 "secret \"" + name + "\" is in none of " + looked + "$" + variable);
}

SecretRules::SecretRules(const Recipe& recipe, const FetchSpec& f) {
  for (const FollowSpec& follow : recipe.follows) Add(follow.url, follow.request);
  for (const StartSpec& start : recipe.starts) Add(start.url, start.request);
  for (const auto& [name, value] : f.headers) Add(value);
  for (const auto& [name, value] : f.cookies) Add(value);
  for (const auto* text : {&f.auth.user, &f.auth.password, &f.auth.token}) {
    if (*text) Add(**text);
  }
  std::size_t offset = 0;
  if (const auto proxy = UrlTemplate::Parse(f.proxy, &offset)) Add(*proxy);
}

void SecretRules::Add(const UrlTemplate& text) {
  for (const UrlTemplate::Part& part : text.parts()) {
    if (part.kind == UrlTemplate::Kind::kSecret) names_.insert(part.text);
  }
}

void SecretRules::Add(const std::optional<UrlTemplate>& url, const RequestSpec& request) {
  if (!url) return;
  const std::string beginning = SecretsBeginning(*url);
  const auto add = [&](const UrlTemplate& text) {
    Add(text);
    for (const UrlTemplate::Part& part : text.parts()) {
      if (part.kind != UrlTemplate::Kind::kSecret || beginning.empty()) continue;
      beginnings_[part.text].push_back(beginning);
    }
  };
  add(*url);
  if (request.body) add(*request.body);
  for (const auto& [name, value] : request.headers) add(value);
}

bool SecretRules::Allows(const std::string& name, std::string_view url) const {
  const auto known = beginnings_.find(name);
  return known != beginnings_.end() &&
         std::any_of(known->second.begin(), known->second.end(),
                     [url](const std::string& beginning) { return url.starts_with(beginning); });
}

bool NamesSecrets(const std::optional<UrlTemplate>& url, const RequestSpec& request) {
  constexpr auto kSecret = UrlTemplate::Kind::kSecret;
  return (url && url->Uses(kSecret)) || (request.body && request.body->Uses(kSecret)) ||
         std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return header.second.Uses(kSecret); });
}

std::string SecretsBeginning(const UrlTemplate& url) {
  const std::string_view beginning = url.beginning();
  const std::size_t scheme = beginning.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t slash = beginning.find('/', scheme + 3);
  if (slash == std::string_view::npos || slash == scheme + 3) return {};
  const Result<Url> parsed = Url::Parse(beginning);
  if (!parsed || !parsed->is_http() || parsed->has_fragment()) return {};
  return parsed->href();
}

Result<std::string> CanonicalTemplate(std::string_view url) {
  // A word that is nowhere in the URL, and that no part of it changes, holds each place.
  std::string word = "0secret0";
  while (url.find(word) != std::string_view::npos) word += '0';
  std::string held;
  std::vector<std::string> places;
  const auto see = [&](const Named& named) -> Result<> {
    held += word + std::to_string(places.size()) + "x";
    places.push_back(std::string(named.verbatim ? "{+" : "{") + "secret." + named.name + "}");
    return Ok{};
  };
  (void)ForEachName(url, see, [&](std::string_view part) { held += part; }).ok();
  const Result<Url> parsed = Url::Parse(held);
  if (!parsed) return parsed.error();
  const std::string_view outside[] = {parsed->username(), parsed->password(), parsed->hostname()};
  const bool misplaced = std::any_of(std::begin(outside), std::end(outside), [&](auto part) {
    return part.find(word) != std::string_view::npos;
  });
  if (!parsed->is_http() || misplaced) {
    return Failure(Errc::kInvalid, "expected an http or https URL with secrets behind its host");
  }
  std::string href = parsed->WithoutFragment().href();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string holder = word + std::to_string(i) + "x";
    if (const std::size_t at = href.find(holder); at != std::string::npos) {
      href.replace(at, holder.size(), places[i]);
    }
  }
  return href;
}

Result<std::string> FillSecrets(std::string_view text, SecretQuoting quoting,
                                const Secrets& secrets) {
  std::string filled;
  const auto see = [&](const Named& named) -> Result<> {
    const Result<std::string_view> value = secrets.Find(named.name);
    if (!value) return value.error();
    filled += Quoted(*value, named, quoting);
    return Ok{};
  };
  const std::string_view brace = quoting == SecretQuoting::kUrl ? "%7B" : "{";
  Result<> done =
      ForEachName(text, see, [&](std::string_view part) { filled += part == "{{" ? brace : part; });
  if (!done) return done.error();
  return filled;
}

Result<std::string> FillSecrets(const UrlTemplate& text, const Secrets& secrets) {
  std::string filled;
  for (const UrlTemplate::Part& part : text.parts()) {
    if (part.kind == UrlTemplate::Kind::kText) filled += part.text;
    if (part.kind != UrlTemplate::Kind::kSecret) continue;
    const Result<std::string_view> value = secrets.Find(part.text);
    if (!value) return value.error();
    filled += *value;
  }
  if (HasLineEnd(filled)) {
    return Failure(Errc::kInvalid, "expected a secret without line ends for a header");
  }
  return filled;
}

Result<> FillRequest(const SecretRules& rules, const Secrets& secrets, SecretRequest* request) {
  const std::string url = request->url;
  SecretQuoting body_quoting = SecretQuoting::kRaw;
  const auto allowed = [&](const Named& named) -> Result<> {
    if (rules.Allows(named.name, url)) return Ok{};
    return Failure(Errc::kInvalid, "no template of the recipe sends secret \"" + named.name +
                                       "\" to URLs that begin as this does");
  };
  const auto fill = [&](std::string* text, SecretQuoting quoting) -> Result<> {
    Result<> may = ForEachName(*text, allowed, [](std::string_view) {});
    if (!may) return may;
    Result<std::string> filled = FillSecrets(*text, quoting, secrets);
    if (!filled) return filled.error();
    *text = std::move(*filled);
    return Ok{};
  };
  for (auto& [name, value] : request->headers) {
    if (Result<> done = fill(&value, SecretQuoting::kRaw); !done) return done;
    if (HasLineEnd(value)) {
      return Failure(Errc::kInvalid, "expected a secret without line ends for header " + name);
    }
    if (name == "content-type" && value.find("json") != std::string::npos) {
      body_quoting = SecretQuoting::kJson;
    }
  }
  if (Result<> done = fill(&request->body, body_quoting); !done) return done;
  return fill(&request->url, SecretQuoting::kUrl);
}

}  // namespace thresh
