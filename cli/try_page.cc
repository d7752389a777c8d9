#include "cli/try_page.h"

#include <utility>

#include <simdjson.h>

#include "cli/feed/feed_source.h"
#include "cli/page/point_out.h"
#include "fetcher/feed/feed_line.h"
#include "fetcher/job/request.h"
#include "lib/io/file.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

// `--meta` as one line of JSON.
Result<std::string> ReadMeta(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::object meta;
  if (parser.parse(text).get(meta) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid, "--meta: expected a JSON object, found " + CutLine(text, 60)};
  }
  return simdjson::minify(meta);
}

Result<PageAnswer> ReadFile(const TryOptions& options, const Recipe& recipe) {
  Result<std::string> body = ReadWholeFile(options.page);
  if (!body) return body.error();
  std::string text = options.url;
  if (text.empty() && !recipe.start_urls.empty()) text = recipe.start_urls.front();
  if (text.empty()) text = "http://localhost/";
  Result<Url> url = Url::Parse(text);
  if (!url) return url.error();
  const std::string canonical = url->WithoutFragment().href();
  return PageAnswer{.url = canonical, .final_url = canonical, .body = std::move(*body)};
}

// The feed line of the recipe's start of this number.
Result<std::string> StartLine(const Recipe& recipe, std::size_t number) {
  FeedSource source;
  Result<bool> any = source.AddStarts(recipe);
  if (!any) return any.error();
  std::string line;
  for (std::size_t i = 0; i < number; ++i) {
    if (source.Next(&line) == FeedSource::Status::kLine) continue;
    if (!source.failure().empty()) return Error{Errc::kInvalid, source.failure()};
    return Error{Errc::kNotFound,
                 i == 0 ? "recipe " + recipe.name + " starts with nothing; name a URL or a file"
                        : "recipe " + recipe.name + " has no start " + std::to_string(number) +
                              ": there are " + std::to_string(i)};
  }
  return line;
}

Result<TriedPage> FetchLine(const std::string& line, const TryOptions& options,
                            const Recipe& recipe) {
  Result<FeedRequest> fed = ParseFeedLine(line);
  if (!fed) return fed.error();
  if (!fed->recipe.empty() && fed->recipe != recipe.name) {
    return Error{Errc::kInvalid, fed->url + " is for recipe " + fed->recipe + ": thresh try " +
                                     fed->recipe + " " + fed->url};
  }
  std::shared_ptr<Request> request;
  if (!fed->is_plain()) {
    request = std::make_shared<Request>(Request{
        .headers = fed->headers, .body = fed->body.value_or(""), .templated = fed->templated});
    if (!fed->method.empty()) request->method = fed->method;
  }
  auto answer = FetchPage(fed->url, request.get(), recipe, Secrets(options.secrets_dir));
  if (!answer) return answer.error();
  return TriedPage{std::move(*answer), std::move(request), std::move(fed->meta)};
}

Result<TriedPage> ReadPage(const TryOptions& options, const Recipe& recipe) {
  if (options.page.empty()) {
    const Result<std::string> line = StartLine(recipe, options.start);
    if (!line) return line.error();
    return FetchLine(*line, options, recipe);
  }
  if (options.page.starts_with('{')) return FetchLine(options.page, options, recipe);
  Result<PageAnswer> answer = IsWebUrl(options.page) ? FetchPage(options.page, nullptr, recipe,
                                                                 Secrets(options.secrets_dir))
                                                     : ReadFile(options, recipe);
  if (!answer) return answer.error();
  return TriedPage{.answer = std::move(*answer)};
}

}  // namespace

Result<TriedPage> ReadTriedPage(const TryOptions& options, const Recipe& recipe) {
  std::string meta;
  if (!options.meta.empty()) {
    Result<std::string> read = ReadMeta(options.meta);
    if (!read) return read.error();
    meta = std::move(*read);
  }
  Result<TriedPage> page = ReadPage(options, recipe);
  if (page && !meta.empty()) page->meta = std::move(meta);
  return page;
}

}  // namespace thresh
