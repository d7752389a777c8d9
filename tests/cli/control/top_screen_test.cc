#include "cli/control/top_screen.h"

#include <doctest/doctest.h>

namespace thresh {
namespace {

using std::chrono::seconds;

Live LookWith(double pages, int second) {
  Live live{.at = Live::Time(seconds(second))};
  live.status = {.done = 10, .pending = 100, .dead = {{"http_404", 3}}, .queued = 90};
  live.metrics.Set(Metric::kPagesFetched, pages);
  live.metrics.Set(Metric::kTasksDone, pages);
  live.parsers = {{.pid = 7,
                   .memory_bytes = 5'000'000,
                   .pages_per_s = 2,
                   .state = "idle",
                   .last_url = "http://a/\x1b[2J"},
                  {.pid = 9,
                   .memory_bytes = 1'000'000,
                   .pages_per_s = 5,
                   .state = "parsing",
                   .last_url = "http://b/é"}};
  live.hosts = {
      {.host = "b.example", .in_flight = 1, .queued = 5, .queued_more = true, .breaker = "closed"},
      {.host = "a.example", .in_flight = 4, .queued = 1, .breaker = "open"}};
  return live;
}

std::string TextOf(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

struct ScreenFixture {
  ScreenFixture() {
    screen.Take(LookWith(0, 1));
    screen.Take(LookWith(100, 3));
  }
  std::string Text(const TopView& view = {}) { return TextOf(screen.Lines(view)); }

  TopScreen screen{"out"};
};

TEST_CASE_FIXTURE(ScreenFixture, "rates and the time left are growth between looks") {
  CHECK(Text().find("rates    50 pages/s") != std::string::npos);
  CHECK(Text().find("ETA 2.0 s") != std::string::npos);
  CHECK(Text().find("90 queued") != std::string::npos);
  CHECK(Text().find("dead     3 http_404") != std::string::npos);
}

TEST_CASE_FIXTURE(ScreenFixture, "no line is longer, and there are not more, whatever the size") {
  for (std::size_t columns = 1; columns < 200; columns += 7) {
    for (std::size_t rows = 1; rows < 40; rows += 3) {
      const auto lines = screen.Lines({.columns = columns, .rows = rows});
      CHECK(lines.size() == rows);
      for (const std::string& line : lines) CHECK(FitText(line, columns) == line);
    }
  }
  CHECK(screen.Lines({.rows = 0}).empty());
}

TEST_CASE_FIXTURE(ScreenFixture, "parsers and hosts are sorted as asked") {
  using P = TopView::ParserSort;
  using H = TopView::HostSort;
  const auto before = [this](const TopView& view, const char* a, const char* b) {
    const std::string text = Text(view);
    return text.find(a) < text.find(b);
  };
  CHECK(before({.parsers = P::kRate}, " 9 ", " 7 "));
  CHECK(before({.parsers = P::kMemory}, " 7 ", " 9 "));
  CHECK(before({.parsers = P::kPid}, " 7 ", " 9 "));
  CHECK(before({.hosts = H::kInFlight}, "a.example", "b.example"));
  CHECK(before({.hosts = H::kQueued}, "b.example", "a.example"));
  CHECK(before({.hosts = H::kName}, "a.example", "b.example"));
}

TEST_CASE_FIXTURE(ScreenFixture, "what pages say cannot move the cursor") {
  CHECK(Text({.columns = 200}).find('\x1b') == std::string::npos);
  CHECK(FitText("a\x1b\x9b\r\nb", 10).find_first_of("\x1b\r\n") == std::string::npos);
  CHECK(FitText("\xE2\x80\xAEtxt", 10) == "\xEF\xBF\xBDtxt");  // No right-to-left override.
  CHECK(FitText("\xff\xfe", 10) == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE_FIXTURE(ScreenFixture, "what does not fit is reached by scrolling") {
  const TopView small{.columns = 80, .rows = 12};
  CHECK(screen.MostScroll(small) > 0);
  TopView scrolled = small;
  scrolled.scroll = 1000;
  CHECK(Text(small).find("b.example") == std::string::npos);
  CHECK(Text(scrolled).find("b.example") != std::string::npos);
}

TEST_CASE_FIXTURE(ScreenFixture, "all metrics have their names; colours come only when wanted") {
  CHECK(Text({.metrics = true}).find("thresh_pages_fetched_total") != std::string::npos);
  CHECK(Text({.color = true}).find("\x1b[1m") != std::string::npos);
}

TEST_CASE("one that does not answer is told") {
  TopScreen screen("out");
  Live live;
  live.fetcher_fault = "thresh-fetcher: not at work";
  screen.Take(live);
  CHECK(TextOf(screen.Lines({})).find("thresh-fetcher: not at work") != std::string::npos);
}

TEST_CASE("latencies are short") {
  CHECK(AsLatency(std::nullopt) == "-");
  CHECK(AsLatency(0.00123) == "1.2 ms");
  CHECK(AsLatency(0.1234) == "123 ms");
  CHECK(AsLatency(12.345) == "12.35 s");
}

}  // namespace
}  // namespace thresh
