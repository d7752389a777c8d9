#include "fetcher/frontier/records.h"

#include <utility>

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/record_parts.h"

namespace thresh {
namespace {

constexpr std::uint8_t kHops = 0x80;  // Beside the state of a fate: hops follow.

void PutReasons(Encoder& out, const std::map<std::string, std::uint64_t>& reasons) {
  out.Number(reasons.size());
  for (const auto& [reason, count] : reasons) out.Text(reason).Number(count);
}

std::map<std::string, std::uint64_t> GetReasons(Decoder& in) {
  std::map<std::string, std::uint64_t> reasons;
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    std::string reason(in.Text());
    reasons[std::move(reason)] = in.Number();
  }
  return reasons;
}

}  // namespace

std::string FateRecord::Encode() const {
  Encoder out;
  out.Byte(static_cast<std::uint8_t>(static_cast<int>(state) | (hops.empty() ? 0 : kHops)));
  out.Number(id);
  if (state != Fate::State::kQueued) out.Number(attempts).Signed(at_ms).Text(reason);
  if (pending()) out.Signed(priority);
  if (state == Fate::State::kQueued) out.Fixed(host);
  if (hops.empty()) return out.Take();
  out.Number(hops.size());
  for (const Hop& hop : hops) out.Number(hop.status).Text(hop.url);
  return out.Take();
}

std::optional<FateRecord> FateRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  const std::uint8_t first = in.Byte();
  FateRecord fate{.state = static_cast<Fate::State>(first & ~kHops)};
  if (fate.state > Fate::State::kDropped || fate.state == Fate::State::kLeased) return std::nullopt;
  fate.id = in.Number();
  if (fate.state != Fate::State::kQueued) {
    fate.attempts = static_cast<std::uint32_t>(in.Number());
    fate.at_ms = in.Signed();
    fate.reason = in.Text();
  }
  if (fate.pending()) fate.priority = in.Signed();
  if (fate.state == Fate::State::kQueued) fate.host = in.Fixed();
  const bool has_hops = (first & kHops) != 0;
  if (has_hops && fate.pending()) return std::nullopt;
  for (std::uint64_t left = has_hops ? in.Number() : 0; left > 0 && in.ok(); --left) {
    Hop& hop = fate.hops.emplace_back();
    hop.status = static_cast<std::uint32_t>(in.Number());
    hop.url = in.Text();
  }
  return IfFinished(in, std::move(fate));
}

std::string JobRecord::Encode() const {
  Encoder out;
  PutRoot(out, root, {});
  return out.Text(recipe).Take();
}

std::optional<JobRecord> JobRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  JobRecord job{.root = GetRoot(in, {})};
  job.recipe = in.Text();
  return IfFinished(in, std::move(job));
}

std::string CountRecord::Encode() const {
  return Encoder().Number(pending).Number(done).Number(dead).Number(dropped).Number(records).Take();
}

std::optional<CountRecord> CountRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  CountRecord count;
  for (std::uint64_t* number :
       {&count.pending, &count.done, &count.dead, &count.dropped, &count.records}) {
    *number = in.Number();
  }
  return IfFinished(in, count);
}

std::string EncodeRequestNote(const Request& request, std::string_view recipe) {
  constexpr std::size_t kMostBodyBytes = 60;
  return Encoder()
      .Text(recipe)
      .Text(request.method)
      .Byte(request.templated ? 1 : 0)
      .Number(request.body.size())
      .Text(std::string_view(request.body).substr(0, kMostBodyBytes))
      .Take();
}

std::optional<AskedRequest> DecodeRequestNote(std::string_view bytes) {
  Decoder in(bytes);
  AskedRequest request;
  request.recipe = in.Text();
  request.method = in.Text();
  request.templated = in.Byte() != 0;
  request.body_bytes = in.Number();
  request.body_start = in.Text();
  return IfFinished(in, std::move(request));
}

std::string EncodeReport(const JobReport& report) {
  Encoder out;
  PutRoot(out, *report.root, {});
  out.Text(report.recipe).Signed(report.ended_at_ms).Number(report.done).Number(report.dead);
  return out.Number(report.dropped).Number(report.records).Take();
}

std::optional<JobReport> DecodeReport(TaskId id, std::string_view bytes) {
  Decoder in(bytes);
  JobReport report{.id = id, .root = std::make_shared<const Root>(GetRoot(in, {}))};
  report.recipe = in.Text();
  report.ended_at_ms = in.Signed();
  for (std::uint64_t* number : {&report.done, &report.dead, &report.dropped, &report.records}) {
    *number = in.Number();
  }
  return IfFinished(in, std::move(report));
}

std::string HoldRecord::Encode() const {
  return Encoder().Signed(due_ms).Signed(delay_ms).Take();
}

std::optional<HoldRecord> HoldRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  HoldRecord hold{.due_ms = in.Signed()};
  hold.delay_ms = in.Signed();
  return IfFinished(in, hold);
}

std::string EncodeRecipe(const KeptRecipe& recipe) {
  return Encoder().Text(recipe.name).Text(recipe.text).Take();
}

std::optional<KeptRecipe> DecodeRecipe(const Hash128& hash, std::string_view bytes) {
  Decoder in(bytes);
  KeptRecipe recipe{.hash = hash, .name = std::string(in.Text())};
  recipe.text = in.Text();
  return IfFinished(in, std::move(recipe));
}

std::string BatchRecord::Encode() const {
  Encoder out;
  out.Number(next_id).Number(closed.size());
  TaskId before = 0;
  for (const TaskId id : closed) out.Number(id - std::exchange(before, id));
  return out.Take();
}

std::optional<BatchRecord> BatchRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  BatchRecord batch{.next_id = in.Number()};
  TaskId id = 0;
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    id += in.Number();
    batch.closed.push_back(id);
  }
  return IfFinished(in, std::move(batch));
}

std::string StateRecord::Encode() const {
  Encoder out;
  out.Number(batch).Number(next_id);
  out.Number(ledger.fed).Number(ledger.followed).Number(ledger.recrawled).Number(ledger.retried);
  out.Number(ledger.done).Number(ledger.records).Number(ledger.asked);
  PutReasons(out, ledger.dead);
  PutReasons(out, ledger.dropped);
  out.Number(retrying).Number(reports).Number(next_recipe).Number(recipes.size());
  for (const auto& [number, use] : recipes) {
    out.Number(number).Raw(use.hash.View()).Text(use.name).Number(use.pending);
  }
  out.Number(postponed).Number(forgotten).Number(ledger.unchanged).Number(ledger.redirects);
  return out.Take();
}

std::optional<StateRecord> StateRecord::Decode(std::string_view bytes, std::uint64_t format) {
  Decoder in(bytes);
  StateRecord state;
  Ledger& l = state.ledger;
  for (std::uint64_t* number : {&state.batch, &state.next_id, &l.fed, &l.followed, &l.recrawled,
                                &l.retried, &l.done, &l.records, &l.asked}) {
    *number = in.Number();
  }
  l.dead = GetReasons(in);
  l.dropped = GetReasons(in);
  for (std::uint64_t* number : {&state.retrying, &state.reports, &state.next_recipe}) {
    *number = in.Number();
  }
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    RecipeUse& use = state.recipes[in.Number()];
    use.hash = in.Hash();
    use.name = in.Text();
    use.pending = in.Number();
  }
  if (format == 1) return IfFinished(in, std::move(state));
  for (std::uint64_t* number : {&state.postponed, &state.forgotten, &l.unchanged, &l.redirects}) {
    *number = in.Number();
  }
  return IfFinished(in, std::move(state));
}

}  // namespace thresh
