// `thresh top`: rates, queue, parsers and hosts, again and again.

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "cli/control/commands.h"
#include "cli/control/report.h"
#include "cli/control/top_screen.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kName = "top";
constexpr milliseconds kEvery{1000};
constexpr std::uint64_t kMostHosts = 200;

volatile std::sig_atomic_t resized = 0, ended = 0;

// The terminal as a screen of ours; as it was before when this goes.
class Screen {
 public:
  Screen() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    Write("\x1b[?1049h\x1b[?25l\x1b[2J");
    struct sigaction on_resize {};
    on_resize.sa_handler = [](int) { resized = 1; };
    ::sigaction(SIGWINCH, &on_resize, nullptr);
    struct sigaction on_end {};
    on_end.sa_handler = [](int) { ended = 1; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &on_end, nullptr);
  }
  ~Screen() {
    Write("\x1b[?25h\x1b[?1049l");
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  static void Size(TopView* view) {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
    view->columns = size.ws_col;
    view->rows = size.ws_row;
  }

  // Each line over the one before: nothing flickers.
  static void Draw(const std::vector<std::string>& lines) {
    std::string text = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i) {
      text += lines[i] + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
    }
    Write(text + "\x1b[J");
  }

 private:
  static void Write(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
      if (n <= 0) return;
      done += static_cast<std::size_t>(n);
    }
  }

  termios before_{};
};

// False: to end.
bool TakeKeys(const std::string& keys, std::size_t most_scroll, TopView* view) {
  const auto next = [](auto sort, int count) {
    return static_cast<decltype(sort)>((static_cast<int>(sort) + 1) % count);
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys.compare(i, 2, "\x1b[") == 0 || keys.compare(i, 2, "\x1bO") == 0) {
      const char arrow = i + 2 < keys.size() ? keys[i + 2] : '\0';
      if (arrow == 'A' && view->scroll > 0) --view->scroll;
      if (arrow == 'B' && view->scroll < most_scroll) ++view->scroll;
      i += 2;
      continue;
    }
    switch (keys[i]) {
      case 'q':
      case 'Q':
      case '\x03': return false;
      case 'p': view->parsers = next(view->parsers, 4); break;
      case 'h': view->hosts = next(view->hosts, 4); break;
      case 'm':
        view->metrics = !view->metrics;
        view->scroll = 0;
        break;
      case ' ': view->stopped = !view->stopped; break;
      case 'k':
        if (view->scroll > 0) --view->scroll;
        break;
      case 'j':
        if (view->scroll < most_scroll) ++view->scroll;
        break;
      default: break;
    }
  }
  return true;
}

std::string ReadKeys(milliseconds patience) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready =
      ::poll(&input, 1, static_cast<int>(std::max<std::int64_t>(patience.count(), 0)));
  if (ready <= 0) return {};
  char keys[64];
  const ssize_t n = ::read(STDIN_FILENO, keys, sizeof keys);
  if (n > 0) return std::string(keys, static_cast<std::size_t>(n));
  return "q";  // Its end: nobody can end us any more.
}

int Watch(const DaemonPlace& place, TopScreen& screen, TopView view) {
  const Screen terminal;
  auto due = steady_clock::now();
  while (ended == 0) {
    if (steady_clock::now() >= due) {
      if (!view.stopped) screen.Take(LookAt(place, kMostHosts));
      due = steady_clock::now() + kEvery;
    }
    resized = 0;
    Screen::Size(&view);
    Screen::Draw(screen.Lines(view));
    const auto left = std::chrono::ceil<milliseconds>(due - steady_clock::now());
    if (!TakeKeys(ReadKeys(left), screen.MostScroll(view), &view)) break;
  }
  return kExitDone;
}

// Two looks, so that there are rates.
int ShowOnce(const DaemonPlace& place, TopScreen& screen) {
  screen.Take(LookAt(place, kMostHosts));
  std::this_thread::sleep_for(kEvery);
  screen.Take(LookAt(place, kMostHosts));
  TopView view{.columns = 160, .rows = 10'000};
  std::vector<std::string> lines = screen.Lines(view);
  lines.pop_back();  // Keys.
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  std::string text;
  for (const std::string& line : lines)
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  return PrintData(kName, text, kExitDone);
}

}  // namespace

int TopCommand(const TopOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  const Live first = LookAt(*place, 1);
  if (!first.fetcher_fault.empty() && !first.sink_fault.empty()) {
    Complain(kName, kExitNoPeer, first.fetcher_fault);
    return Complain(kName, kExitNoPeer, first.sink_fault);
  }
  TopScreen screen(place->run ? place->out : place->sockets);
  const char* no_color = std::getenv("NO_COLOR");
  const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  if (options.once || !terminal) return ShowOnce(*place, screen);
  return Watch(*place, screen, {.color = no_color == nullptr || *no_color == '\0'});
}

}  // namespace thresh
