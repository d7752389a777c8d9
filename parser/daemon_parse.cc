// ParserDaemon: from a page to its result.

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "lib/base/log.h"
#include "lib/base/time.h"
#include "parser/body/content_coding.h"
#include "parser/daemon.h"
#include "parser/waiting_page.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxResultBytes = 32 << 20;
constexpr std::size_t kKeptBytes = 64 << 10;  // Of a RESULT and its TASK, as they are sent.

std::uint64_t CpuTimeUs() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

// docs/outcomes.md has them.
std::string_view ReasonOf(const Error& error) {
  if (const std::string_view reason = error.reason; !reason.empty()) return reason;
  return error.code == Errc::kTooLarge ? "parse_limit" : "parse";
}

// What was found goes: the page is a dead letter.
void ReplaceByDead(wire::Result* result, std::string_view reason, const std::string& detail) {
  result->clear_rows();
  result->clear_rejected();
  result->clear_links();
  result->set_outcome(wire::OUTCOME_DEAD);
  result->set_reason(std::string(reason));
  result->set_detail(detail);
}

constexpr std::size_t kBodyStartBytes = 512;  // More than a dead letter tells of it.

// How the answer begins, unpacked. Only dead letters need it, so it is unpacked once more.
std::string BodyStart(const PageInput& page) {
  std::string coding, buffer;
  for (const auto& [name, value] : page.headers) {
    if (name == "content-encoding") coding.append(coding.empty() ? "" : ",").append(value);
  }
  const auto text = DecodeContent(coding, page.body, page.max_body_bytes, &buffer);
  return std::string(text ? text->substr(0, kBodyStartBytes) : std::string_view{});
}

void ToWire(const FollowedLink& found, wire::Link* link) {
  link->set_url(found.url);
  if (!found.recipe.empty()) link->set_recipe(std::string(found.recipe));
  if (found.method != "GET") link->set_method(std::string(found.method));
  for (const RequestHeader& header : found.headers) {
    wire::Header& sent = *link->add_headers();
    sent.set_name(std::string(header.name));
    sent.set_value(header.value);
  }
  if (!found.body.empty()) link->set_body(found.body);
  if (found.templated) link->set_templated(true);
  if (found.delay_ms > 0) link->set_delay_ms(found.delay_ms);
  if (found.root) link->set_root(true);
}

void BurnCpu(int ms) {
  const std::uint64_t end = CpuTimeUs() + static_cast<std::uint64_t>(ms) * 1000;
  while (CpuTimeUs() < end) {
  }
}

}  // namespace

void ParserDaemon::Parse(const Waiting& page, const KnownRecipe& recipe) {
  const auto begin = std::chrono::steady_clock::now();
  wire::Result& result = answer_->Begin(self_, sink_);
  ToWire(*fetcher_, result.mutable_source());
  result.set_id(page.task.id());
  result.set_attempt(page.task.attempt());
  result.set_page(page.task.page());
  std::string_view records;
  std::size_t result_bytes = 0;
  AnswerVerdict verdict;
  guard_->Begin(fetcher_->incarnation, page.task.id(), page.task.attempt());
  if (options_.before_page) options_.before_page(page.Body());
  if (recipe.program) {
    records = Extract(page, *recipe.program, &result, &verdict);
    result_bytes = result.ByteSizeLong();
    if (result_bytes + records.size() > kMaxResultBytes) {
      records = {};
      ReplaceByDead(&result, "result_too_large",
                    "its records and links are over " + std::to_string(kMaxResultBytes) + " bytes");
    }
  } else {
    ReplaceByDead(&result, "bad_recipe", recipe.fault);
  }
  if (options_.cpu_ms > 0) BurnCpu(options_.cpu_ms);
  if (verdict.kind == AnswerVerdict::Kind::kRetry) {
    SendRetry(page, verdict, result.body_start());
  } else {
    SendResult(answer_->envelope, records);
  }
  if (result_bytes + page.task.page().size() > kKeptBytes) answer_ = std::make_unique<Answer>();
  guard_->End();
  ++parsed_total_;
  const auto took = std::chrono::steady_clock::now() - begin;
  const auto took_us =
      static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::microseconds>(took).count());
  parsed_.push_back({.id = page.task.id(), .attempt = page.task.attempt(), .took_us = took_us});
  NoteDuration(took_us);
}

