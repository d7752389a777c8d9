#include "cli/run/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/numbers.h"

namespace thresh {
namespace {

using std::chrono::duration;
using std::chrono::seconds;

constexpr seconds kRateOver{5};
constexpr seconds kPlainEvery{5};

std::size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::uint64_t Rounded(double number) {
  return static_cast<std::uint64_t>(std::llround(number));
}

std::uint64_t Ended(const CrawlStatus& s) {
  return s.done + s.dead_count();
}

}  // namespace

Progress::Progress(Time start)
    : start_(start), terminal_(isatty(STDERR_FILENO) != 0), last_shown_(start) {
  samples_.emplace_back(start, 0);
}

void Progress::BeginWith(const CrawlStatus& before) {
  samples_.front().second = Ended(before);
}

void Progress::NotePages(std::uint64_t ended, Time now) {
  samples_.emplace_back(now, ended);
  while (samples_.size() > 2 && now - samples_.front().first > kRateOver) samples_.pop_front();
}

void Progress::Show(const CrawlStatus& status, Time now) {
  NotePages(Ended(status), now);
  if (terminal_) {
    std::string line = LineOf(status, now);
    if (line.size() >= TerminalWidth()) line = ShortLineOf(status, now);
    line = line.substr(0, TerminalWidth() - 1);
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  } else if (now - last_shown_ >= kPlainEvery) {
    last_shown_ = now;
    std::fprintf(stderr, "%s\n", LineOf(status, now).c_str());
  }
}

void Progress::Clear() {
  if (terminal_) std::fprintf(stderr, "\r\x1b[K");
}

double Progress::RateAt(const CrawlStatus& s, Time now) const {
  const auto& [then, ended_then] = samples_.front();
  const double elapsed = std::max(duration<double>(now - then).count(), 0.001);
  return static_cast<double>(Ended(s) - std::min(ended_then, Ended(s))) / elapsed;
}

std::string Progress::LineOf(const CrawlStatus& s, Time now) const {
  if (!s.paused.empty()) return "paused: " + s.paused;
  const double rate = RateAt(s, now);
  std::string line = WithThousands(s.done) + " done, " + WithThousands(s.pending) + " queued, " +
                     WithThousands(s.dead_count()) + " failed, " + Amount(s.records, "record") +
                     ", " + WithThousands(Rounded(rate)) + " pages/s";
  if (rate > 0 && s.pending > 0)
    line += ", ETA " + AsDuration(static_cast<double>(s.pending) / rate);
  return line;
}

std::string Progress::ShortLineOf(const CrawlStatus& s, Time now) const {
  if (!s.paused.empty()) return "paused: " + s.paused;
  const double rate = RateAt(s, now);
  std::string line = WithThousands(s.done) + " done, " + WithThousands(Rounded(rate)) + "/s";
  if (rate > 0 && s.pending > 0)
    line += ", ETA " + AsDuration(static_cast<double>(s.pending) / rate);
  return line + ", " + WithThousands(s.dead_count()) + " failed";
}

}  // namespace thresh
