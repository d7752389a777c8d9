// Raw answers, kept: a page goes on to the parsers, or ends, once its bytes are saved. So no page
// that is done lacks them, whatever died when.

#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "fetcher/daemon.h"
#include "lib/base/log.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr const char* kSoftware = "thresh/" THRESH_VERSION;

// The text of a member of `meta`; of what is no string its JSON; empty if it is not there.
std::string MetaText(const std::string& meta, const std::string& name) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(meta).at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return "";
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

std::string Basename(const std::string& url) {
  const Result<Url> parsed = Url::Parse(url);
  return parsed ? BasenameOf(*parsed) : std::string();
}

PathNames NamesFor(const Task& task, const SaveSpec& save) {
  const Hash128 fingerprint = Fingerprint(task.seed);
  if (!save.path) {
    const Result<Url> url = Url::Parse(task.seed.url);
    return url ? NamesOfUrl(*url, fingerprint) : NamesOf({}, fingerprint);
  }
  std::vector<PathPart> parts;
  for (const UrlTemplate::Part& part : save.path->parts()) {
    switch (part.kind) {
      case UrlTemplate::Kind::kText: parts.push_back({false, part.text}); break;
      case UrlTemplate::Kind::kUrl:
        parts.push_back({true, part.text.empty() ? task.seed.url : Basename(task.seed.url)});
        break;
      case UrlTemplate::Kind::kMeta:
        parts.push_back({true, MetaText(task.seed.root->meta, part.text)});
        break;
      default: parts.push_back({true, ""}); break;
    }
  }
  return NamesOf(parts, fingerprint);
}

}  // namespace

Result<> FetcherDaemon::OpenArchive() {
  archive_ = std::make_unique<Archive>(
      loop_,
      ArchiveOptions{
          .folder = options_.pages_dir.empty() ? options_.state_dir + "/pages" : options_.pages_dir,
          .software = kSoftware,
          .durable = options_.durability == "power"},
      ArchiveEvents{.on_paused =
                        [this](const std::string& why) {
                          if (!why.empty()) log::Warn("disk.full", {{"why", why}});
                          if (why.empty()) log::Info("disk.has_room");
                          tick_.Request();
                        },
                    .on_failed = [this](const Error& e) { Fail("archive.failed", e.detail); }});
  // What a crash has torn is cut before anything else happens, so that all can be read.
  for (const auto& recipe : routes_.recipes()) {
    if (recipe->save.format == SaveFormat::kWarc) return archive_->Open();
  }
  return Ok{};
}

// Whoever waits for the disk is waited for: nothing more is fetched.
bool FetcherDaemon::DiskHasRoom() const {
  return archive_->paused().empty() && archive_->waiting_bytes() < options_.page_buffer_bytes &&
         transfers_->spooled_bytes() < options_.spool_max_bytes;
}

void FetcherDaemon::SavePage(const Task& task, FetchResult result) {
  const Recipe& recipe = RecipeOf(task);
  const std::string user_agent = TermsOf(task)->fetch.user_agent;
  RawPage page{.task = task,
               .agent = user_agent.empty() ? kSoftware : user_agent,
               .final_url = result.final_url,
               .status = result.status,
               .headers = result.headers,
               .fetched_at_ms = result.fetched_at_ms,
               .body = {.memory = result.body, .spooled = result.spooled}};
  std::optional<PathNames> names;
  if (recipe.save.format == SaveFormat::kFile) names = NamesFor(task, recipe.save);
  const std::uint32_t attempt = task.attempts;
  archive_->Save(std::move(page), std::move(names),
                 [this, attempt, kept = std::make_shared<FetchResult>(std::move(result))] {
                   TakeSaved(attempt, std::move(*kept));
                 });
}

void FetcherDaemon::TakeSaved(std::uint32_t attempt, FetchResult result) {
  tick_.Request();
  const auto found = tasks_.find(result.id);
  // It ended meanwhile, or is being fetched again.
  if (found == tasks_.end() || found->second.attempts != attempt) return;
  saved_at_ms_[result.id] = result.fetched_at_ms;
  if (!TermsOf(found->second)->IsDownloadOnly()) {
    PassOn(found->second, std::move(result));
    return;
  }
  saved_at_ms_.erase(result.id);
  KeepValidators(found->second, result);
  Ending ending{.end = TaskEnd::kDone};
  AskAgain(found->second, &ending);
  EndHere(found->second, std::move(ending));
}

// A page that was fetched and saved again may have ended by its first answer: a parser had that
// when we died. Then it says so beside the pages, before it is done.
void FetcherDaemon::EndSaved(const Task& task, Acknowledged ack) {
  const auto last = saved_at_ms_.extract(task.id);
  const bool is_last = last && last.mapped() == ack.fetched_at_ms;
  if (is_last || ack.outcome != AckOutcome::kDone ||
      RecipeOf(task).save.format != SaveFormat::kWarc) {
    Complete(task, ack);
    return;
  }
  archive_->Note(CountingNote(task, ack.fetched_at_ms),
                 [this, task, ack = std::move(ack)] { Complete(task, ack); });
}

}  // namespace thresh