std::string_view ParserDaemon::Extract(const Waiting& page, const Program& program,
                                       wire::Result* result, AnswerVerdict* verdict) {
  wire::Page& identity = answer_->identity;
  identity.ParseFromString(page.task.page());
  PageInput& input = answer_->input;
  auto headers = std::move(input.headers);
  headers.clear();
  input = {.url = identity.url(),
           .final_url = page.task.url(),
           .status = page.task.status(),
           .headers = std::move(headers),
           .meta = page.task.meta(),
           .body = page.Body()};
  if (page.task.max_body_bytes() > 0) input.max_body_bytes = page.task.max_body_bytes();
  for (const wire::Header& h : page.task.headers()) input.headers.emplace_back(h.name(), h.value());
  Result<const Extraction*> extracted = extractor_.Extract(program, input);
  if (!extracted) {
    ReplaceByDead(result, ReasonOf(extracted.error()), extracted.error().detail);
    result->set_body_start(BodyStart(input));
    return {};
  }
  const Extraction& found = **extracted;
  if (found.verdict.kind != AnswerVerdict::Kind::kTake) {
    *verdict = found.verdict;
    ReplaceByDead(result, verdict->reason, verdict->detail);
    result->set_body_start(BodyStart(input));
    return {};
  }
  result->set_outcome(wire::OUTCOME_DONE);
  for (const ItemRows& item : found.rows) {
    wire::Rows& rows = *result->add_rows();
    rows.set_item(item.item.data(), item.item.size());
    rows.mutable_row()->Add(item.rows.begin(), item.rows.end());
  }
  for (const RejectedRow& row : found.rejected) {
    wire::Rejected& rejected = *result->add_rejected();
    rejected.set_item(row.item.data(), row.item.size());
    rejected.set_row(row.row);
    rejected.set_field(row.field.data(), row.field.size());
  }
  for (const FollowedLink& link : found.links) ToWire(link, result->add_links());
  if (log::IsWritten(log::Level::kDebug)) {
    log::Debug("page.parsed", {{"url", identity.url()}, {"at_us", WallClockUs()}});
  }
  return found.records;
}

void ParserDaemon::SendResult(const wire::Envelope& envelope, std::string_view records) {
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  frames.push_back(CopyFrame(records));
  sent_bytes_ += frames[0].size() + frames[1].size();
  if (Result<> sent = to_sink_->Send(frames); !sent) {
    // The page stays leased to us at the fetcher, which hands it out again when we are gone.
    log::Error("result.not_sent", {{"why", sent.error().detail}});
    std::abort();
  }
}

// Not to the sink: the page has no effect yet.
void ParserDaemon::SendRetry(const Waiting& page, const AnswerVerdict& verdict,
                             const std::string& body_start) {
  wire::Envelope envelope = MakeEnvelope(self_, fetcher_);
  wire::Retry& retry = *envelope.mutable_retry();
  retry.set_id(page.task.id());
  retry.set_attempt(page.task.attempt());
  retry.set_why(verdict.detail);
  retry.set_after_ms(verdict.after_ms);
  retry.set_whole_host(verdict.whole_host);
  retry.set_max_attempts(verdict.max_attempts);
  retry.set_status(page.task.status());
  retry.set_body_start(body_start);
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  // Lost, the page is leased to us until that runs out; then it is handed out again.
  if (Result<> sent = to_fetcher_->Send(frames); !sent) {
    log::Warn("retry.not_sent", {{"why", sent.error().detail}});
  }
}

// Over the last 8 or so; the first pages soon tell more than what was supposed before.
void ParserDaemon::NoteDuration(std::uint64_t duration_us) {
  page_weight_ = std::min(page_weight_ + 1, 8.0);
  page_us_ += (static_cast<double>(duration_us) - page_us_) / page_weight_;
}

}  // namespace thresh
