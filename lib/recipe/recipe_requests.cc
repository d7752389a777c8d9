// RecipeReader: requests, with templates for what they are made of, and rules on answers.

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "lib/base/ascii_text.h"
#include "lib/recipe/recipe_reader.h"
#include "lib/recipe/secrets.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::string_view kRetryKeys{
    "status css xpath json header re pipe in not_in delay_ms attempts scope"};
constexpr std::string_view kFailKeys{"status css xpath json header re pipe in not_in"};
constexpr std::array<std::string_view, 2> kScopes{"page", "host"};
constexpr std::int64_t kMostAttempts = 1000;
constexpr int kMostNesting = 64;

// What the fetcher says of each request itself.
constexpr std::array<std::string_view, 4> kOwnHeaders{"connection", "content-length", "host",
                                                      "transfer-encoding"};

// A character of a token (RFC 9110, 5.6.2).
bool IsTokenCharacter(unsigned char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return c < 0x80 && (std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != kOthers.npos);
}

// The value as text: what `in` compares with.
std::string TextOf(const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string text;
  AppendJsonScalar(value, &text);
  return text;
}

// Collects the parts of a JSON body.
struct JsonParts {
  std::vector<UrlTemplate::Part> parts;
  std::string text;

  void EndText() {
    if (text.empty()) return;
    parts.push_back({UrlTemplate::Kind::kText, false, std::move(text), false});
    text.clear();
  }
  void AddString(const UrlTemplate& value) {
    if (value.parts().size() == 1 && value.parts()[0].kind != UrlTemplate::Kind::kText) {
      EndText();
      parts.push_back(value.parts()[0]);
      parts.back().whole = true;
      return;
    }
    text += '"';
    for (const UrlTemplate::Part& part : value.parts()) {
      if (part.kind == UrlTemplate::Kind::kText) {
        const std::string quoted = JsonString(part.text);
        text.append(quoted, 1, quoted.size() - 2);
      } else {
        EndText();
        parts.push_back(part);
      }
    }
    text += '"';
  }
};

}  // namespace

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), IsTokenCharacter);
}

bool IsHeaderText(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

std::optional<UrlTemplate> RecipeReader::ReadTemplate(const Located& text, std::string_view key,
                                                      const UrlTemplate::Places& places) {
  std::size_t offset = 0;
  Result<UrlTemplate> made = UrlTemplate::Parse(text.text, &offset, places);
  if (made) return std::move(*made);
  faults_.AddWithin(text, offset, std::string(key) + ": " + made.error().detail);
  return std::nullopt;
}

std::optional<UrlTemplate> RecipeReader::ReadHeaderTemplate(const Located& text,
                                                            std::string_view key,
                                                            const UrlTemplate::Places& places) {
  if (IsHeaderText(text.text)) return ReadTemplate(text, key, places);
  faults_.AddAt(text, std::string(key) + ": expected one line of text");
  return std::nullopt;
}

std::vector<std::pair<std::string, UrlTemplate>> RecipeReader::ReadHeaders(
    const toml::table& table, const UrlTemplate::Places& places) {
  std::vector<std::pair<std::string, UrlTemplate>> headers;
  TableReader in(table, "headers", faults_);
  for (const auto& [name, node] : in.InOrder()) {
    std::string lower = InLowerCase(name);
    if (!IsHeaderName(name)) {
      faults_.Add(node->source(), "headers: expected a header's name, found \"" + name + "\"");
    } else if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower) != kOwnHeaders.end()) {
      faults_.Add(node->source(), "headers: \"" + name + "\" is what thresh sets itself");
    } else if (std::any_of(headers.begin(), headers.end(),
                           [&](const auto& other) { return other.first == lower; })) {
      faults_.Add(node->source(), "headers: found \"" + name + "\" twice, in different case");
    } else if (const auto text = in.String(name)) {
      if (auto value = ReadHeaderTemplate(*text, "headers", places)) {
        headers.emplace_back(std::move(lower), std::move(*value));
      }
    }
  }
  return headers;
}

