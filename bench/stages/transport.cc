// thresh-bench-transport: what a message costs from a ROUTER to a DEALER; see bench/micro
// transport.

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <uv.h>

#include "lib/bus/bus_socket.h"

namespace {

using namespace thresh;
using Clock = std::chrono::steady_clock;
using Kind = BusSocket::Kind;

constexpr std::uint64_t kWindow = 32;  // Messages under way: two parsers' credit.
constexpr std::size_t kEnvelopeBytes = 300;

double CpuSeconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

std::unique_ptr<BusSocket> MustCreate(uv_loop_t& loop, zmq::context_t& context, Kind kind,
                                      std::string_view id, BusSocket::MessageFn take) {
  auto made = BusSocket::Create(loop, context, kind, id, std::move(take));
  if (!made) std::abort();
  return std::move(*made);
}

// Sends tasks with a body each; every message is answered with a credit, and the next one goes.
class Way {
 public:
  Way(uv_loop_t& loop, zmq::context_t& context, const std::string& endpoint, std::size_t body_bytes)
      : body_(std::string(body_bytes, 'x')),
        router_(MustCreate(loop, context, Kind::kRouter, "", [this](Frames&) { OnCredit(); })),
        dealer_(
            MustCreate(loop, context, Kind::kDealer, "parser", [this](Frames& f) { OnTask(f); })) {
    if (!router_->Bind(endpoint) || !dealer_->Connect(endpoint)) std::abort();
  }

  void Run(uv_loop_t& loop, std::uint64_t messages) {
    target_ = messages;
    sent_ = received_ = 0;
    Grant();  // The first one makes the ROUTER know the DEALER.
    while (received_ < target_) uv_run(&loop, UV_RUN_ONCE);
  }

 private:
  void OnTask(Frames& frames) {
    if (frames.size() != (body_.empty() ? 1U : 2U)) std::abort();
    ++received_;
    Grant();
  }
  void Grant() {
    Frames frames;
    frames.push_back(CopyFrame("credit"));
    if (!dealer_->Send(frames)) std::abort();
  }
  void OnCredit() {
    while (sent_ < target_ && sent_ < received_ + kWindow) {
      Frames frames;
      frames.push_back(CopyFrame("parser"));
      frames.push_back(CopyFrame(envelope_));
      if (!body_.empty()) frames.push_back(ShareFrame(body_));
      if (!router_->Send(frames)) std::abort();
      ++sent_;
    }
  }

  const SharedBytes body_;
  const std::string envelope_ = std::string(kEnvelopeBytes, 'e');
  std::unique_ptr<BusSocket> router_, dealer_;
  std::uint64_t target_ = 0, sent_ = 0, received_ = 0;
};

void MeasureWay(const std::string& endpoint, std::size_t body_bytes, std::uint64_t messages) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) std::abort();
  zmq::context_t context;
  {
    Way way(loop, context, endpoint, body_bytes);
    way.Run(loop, messages / 10 + 1);  // Connected and warm.
    const double cpu_before = CpuSeconds();
    const auto begin = Clock::now();
    way.Run(loop, messages);
    const double wall_us = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    const double count = static_cast<double>(messages);
    std::printf(
        "{\"measure\":\"task_and_credit\",\"body_bytes\":%zu,\"wall_us\":%.2f,\"cpu_us\":%.2f,"
        "\"messages_per_s\":%.0f,\"mb_per_s\":%.0f}\n",
        body_bytes, wall_us / count, (CpuSeconds() - cpu_before) * 1e6 / count,
        count * 1e6 / wall_us, static_cast<double>(body_bytes) * count / wall_us);
  }
  uv_run(&loop, UV_RUN_NOWAIT);  // The sockets' handles close.
  uv_loop_close(&loop);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t messages = 100'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--messages")
      messages = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (messages == 0) return 64;
  const std::string path = "/tmp/thresh-bench-transport-" + std::to_string(::getpid());
  for (const std::size_t body_bytes : {0U, 3'600U, 65'000U, 246'000U}) {
    MeasureWay("ipc://" + path, body_bytes, body_bytes > 10'000 ? messages / 5 + 1 : messages);
  }
  ::unlink(path.c_str());
  return 0;
}
