// `thresh try RECIPE URL|FILE`: one page, one recipe; records on stdout, and on stderr what
// each field found.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/commands.h"
#include "cli/page/fetch_page.h"
#include "fetcher/job/task.h"
#include "lib/base/exit_codes.h"
#include "lib/base/time.h"
#include "lib/io/file.h"
#include "lib/recipe/url_pattern.h"
#include "parser/recipe/extract.h"
#include "sink/format/record_line.h"

namespace thresh {
namespace {

Result<PageAnswer> ReadPage(const TryOptions& options, const Recipe& recipe) {
  if (IsWebUrl(options.page)) {
    const FetchSpec& f = recipe.fetch;
    return FetchPage(options.page,
                     {f.connect_timeout, f.timeout, f.max_body_bytes, f.max_redirects});
  }
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

PageInput InputOf(const PageAnswer& page, const Recipe& recipe) {
  PageInput input{.url = page.url,
                  .final_url = page.final_url,
                  .status = page.status,
                  .body = page.body,
                  .max_body_bytes = static_cast<std::size_t>(recipe.fetch.max_body_bytes)};
  for (const auto& [name, value] : page.headers) input.headers.emplace_back(name, value);
  return input;
}

void PrintReport(const Extraction& found, const std::vector<FieldReport>& report) {
  std::string item;
  for (const FieldReport& field : report) {
    if (field.item != item) {
      item = field.item;
      std::size_t records = 0;
      for (const ItemRows& rows : found.rows) records += rows.item == item ? rows.rows.size() : 0;
      std::fprintf(stderr, "%s: %zu rows, %zu records\n", item.c_str(), field.rows, records);
    }
    const std::string first = field.found > 0 ? field.first.substr(0, 100) : "found nothing";
    std::fprintf(stderr, "  %-20s %zu/%zu  %s\n", field.field.c_str(), field.found, field.rows,
                 first.c_str());
  }
  for (const RejectedRow& row : found.rejected) {
    std::fprintf(stderr, "%s: row %u rejected: required field \"%s\" found nothing\n",
                 std::string(row.item).c_str(), row.row, std::string(row.field).c_str());
  }
  std::fprintf(stderr, "links: %zu\n", found.links.size());
  for (const FollowedLink& link : found.links) {
    std::fprintf(stderr, "  %s%s%s\n", link.url.c_str(), link.recipe.empty() ? "" : "  -> ",
                 std::string(link.recipe).c_str());
  }
}

Result<> PrintRecords(const Extraction& found, const PageAnswer& page, const Recipe& recipe) {
  const TaskSeed seed{.url = page.url, .recipe = recipe.name};
  const PageIdentity identity{.task_id = 1,
                              .fingerprint = Fingerprint(seed),
                              .url = page.url,
                              .root = page.url,
                              .n = 1,
                              .fetched_at_ms = WallClockMs()};
  std::size_t offset = 0;
  std::string lines;
  for (const ItemRows& item : found.rows) {
    for (const std::uint32_t row : item.rows) {
      const RecordLines form{identity, item.item, true};
      Result<std::size_t> next = AppendRecordLine(form, row, found.records, offset, &lines);
      if (!next) return next.error();
      offset = *next;
    }
  }
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return Ok{};
}

int Fail(const Error& error) {
  std::fprintf(stderr, "thresh try: %s\n", error.detail.c_str());
  return error.code == Errc::kTransient ? kExitSomeDead : kExitBadInput;
}

}  // namespace

int TryCommand(const TryOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& text : options.overrides) {
    Result<Override> set = ParseOverride(text);
    if (!set) return Fail(set.error());
    overrides.push_back(std::move(*set));
  }
  Result<Recipe> recipe = LoadRecipe(options.recipe, overrides);
  if (!recipe) return Fail(recipe.error());
  Extractor extractor;
  Result<Program> program = CompileRecipe(*recipe, extractor.names());
  if (!program) return Fail(program.error());
  Result<PageAnswer> page = ReadPage(options, *recipe);
  if (!page) return Fail(page.error());

  std::fprintf(stderr, "recipe %s on %s (status %u, %zu bytes)\n", recipe->name.c_str(),
               page->url.c_str(), page->status, page->body.size());
  std::vector<FieldReport> report;
  Result<const Extraction*> extracted =
      extractor.Extract(*program, InputOf(*page, *recipe), &report);
  if (!extracted) return Fail(extracted.error());
  const Extraction& found = **extracted;
  if (Result<> printed = PrintRecords(found, *page, *recipe); !printed) {
    return Fail(printed.error());
  }
  PrintReport(found, report);
  for (const ItemSpec& item : recipe->items) {
    if (!item.match.empty() && !MatchesAny(item.match, page->url)) {
      std::fprintf(stderr, "%s: not for this URL, by its match\n", item.name.c_str());
    }
  }
  if (std::fflush(stdout) != 0) {
    std::fprintf(stderr, "thresh try: cannot write: %s\n", std::strerror(errno));
    return kExitCannotWrite;
  }
  return found.rows.empty() && found.links.empty() ? kExitNothing : kExitDone;
}

}  // namespace thresh