RequestSpec RecipeReader::ReadRequest(TableReader& in, const UrlTemplate::Places& places) {
  RequestSpec request;
  if (const toml::table* headers = in.Table("headers")) {
    request.headers = ReadHeaders(*headers, places);
  }
  if (const toml::node* body = in.Get("body")) ReadRequestBody(*body, places, &request);
  if (request.body) request.method = "POST";
  if (const auto method = in.String("method")) {
    request.method = method->text;
    std::transform(request.method.begin(), request.method.end(), request.method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (!IsHeaderName(request.method) || request.method.size() > 32 ||
        request.method == "CONNECT") {
      faults_.AddAt(*method,
                    "method: expected a method such as POST, found \"" + method->text + "\"");
    }
  }
  return request;
}

void RecipeReader::ReadRequestBody(const toml::node& node, const UrlTemplate::Places& places,
                                   RequestSpec* request) {
  if (node.is_string()) {
    request->body = ReadTemplate(LocatedString(node), "body", places);
    return;
  }
  if (!node.is_table() && !node.is_array()) {
    faults_.Add(node.source(), "body: expected a string, or a table or an array for JSON, found " +
                                   std::string(KindName(node)));
    return;
  }
  JsonParts json;
  AppendJsonBody(node, places, 0, &json.parts, &json.text);
  json.EndText();
  request->body = UrlTemplate::Of(std::move(json.parts));
  request->json_body = true;
  const bool typed = std::any_of(request->headers.begin(), request->headers.end(),
                                 [](const auto& header) { return header.first == "content-type"; });
  if (typed) return;
  const UrlTemplate::Part type{UrlTemplate::Kind::kText, false, "application/json", false};
  request->headers.emplace_back("content-type", UrlTemplate::Of({type}));
}

void RecipeReader::AppendJsonBody(const toml::node& node, const UrlTemplate::Places& places,
                                  int depth, std::vector<UrlTemplate::Part>* parts,
                                  std::string* text) {
  JsonParts json{std::move(*parts), std::move(*text)};
  const auto element = [&](const toml::node& value) {
    AppendJsonBody(value, places, depth + 1, &json.parts, &json.text);
  };
  if (depth > kMostNesting) {
    faults_.Add(node.source(), "body: expected at most " + std::to_string(kMostNesting) +
                                   " tables inside one another");
  } else if (const toml::table* table = node.as_table()) {
    json.text += '{';
    bool first = true;
    for (const auto& [name, value] : TableReader(*table, "body", faults_).InOrder()) {
      if (!first) json.text += ',';
      first = false;
      AppendJsonString(name, &json.text);
      json.text += ':';
      element(*value);
    }
    json.text += '}';
  } else if (const toml::array* array = node.as_array()) {
    json.text += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) json.text += ',';
      element(*array->get(i));
    }
    json.text += ']';
  } else if (node.is_string()) {
    if (auto value = ReadTemplate(LocatedString(node), "body", places)) json.AddString(*value);
  } else if (const auto scalar = ScalarOf(node)) {
    const auto* number = std::get_if<double>(&*scalar);
    if (number != nullptr && !std::isfinite(*number)) {
      faults_.Add(node.source(), "body: expected a number that JSON has, found inf or nan");
    } else {
      AppendJsonScalar(*scalar, &json.text);
    }
  } else {
    faults_.Add(node.source(), "body: expected a string for " + std::string(KindName(node)));
  }
  *parts = std::move(json.parts);
  *text = std::move(json.text);
}

void RecipeReader::CheckSecrets(const Located& place, const std::optional<UrlTemplate>& url,
                                const RequestSpec& request) {
  if (!NamesSecrets(url, request)) return;
  if (url && !SecretsBeginning(*url).empty()) return;
  faults_.AddAt(place,
                "expected url with its scheme, host and the / behind it before the first {…}: "
                "a secret is sent nowhere else");
}

std::optional<AnswerRule> RecipeReader::ReadRule(const toml::table& table, bool retry) {
  TableReader in(table, retry ? "retry_when" : "fail_when", faults_);
  in.CheckKeys(retry ? kRetryKeys : kFailKeys);
  AnswerRule rule;
  rule.place = PlaceOf(table.source());
  if (in.Has("status")) {
    rule.status = ReadStatuses(in);
    for (const std::string_view key : Words("css xpath json header re pipe in not_in")) {
      if (in.Has(key)) in.Fault(key, "expected either status or " + std::string(key));
    }
  } else {
    ReadRuleValue(in, table, &rule);
  }
  ReadMs(in, "delay_ms", 0, &rule.delay);
  rule.attempts = in.Integer("attempts", 1).value_or(0);
  if (rule.attempts > kMostAttempts) {
    in.Fault("attempts", "attempts: expected at most " + std::to_string(kMostAttempts));
  }
  if (const auto scope = in.Choice("scope", kScopes)) rule.whole_host = *scope == 1;
  return rule;
}

std::vector<std::int64_t> RecipeReader::ReadStatuses(TableReader& in) {
  std::vector<std::int64_t> statuses;
  const toml::node& node = *in.Get("status");
  const toml::array* array = node.as_array();
  if (array == nullptr || array->empty()) {
    in.Fault("status", "status: expected a list such as [500, 503]");
    return statuses;
  }
  for (const toml::node& element : *array) {
    const std::int64_t status = element.is_integer() ? element.ref<std::int64_t>() : 0;
    if (status < 100 || status > 999) {
      faults_.Add(element.source(), "status: expected a number such as 503");
    } else {
      statuses.push_back(status);
    }
  }
  return statuses;
}

void RecipeReader::ReadRuleValue(TableReader& in, const toml::table& table, AnswerRule* rule) {
  SourceSpec source;
  if (ReadSource(in, table, {"css xpath json header", "status, css, xpath, json or header"},
                 &source)) {
    source.re = in.String("re");
    source.pipe = ReadPipe(in);
    rule->source = std::move(source);
  }
  rule->in = ReadValues(in, "in");
  rule->not_in = ReadValues(in, "not_in");
  if (rule->in && rule->not_in) in.Fault("not_in", "expected either in or not_in");
}

std::optional<std::vector<std::string>> RecipeReader::ReadValues(TableReader& in,
                                                                 std::string_view key) {
  const toml::node* node = in.Get(key);
  if (node == nullptr) return std::nullopt;
  std::vector<std::string> values;
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty()) {
    in.Fault(key, std::string(key) + ": expected a list such as [\"OK\", \"PARTIAL\"]");
    return values;
  }
  for (const toml::node& element : *array) {
    if (const auto value = ScalarOf(element)) {
      values.push_back(TextOf(*value));
    } else {
      faults_.Add(element.source(), std::string(key) +
                                        ": expected a string, number or boolean, found " +
                                        std::string(KindName(element)));
    }
  }
  return values;
}

}  // namespace thresh
