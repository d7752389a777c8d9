#include "sink/effects.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "parser/body/content_coding.h"
#include "proto/envelope.h"
#include "sink/format/dead_line.h"
#include "sink/format/job_line.h"
#include "sink/inbox.h"
#include "sink/root_list.h"

namespace thresh {
namespace {

PageIdentity IdentityOf(const wire::Page& page) {
  return {.task_id = page.id(),
          .fingerprint = HashFromBytes(page.fingerprint()).value_or(Hash128{}),
          .dont_filter = page.dont_filter(),
          .url = page.url(),
          .root = page.root(),
          .n = page.n(),
          .fetched_at_ms = page.fetched_at_ms(),
          .meta = page.meta()};
}

// An item's name becomes a file's: nothing that could lead elsewhere.
bool IsSafeName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name == "dead" || name == "jobs") return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

// REQUIRES: it is empty.
void BeginAck(std::uint64_t id, std::uint32_t attempt, const wire::Page& page,
              wire::Ack::Entry* ack) {
  ack->set_id(id);
  ack->set_attempt(attempt);
  ack->set_fingerprint(page.fingerprint());
  ack->set_dont_filter(page.dont_filter());
  ack->set_fetched_at_ms(page.fetched_at_ms());
}

DeadLetter LetterOf(std::uint64_t id, const wire::Page& page, std::string reason) {
  return {.url = page.url(),
          .id = id,
          .recipe = page.recipe(),
          .reason = std::move(reason),
          .attempts = page.attempts(),
          .status = page.status(),
          .n = page.n(),
          .root = page.root(),
          .meta = page.meta()};
}

constexpr const char* kDeadFile = "dead.ndjson";
constexpr std::size_t kMostUnpackedBytes = 1 << 20;  // Of what is kept of a dead letter's answer.

// The answer's text, as far as it is kept; nothing if it was cut where it cannot be unpacked.
std::string_view Unpacked(const wire::Dead& dead, std::string_view body, std::string* buffer) {
  std::string coding;
  for (const wire::Header& h : dead.headers()) {
    if (h.name() == "content-encoding") coding += (coding.empty() ? "" : ",") + h.value();
  }
  const auto text = DecodeContent(coding, body, kMostUnpackedBytes, buffer);
  return text ? *text : std::string_view{};
}

// Whether rows of an item come in several places. Parsers of ours do not do that.
bool AnyComesBack(const wire::Result& result) {
  if (result.rows_size() < 2) return false;
  std::vector<std::string_view> items;
  for (const wire::Rows& rows : result.rows()) items.push_back(rows.item());
  std::sort(items.begin(), items.end());
  return std::adjacent_find(items.begin(), items.end()) != items.end();
}

}  // namespace

void Effects::AddRejected(const wire::Result& result, const wire::Page& page, Effect* effect) {
  std::string lines;
  for (const wire::Rejected& row : result.rejected()) {
    DeadLetter letter = LetterOf(result.id(), page, "required_field");
    letter.detail = "field \"" + row.field() + "\" found nothing";
    letter.row = std::pair(row.item(), row.row());
    AppendDeadLine(letter, WallClockMs(), &lines);
  }
  AddLines(lines, kDeadFile, effect);
}

void Effects::AddDead(const DeadLetter& letter, Effect* effect) {
  std::string line;
  AppendDeadLine(letter, WallClockMs(), &line);
  AddLines(line, kDeadFile, effect);
}

void Effects::AddLines(std::string_view lines, std::string file_name, Effect* effect) {
  lines_.Append(lines);
  KeepLines(std::move(file_name), effect);
}

// What was appended becomes lines of this file, which has none of this effect's so far.
void Effects::KeepLines(std::string file_name, Effect* effect) {
  if (lines_.size() > 0) effect->lines.emplace_back(std::move(file_name), lines_.Keep());
}

// Messages whose memory is used from one page to the next.
struct Effects::Kept {
  wire::Page page;
  wire::Ack::Entry ack;
  Wear wear;
};

Effects::Effects(bool to_stdout, std::string body_folder, RootList* roots)
    : to_stdout_(to_stdout),
      body_folder_(std::move(body_folder)),
      roots_(roots),
      kept_(std::make_unique<Kept>()) {}
Effects::~Effects() = default;

Effect Effects::Of(const Hash128& source, const wire::Result& result, std::string_view records,
                   std::optional<std::uint64_t> room) {
  Effect effect{.source = source, .id = result.id()};
  Make(result, records, room, &effect);
  effect.ack = kept_->ack.SerializeAsString();
  const bool worn = kept_->wear.Add(result.page().size() + effect.ack.size());
  if (worn) kept_ = std::make_unique<Kept>();
  return effect;
}

