#include "cli/extract/reextraction.h"

#include <algorithm>

#include "fetcher/job/task.h"
#include "lib/base/time.h"
#include "sink/format/dead_line.h"

namespace thresh {
namespace {

std::string_view ReasonOf(const Error& error) {
  if (const std::string_view reason = error.reason; !reason.empty()) return reason;
  return error.code == Errc::kTooLarge ? "parse_limit" : "parse";
}

// What the crawl's records said of the page; for files of other software, what a crawl that fed the
// page's URL alone would say. It has views of `page` and `url`.
PageIdentity IdentityOf(const StoredPage& page, const Url& url, const Recipe& recipe,
                        std::uint64_t n) {
  if (const auto& facts = page.facts) {
    Hash128 fingerprint = facts->fingerprint;
    return {.task_id = facts->id,
            .fingerprint = fingerprint,
            .dont_filter = facts->dont_filter,
            .url = facts->url,
            .root = facts->root,
            .n = facts->n,
            .fetched_at_ms = facts->fetched_at_ms,
            .meta = facts->meta};
  }
  const TaskSeed seed{.url = url.href(), .recipe = recipe.name};
  return {.task_id = n,
          .fingerprint = Fingerprint(seed),
          .url = url.href(),
          .root = url.href(),
          .n = n,
          .fetched_at_ms = page.date_ms};
}

DeadLetter LetterOf(const PageIdentity& identity, const Recipe& recipe, std::string_view reason) {
  return {.url = std::string(identity.url),
          .id = identity.task_id,
          .recipe = recipe.name,
          .reason = std::string(reason),
          .attempts = 1};
}

}  // namespace

Result<> Reextraction::AddRecipe(const std::string& name) {
  Result<Recipe> recipe = LoadRecipe(name);
  if (!recipe) return recipe.error();
  Result<Program> program = CompileRecipe(*recipe, extractor_.names());
  if (!program) return program.error();
  programs_.insert_or_assign(recipe->name, std::move(*program));
  max_page_bytes_ =
      std::max(max_page_bytes_, static_cast<std::size_t>(recipe->fetch.max_body_bytes));
  return routes_.Add(std::move(*recipe));
}

// The recipe it was fetched for, as it is now; else the one whose `allow` fits best.
const Recipe* Reextraction::RecipeOf(const StoredPage& page, const Url& url) const {
  if (page.facts) {
    if (const Recipe* named = routes_.ByName(page.facts->recipe)) return named;
  }
  const auto routed = routes_.OfFed(url, "");
  return routed ? *routed : nullptr;
}

PageLines Reextraction::Extract(const StoredPage& page, std::uint64_t n) {
  PageLines out{.number = page.number};
  const Result<Url> parsed = Url::Parse(page.facts ? page.facts->url : page.target_url);
  const bool usable =
      parsed && parsed->is_http() && page.answer.status >= 200 && page.answer.status < 300;
  const Url* const url = usable ? &*parsed : nullptr;
  const Recipe* const recipe = url != nullptr ? RecipeOf(page, *url) : nullptr;
  if (recipe == nullptr) {
    ++out.counts.passed_over;
    return out;
  }
  ++out.counts.pages;
  const Url plain = url->WithoutFragment();  // The identity has views of it.
  const PageIdentity identity = IdentityOf(page, plain, *recipe, n);
  PageInput input{.url = identity.url,
                  .final_url = page.target_url,
                  .status = page.answer.status,
                  .meta = identity.meta,
                  .body = page.answer.body,
                  .max_body_bytes = static_cast<std::size_t>(recipe->fetch.max_body_bytes)};
  for (const auto& [name, value] : page.answer.headers) input.headers.emplace_back(name, value);
  const auto found = extractor_.Extract(programs_.at(recipe->name), input);
  if (!found) {
    AddDead(page, identity, *recipe, found.error(), &out);
  } else if (Result<> added = AddRecords(**found, identity, &out); !added) {
    AddDead(page, identity, *recipe, added.error(), &out);
  } else {
    AddRejected(**found, identity, *recipe, &out);
  }
  return out;
}

Result<> Reextraction::AddRecords(const Extraction& found, const PageIdentity& identity,
                                  PageLines* out) const {
  std::size_t offset = 0;
  for (const ItemRows& item : found.rows) {
    LineBuffer lines;
    RecordLines form(identity, item.item, to_stdout_);
    for (const std::uint32_t row : item.rows) {
      Result<std::size_t> next = AppendRecordLine(form, row, found.records, offset, &lines);
      if (!next) return next.error();
      offset = *next;
      ++out->counts.records;
    }
    if (lines.size() > 0) out->lines.emplace_back(item.item, std::string(lines.View()));
  }
  return Ok{};
}

void Reextraction::AddRejected(const Extraction& found, const PageIdentity& identity,
                               const Recipe& recipe, PageLines* out) const {
  std::string lines;
  for (const RejectedRow& row : found.rejected) {
    ++out->counts.rejected;
    DeadLetter letter = LetterOf(identity, recipe, "required_field");
    letter.detail = "field \"" + std::string(row.field) + "\" found nothing";
    letter.row = {std::string(row.item), row.row};
    AppendDeadLine(letter, WallClockMs(), &lines);
  }
  if (!lines.empty() && !to_stdout_) out->lines.emplace_back("dead", std::move(lines));
}

// All of the page or nothing.
void Reextraction::AddDead(const StoredPage& page, const PageIdentity& identity,
                           const Recipe& recipe, const Error& why, PageLines* out) const {
  out->lines.clear();
  out->counts.records = 0;
  ++out->counts.dead;
  DeadLetter letter = LetterOf(identity, recipe, ReasonOf(why));
  letter.status = page.answer.status;
  letter.headers = page.answer.headers;
  letter.detail = why.detail;
  std::string line;
  AppendDeadLine(letter, WallClockMs(), &line);
  if (to_stdout_) {
    out->said = std::move(line);
  } else {
    out->lines.emplace_back("dead", std::move(line));
  }
}

}  // namespace thresh
