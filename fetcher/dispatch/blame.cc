#include "fetcher/dispatch/blame.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "lib/io/flight_recorder.h"

namespace thresh {
namespace {

std::string Times(std::uint32_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

}  // namespace

std::string Words(const Cause& cause) {
  switch (cause.kind) {
    case Cause::Kind::kSignal: {
      const char* name = ::sigabbrev_np(cause.signal);
      return "signal " + std::to_string(cause.signal) +
             (name != nullptr ? " (SIG" + std::string(name) + ")" : "");
    }
    case Cause::Kind::kTimeout: return "over the parse timeout";
    case Cause::Kind::kOutOfMemory: return "out of memory";
    case Cause::Kind::kLease: return "no result within the lease";
    case Cause::Kind::kUnmarked: break;
  }
  return "the parser was killed";
}

Cause CauseOfMark(std::uint32_t mark) {
  switch (mark) {
    case 0: return {Cause::Kind::kUnmarked};
    case kMarkTimeout: return {Cause::Kind::kTimeout};
    case kMarkOutOfMemory: return {Cause::Kind::kOutOfMemory};
    default: return {Cause::Kind::kSignal, static_cast<int>(mark)};
  }
}

void BlameRecord::Add(Cause cause) {
  ++(cause.kind == Cause::Kind::kUnmarked ? unmarked_ : marked_);
  const auto found = std::find_if(causes_.begin(), causes_.end(),
                                  [&](const auto& known) { return known.first == cause; });
  if (found == causes_.end()) {
    causes_.emplace_back(cause, 1);
  } else {
    ++found->second;
  }
}

std::string BlameRecord::Encode() const {
  std::string text;
  for (const auto& [cause, count] : causes_) {
    if (!text.empty()) text += ' ';
    text += std::to_string(static_cast<int>(cause.kind)) + ":" + std::to_string(cause.signal) +
            ":" + std::to_string(count);
  }
  return text;
}

std::optional<BlameRecord> BlameRecord::Decode(std::string_view text) {
  BlameRecord record;
  while (!text.empty()) {
    std::array<std::uint32_t, 3> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto read = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
      if (read.ec != std::errc{}) return std::nullopt;
      text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
      const char end = i + 1 < numbers.size() ? ':' : ' ';
      if (text.empty() && end == ' ') break;
      if (!text.starts_with(end)) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto [kind, signal, count] = numbers;
    if (kind > static_cast<std::uint32_t>(Cause::Kind::kUnmarked) || signal > 64 || count == 0 ||
        count > kMaxUnmarked) {
      return std::nullopt;
    }
    const Cause cause{static_cast<Cause::Kind>(kind), static_cast<int>(signal)};
    for (std::uint32_t i = 0; i < count; ++i) record.Add(cause);
  }
  return record;
}

bool BlameRecord::exhausted() const noexcept {
  return marked_ >= kMaxMarked || unmarked_ >= kMaxUnmarked;
}

std::string BlameRecord::Reason() const {
  const bool slow = std::all_of(causes_.begin(), causes_.end(), [](const auto& known) {
    return known.first.kind == Cause::Kind::kTimeout || known.first.kind == Cause::Kind::kLease;
  });
  return slow ? "parse_timeout" : "parse_crash";
}

std::string BlameRecord::Detail() const {
  std::string text;
  for (const auto& [cause, count] : causes_) {
    text += (text.empty() ? "" : ", ") + Words(cause) + " " + Times(count);
  }
  return text;
}

}  // namespace thresh
