// thresh-bench-sink: what a page costs a whole thresh-sink, which gets results at a steady rate
// from what it takes for two parsers, and whose ACKs a fetcher closes at once; see bench/micro
// sink.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>

#include "bench/stages/results.h"
#include "lib/bus/bus_socket.h"

namespace {

using namespace thresh;
using Clock = std::chrono::steady_clock;

struct Bench {
  std::string sink, path;
  std::uint64_t pages = 10'000;
  std::uint64_t rate = 2'000;  // Pages a second.
};

// A thresh-sink with an empty state, until it is killed.
class SinkProcess {
 public:
  explicit SinkProcess(const Bench& bench) {
    std::filesystem::remove_all(bench.path);
    std::filesystem::create_directories(bench.path);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::execl(bench.sink.c_str(), "thresh-sink", "--state", bench.path.c_str(), "--log-level",
            "error", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ~SinkProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  SinkProcess(const SinkProcess&) = delete;
  SinkProcess& operator=(const SinkProcess&) = delete;

  // User and system time of all its threads so far.
  [[nodiscard]] double CpuSeconds() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
      std::fprintf(stderr, "thresh-bench-sink: the sink has ended\n");
      std::exit(1);
    }
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }

 private:
  pid_t pid_ = -1;
};

// A fetcher and two parsers of a sink.
class Peers {
 public:
  Peers(uv_loop_t& loop, zmq::context_t& context, const std::string& endpoint)
      : fetcher_(Connect(loop, context, endpoint, fetcher_id_, [this](Frames& f) { Take(f); })) {
    for (const PeerId& id : parser_ids_) {
      parsers_.push_back(Connect(loop, context, endpoint, id, [](Frames&) {}));
    }
  }

  // The first SYNC names no sink: it is greeted only.
  void Sync() {
    wire::Envelope envelope = MakeEnvelope(fetcher_id_, sink_);
    envelope.mutable_sync()->set_next_id(1);
    envelope.mutable_sync()->set_low(1);
    Send(*fetcher_, envelope, {});
  }
  void SendPage(const std::string& item, const bench::Records& records) {
    const std::uint64_t id = ++sent_;
    const std::size_t parser = id % parsers_.size();
    wire::Envelope envelope = MakeEnvelope(parser_ids_[parser], std::nullopt);
    *envelope.mutable_result() = bench::ResultOf(id, item);
    ToWire(fetcher_id_, envelope.mutable_result()->mutable_source());
    Send(*parsers_[parser], envelope, {records.data(), records.size()});
  }

  [[nodiscard]] bool synced() const { return synced_; }
  [[nodiscard]] bool met() const { return sink_.has_value(); }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t acked() const { return acked_; }
  [[nodiscard]] std::uint64_t acks() const { return acks_; }

 private:
  static std::unique_ptr<BusSocket> Connect(uv_loop_t& loop, zmq::context_t& context,
                                            const std::string& endpoint, const PeerId& id,
                                            BusSocket::MessageFn take) {
    auto made =
        BusSocket::Create(loop, context, BusSocket::Kind::kDealer, RoutingId(id), std::move(take));
    if (!made || !(*made)->Connect(endpoint)) std::abort();
    return std::move(*made);
  }
  static void Send(BusSocket& socket, const wire::Envelope& envelope, std::string_view second) {
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    if (!second.empty()) frames.push_back(CopyFrame(second));
    if (!socket.Send(frames)) std::abort();
  }
  void Take(Frames& frames) {
    const Result<Received> received = DecodeEnvelope(frames.at(0));
    if (!received || !received->envelope.has_ack()) std::abort();
    sink_ = received->from;
    const wire::Ack& ack = received->envelope.ack();
    synced_ = synced_ || ack.synced();
    if (ack.entries().empty()) return;
    ++acks_;
    acked_ += static_cast<std::uint64_t>(ack.entries_size());
    wire::Envelope envelope = MakeEnvelope(fetcher_id_, sink_);
    envelope.mutable_low()->set_low(acked_ + 1);
    Send(*fetcher_, envelope, {});
  }

  const PeerId fetcher_id_ = NewPeerId();
  const std::vector<PeerId> parser_ids_ = {NewPeerId(), NewPeerId()};
  std::optional<PeerId> sink_;
  bool synced_ = false;
  std::uint64_t sent_ = 0, acked_ = 0, acks_ = 0;
  std::unique_ptr<BusSocket> fetcher_;
  std::vector<std::unique_ptr<BusSocket>> parsers_;
};

void Nap(std::chrono::microseconds nap) {
  const timespec time{.tv_sec = 0, .tv_nsec = nap.count() * 1000};
  ::nanosleep(&time, nullptr);
}

// Sends `count` pages, each when it is due, and waits for their ACKs.
void Feed(uv_loop_t& loop, Peers& peers, const Bench& bench, const std::string& item,
          const bench::Records& records, std::uint64_t count) {
  const std::uint64_t before = peers.sent(), goal = before + count;
  const auto begin = Clock::now();
  while (peers.acked() < goal) {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto due = static_cast<std::uint64_t>(seconds * static_cast<double>(bench.rate));
    while (peers.sent() < std::min(goal, before + due)) peers.SendPage(item, records);
    uv_run(&loop, UV_RUN_NOWAIT);
    Nap(std::chrono::microseconds(200));
  }
}

void MeasurePages(const Bench& bench, const std::string& item, const bench::Records& records) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) std::abort();
  zmq::context_t context;
  const SinkProcess sink(bench);
  {
    Peers peers(loop, context, "ipc://" + bench.path + "/sink.ipc");
    for (peers.Sync(); !peers.met(); Nap(std::chrono::milliseconds(1))) {
      uv_run(&loop, UV_RUN_NOWAIT);
    }
    for (peers.Sync(); !peers.synced();) uv_run(&loop, UV_RUN_ONCE);
    Feed(loop, peers, bench, item, records, bench.pages / 10 + 1);  // Warm.
    const double cpu_before = sink.CpuSeconds();
    const std::uint64_t acks_before = peers.acks();
    const auto begin = Clock::now();
    Feed(loop, peers, bench, item, records, bench.pages);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const double pages = static_cast<double>(bench.pages);
    std::printf("{\"page\":\"%s\",\"cpu_us\":%.1f,\"pages_per_s\":%.0f,\"pages_per_ack\":%.1f}\n",
                item.c_str(), (sink.CpuSeconds() - cpu_before) * 1e6 / pages, pages / seconds,
                pages / static_cast<double>(peers.acks() - acks_before));
  }
  uv_run(&loop, UV_RUN_NOWAIT);  // The sockets' handles close.
  uv_loop_close(&loop);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--sink") bench.sink = argv[i + 1];
    if (option == "--path") bench.path = argv[i + 1];
    if (option == "--pages") bench.pages = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--rate") bench.rate = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (bench.sink.empty() || bench.path.empty() || bench.pages == 0 || bench.rate == 0) {
    std::fprintf(stderr,
                 "usage: thresh-bench-sink --sink BINARY --path DIR [--pages 10000] [--rate 2000]; "
                 "empties DIR\n");
    return 64;
  }
  MeasurePages(bench, "review", bench::Reviews());
  MeasurePages(bench, "place", bench::Places());
  std::filesystem::remove_all(bench.path);
  return 0;
}
