#include "cli/bench/delay_server.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "lib/url/percent.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

HttpReply Refuse(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n", .allow = status == 405 ? "GET" : ""};
}

std::string Decode(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '+', ' ');
  return PercentDecode(plain);
}

std::optional<milliseconds> DelayOf(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  std::int64_t ms = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (ms < 0 || ms > DelayServer::kMostDelayMs) return std::nullopt;
  return milliseconds(ms);
}

Result<> WriteFileWhole(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".tmp";
  UniqueFile file(std::fopen(unfinished.c_str(), "we"));
  const bool written = file &&
                       std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fflush(file.get()) == 0;
  if (written && std::rename(unfinished.c_str(), path.c_str()) == 0) return Ok{};
  return Error{Errc::kUnavailable, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

std::map<std::string, std::string> ParametersOf(std::string_view query) {
  std::map<std::string, std::string> found;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (pair.empty()) continue;
    const bool has_value = equals != std::string_view::npos;
    found[Decode(pair.substr(0, equals))] = has_value ? Decode(pair.substr(equals + 1)) : "";
  }
  return found;
}

Result<std::unique_ptr<DelayServer>> DelayServer::Listen(uv_loop_t& loop,
                                                         DelayServerOptions options) {
  std::unique_ptr<DelayServer> server(new DelayServer(std::move(options)));
  if (Result<> opened = server->Open(loop); !opened) return opened.error();
  return server;
}

Result<> DelayServer::Open(uv_loop_t& loop) {
  timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  timer_watch_ =
      MakeUv<uv_poll_t>(this, [&](uv_poll_t* p) { return uv_poll_init(&loop, p, timer_.get()); });
  if (!timer_watch_) return Error{Errc::kInternal, "there is no timer left"};
  uv_poll_start(timer_watch_.get(), UV_READABLE, &OnDue);
  auto http = HttpServer::Listen(loop, options_.address, options_.port,
                                 [this](const HttpQuestion& question) { Take(question); });
  if (!http) return http.error();
  http_ = std::move(*http);
  return Ok{};
}

void DelayServer::OnDue(uv_poll_t* poll, int, int) noexcept {
  static_cast<DelayServer*>(poll->data)->AnswerDue();
}

void DelayServer::Take(const HttpQuestion& question) {
  const std::string_view target = question.target;
  const std::size_t mark = target.find('?');
  const auto query = ParametersOf(mark == std::string_view::npos ? "" : target.substr(mark + 1));
  const auto value = [&query](const char* key) {
    const auto found = query.find(key);
    return found != query.end() ? std::optional(found->second) : std::nullopt;
  };
  const auto answer = [&](const HttpReply& reply) { http_->Answer(question.connection, reply); };
  if (target.substr(0, mark) != "/add") return answer(Refuse(404, "there is only /add"));
  if (question.method != "GET") return answer(Refuse(405, "expected GET"));
  const std::string flush = value("flush").value_or("");
  if (!flush.empty() && flush != "0") return answer(Flush());
  const auto name = value("name");
  if (!name || name->empty())
    return answer(Refuse(400, "name: expected one, as /add?name=N&delay=MS"));
  if (name->size() > kMostNameBytes) return answer(Refuse(400, "name: expected 256 bytes at most"));
  const auto delay = DelayOf(value("delay").value_or(std::to_string(kUsualDelayMs)));
  if (!delay) return answer(Refuse(400, "delay: expected milliseconds, 0 to 3600000"));
  Wait(question.connection, *name, *delay);
}

HttpReply DelayServer::Flush() const {
  const Result<> written = WriteFileWhole(options_.metrics_path, seen_.ToJson());
  return written ? HttpReply{} : Refuse(500, written.error().detail);
}

void DelayServer::Wait(std::uint64_t connection, std::string name, milliseconds delay) {
  const Clock::time_point now = Clock::now();
  waiting_.emplace(now + delay, Waiting{connection, std::move(name), now});
  Arm();
}

// By one clock that nobody sets: else the next request might seem to come before this one's end.
double DelayServer::WallClockAt(Clock::time_point when) const {
  return began_at_s_ + std::chrono::duration<double>(when - began_).count();
}

void DelayServer::AnswerDue() {
  std::uint64_t fired = 0;
  (void)!::read(timer_.get(), &fired, sizeof fired);
  while (!waiting_.empty() && waiting_.begin()->first <= Clock::now()) {
    const Waiting w = std::move(waiting_.extract(waiting_.begin()).mapped());
    http_->Answer(w.connection, {.status = 200, .body = ".", .allow = {}});
    const bool kept = seen_.Add(w.name, {WallClockAt(w.came), WallClockAt(Clock::now())});
    if (kept && seen_.count() == MetricData::kMost) {
      std::fprintf(stderr, "thresh bench server: %zu requests are noted; no more will be\n",
                   seen_.count());
    }
  }
  Arm();
}

void DelayServer::Arm() const {
  if (waiting_.empty()) return;
  const auto at = waiting_.begin()->first.time_since_epoch();  // CLOCK_MONOTONIC.
  const auto ns = std::max<std::int64_t>(1, std::chrono::duration_cast<nanoseconds>(at).count());
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace thresh
