// `thresh try RECIPE [URL|LINE|FILE]`: one page, one recipe; records on stdout, and on stderr what
// each field found.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/try_page.h"
#include "cli/try_report.h"
#include "fetcher/job/task.h"
#include "lib/base/exit_codes.h"
#include "lib/base/time.h"
#include "parser/recipe/extract.h"
#include "sink/format/record_line.h"

namespace thresh {
namespace {

PageInput InputOf(const PageAnswer& page, const Recipe& recipe, const std::string& meta) {
  PageInput input{.url = page.url,
                  .final_url = page.final_url,
                  .status = page.status,
                  .meta = meta,
                  .body = page.body,
                  .max_body_bytes = static_cast<std::size_t>(recipe.fetch.max_body_bytes)};
  for (const auto& [name, value] : page.headers) input.headers.emplace_back(name, value);
  return input;
}

Result<> PrintRecords(const Extraction& found, const TriedPage& tried, const Recipe& recipe) {
  const PageAnswer& page = tried.answer;
  const TaskSeed seed{.url = page.url, .recipe = recipe.name, .request = tried.request};
  const PageIdentity identity{.task_id = 1,
                              .fingerprint = Fingerprint(seed),
                              .url = page.url,
                              .root = page.url,
                              .n = 1,
                              .fetched_at_ms = WallClockMs(),
                              .meta = tried.meta};
  std::size_t offset = 0;
  LineBuffer lines;
  for (const ItemRows& item : found.rows) {
    RecordLines form(identity, item.item, true);
    for (const std::uint32_t row : item.rows) {
      Result<std::size_t> next = AppendRecordLine(form, row, found.records, offset, &lines);
      if (!next) return next.error();
      offset = *next;
    }
  }
  std::fwrite(lines.View().data(), 1, lines.size(), stdout);
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
  const Result<TriedPage> tried = ReadTriedPage(options, *recipe);
  if (!tried) return Fail(tried.error());
  const PageAnswer& page = tried->answer;

  std::fprintf(stderr, "recipe %s on %s (status %u, %zu bytes)\n", recipe->name.c_str(),
               page.url.c_str(), page.status, page.body.size());
  std::vector<FieldReport> report;
  Result<const Extraction*> extracted =
      extractor.Extract(*program, InputOf(page, *recipe, tried->meta), &report);
  if (!extracted) return Fail(extracted.error());
  const Extraction& found = **extracted;
  if (Result<> printed = PrintRecords(found, *tried, *recipe); !printed) {
    return Fail(printed.error());
  }
  if (std::fflush(stdout) != 0) {  // Before what is said of them: a terminal shows both.
    std::fprintf(stderr, "thresh try: cannot write: %s\n", std::strerror(errno));
    return kExitCannotWrite;
  }
  const bool is_page = page.status >= 200 && page.status < 300;
  if (!is_page && found.verdict.kind == AnswerVerdict::Kind::kTake) {
    std::fprintf(stderr,
                 "status %u: in a crawl a dead letter, reason http_%u, and nothing is taken from "
                 "it; the recipe would find:\n",
                 page.status, page.status);
  }
  std::fputs(TryReport(*recipe, page.url, found, report).c_str(), stderr);
  return found.rows.empty() && found.links.empty() ? kExitNothing : kExitDone;
}

}  // namespace thresh