// All but its ACK, which is made in what is kept.
void Effects::Make(const wire::Result& result, std::string_view records,
                   std::optional<std::uint64_t> room, Effect* effect) {
  wire::Page& page = kept_->page;
  wire::Ack::Entry& ack = kept_->ack;
  const bool whole = page.ParseFromString(result.page());
  ack.Clear();
  BeginAck(result.id(), result.attempt(), page, &ack);
  std::string reason = result.reason(), detail = result.detail();
  bool done = result.outcome() == wire::OUTCOME_DONE;
  if (room == 0U) {
    ack.set_outcome(wire::OUTCOME_DROPPED);
    ack.set_reason("budget");
    return;
  }
  if (done) {
    Result<> added = Error{Errc::kInvalid, "the page of the TASK did not come back whole"};
    if (whole && roots_ != nullptr) {
      effect->records = roots_->Add(result, room, &lines_);
      KeepLines("url.ndjson", effect);
      added = Ok{};
    } else if (whole) {
      added = AddRecords(result, page, records, room, effect);
    }
    if (!added) {
      done = false;
      reason = "bad_result";
      detail = added.error().detail;
    }
  }
  if (done) {
    ack.set_outcome(wire::OUTCOME_DONE);
    ack.set_records(effect->records);
    fills_.KeepPage();
    for (const wire::Link& link : result.links()) {
      if (roots_ == nullptr || !link.root()) *ack.add_links() = link;
    }
    if (roots_ == nullptr) AddRejected(result, page, effect);
  } else {
    lines_.Clear();
    effect->lines.clear();
    effect->records = 0;
    fills_.DropPage();
    DeadLetter letter = LetterOf(result.id(), page, reason);
    letter.detail = detail;
    letter.body_start = result.body_start();
    AddDead(letter, effect);
    ack.set_outcome(wire::OUTCOME_DEAD);
    ack.set_reason(reason);
  }
}

Result<> Effects::AddRecords(const wire::Result& result, const wire::Page& page,
                             std::string_view records, std::optional<std::uint64_t> room,
                             Effect* effect) {
  const PageIdentity identity = IdentityOf(page);
  const bool mixed = AnyComesBack(result);
  std::map<std::string, std::string> together;  // Lines by file, of a mixed page.
  std::size_t offset = 0;
  for (const wire::Rows& rows : result.rows()) {
    if (!IsSafeName(rows.item())) {
      return Error{Errc::kInvalid, "not an item's name: \"" + rows.item() + "\""};
    }
    form_.Begin(identity, rows.item(), to_stdout_, &fills_.Of(rows.item()));
    for (const std::uint32_t row : rows.row()) {
      if (room && effect->records >= *room) break;
      Result<std::size_t> next = AppendRecordLine(form_, row, records, offset, &lines_);
      if (!next) return next.error();
      offset = *next;
      ++effect->records;
    }
    if (mixed) {
      together[form_.item() + ".ndjson"].append(lines_.View());
      lines_.Clear();
    } else {
      KeepLines(form_.item() + ".ndjson", effect);
    }
  }
  for (const auto& [file_name, lines] : together) AddLines(lines, file_name, effect);
  return Ok{};
}

Effect Effects::Of(const Hash128& source, const wire::Dead& dead, std::string_view body) {
  Effect effect{.source = source, .id = dead.id()};
  wire::Page page;
  page.ParseFromString(dead.page());
  DeadLetter letter = LetterOf(dead.id(), page, dead.reason());
  letter.attempts = dead.attempts();
  letter.status = dead.status();
  letter.detail = dead.detail();
  for (const wire::Header& h : dead.headers()) letter.headers.emplace_back(h.name(), h.value());
  if (!body.empty() && !body_folder_.empty()) {
    effect.body.emplace(std::to_string(dead.id()) + ".body", body);
    letter.body_path = body_folder_ + "/" + effect.body->first;
  }
  std::string unpacked;
  letter.body_start = dead.body_start().empty() ? Unpacked(dead, body, &unpacked)
                                                : std::string_view(dead.body_start());
  AddDead(letter, &effect);
  wire::Ack::Entry ack;
  BeginAck(dead.id(), dead.attempts(), page, &ack);
  ack.set_outcome(wire::OUTCOME_DEAD);
  ack.set_reason(dead.reason());
  effect.ack = ack.SerializeAsString();
  return effect;
}

Effect Effects::Of(const Hash128& source, const wire::Job& job) {
  Effect effect{.source = source, .id = job.id()};
  std::string line;
  AppendJobLine({.label = job.label(),
                 .url = job.url(),
                 .id = job.id(),
                 .recipe = job.recipe(),
                 .n = job.n(),
                 .created_at_ms = job.created_at_ms(),
                 .ended_at_ms = job.ended_at_ms(),
                 .done = job.done(),
                 .dead = job.dead(),
                 .dropped = job.dropped(),
                 .records = job.records()},
                &line);
  AddLines(line, "jobs.ndjson", &effect);
  wire::Ack::Entry ack;
  ack.set_id(job.id());
  ack.set_outcome(wire::OUTCOME_DONE);
  effect.ack = ack.SerializeAsString();
  return effect;
}

std::string Effects::LateAck(std::uint64_t id, const std::string& page) {
  wire::Page parsed;
  parsed.ParseFromString(page);
  wire::Ack::Entry ack;
  BeginAck(id, 0, parsed, &ack);
  return ack.SerializeAsString();
}

}  // namespace thresh
