#include "lib/bus/bus_socket.h"

#include <cerrno>
#include <sstream>
#include <string_view>
#include <utility>

#include "lib/io/socket_path.h"

namespace thresh {
namespace {

constexpr int kHeartbeatMs = 2000;
constexpr int kHeartbeatTimeoutMs = 5000;  // A parser busy with a page still answers: ZeroMQ's
                                           // own thread does. This is for a dead network.
constexpr std::int64_t kMaxMessageBytes = 72 << 20;
constexpr int kHighWaterMark = 100'000;  // Never reached: credit bounds what is under way.

constexpr std::string_view kIpc = "ipc://";

bool IsEndpoint(std::string_view endpoint) {
  return endpoint.starts_with(kIpc) || endpoint.starts_with("tcp://");
}

Error NoEndpoint(const std::string& endpoint) {
  return {Errc::kInvalid,
          "not an endpoint: " + endpoint + " (expected ipc://PATH or tcp://HOST:PORT)"};
}

zmq::socket_type TypeOf(BusSocket::Kind kind) {
  switch (kind) {
    case BusSocket::Kind::kRouter: return zmq::socket_type::router;
    case BusSocket::Kind::kPair: return zmq::socket_type::pair;
    default: return zmq::socket_type::dealer;
  }
}

void SetOptions(zmq::socket_t& socket, BusSocket::Kind kind, std::string_view routing_id) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndhwm, kHighWaterMark);
  socket.set(zmq::sockopt::rcvhwm, kHighWaterMark);
  socket.set(zmq::sockopt::maxmsgsize, kMaxMessageBytes);
  socket.set(zmq::sockopt::heartbeat_ivl, kHeartbeatMs);
  socket.set(zmq::sockopt::heartbeat_timeout, kHeartbeatTimeoutMs);
  socket.set(zmq::sockopt::handshake_ivl, kHeartbeatTimeoutMs);
  socket.set(zmq::sockopt::reconnect_ivl, 5);
  socket.set(zmq::sockopt::reconnect_ivl_max, 500);
  if (kind == BusSocket::Kind::kRouter) {
    socket.set(zmq::sockopt::router_mandatory, true);  // Else it drops messages silently.
    socket.set(zmq::sockopt::router_handover, true);
  } else if (!routing_id.empty()) {
    socket.set(zmq::sockopt::routing_id, zmq::const_buffer(routing_id.data(), routing_id.size()));
  }
}

// A signal may have come while ZeroMQ looked for commands, before anything was done.
template <typename Call>
auto UntilUninterrupted(Call call) {
  for (;;) {
    try {
      return call();
    } catch (const zmq::error_t& e) {
      if (e.num() != EINTR) throw;
    }
  }
}

}  // namespace

Result<std::unique_ptr<BusSocket>> BusSocket::Create(uv_loop_t& loop, zmq::context_t& context,
                                                     Kind kind, std::string_view routing_id,
                                                     MessageFn on_message) try {
  zmq::socket_t socket(context, TypeOf(kind));
  SetOptions(socket, kind, routing_id);
  const int fd = socket.get(zmq::sockopt::fd);
  std::unique_ptr<BusSocket> bus(new BusSocket(std::move(on_message), std::move(socket)));
  bus->poll_ =
      MakeUv<uv_poll_t>(bus.get(), [&](uv_poll_t* p) { return uv_poll_init(&loop, p, fd); });
  bus->prepare_ =
      MakeUv<uv_prepare_t>(bus.get(), [&](uv_prepare_t* p) { return uv_prepare_init(&loop, p); });
  bus->idle_ = MakeUv<uv_idle_t>(bus.get(), [&](uv_idle_t* i) { return uv_idle_init(&loop, i); });
  if (!bus->poll_ || !bus->prepare_ || !bus->idle_) {
    return Error{Errc::kInternal, "libuv has no handle left"};
  }
  uv_poll_start(bus->poll_.get(), UV_READABLE, &OnReadable);
  return bus;
} catch (const zmq::error_t& e) {
  return Error{Errc::kInternal, std::string("cannot open a ZeroMQ socket: ") + e.what()};
}

BusSocket::BusSocket(MessageFn on_message, zmq::socket_t socket)
    : on_message_(std::move(on_message)), socket_(std::move(socket)) {}

Result<> BusSocket::Bind(const std::string& endpoint) {
  if (!IsEndpoint(endpoint)) return NoEndpoint(endpoint);
  return BindInside(endpoint);
}

Result<> BusSocket::BindInside(const std::string& endpoint) try {
  socket_.bind(endpoint);
  if (endpoint.starts_with(kIpc)) ShareSocket(endpoint.substr(kIpc.size()));
  return Ok{};
} catch (const zmq::error_t& e) {
  return Error{Errc::kInvalid, "cannot bind " + endpoint + ": " + e.what()};
}

Result<> BusSocket::Connect(const std::string& endpoint) {
  if (!IsEndpoint(endpoint)) return NoEndpoint(endpoint);
  return ConnectInside(endpoint);
}

Result<> BusSocket::ConnectInside(const std::string& endpoint) try {
  socket_.connect(endpoint);
  // Within a process nothing need happen any more: ZeroMQ tells only who has looked in vain.
  uv_prepare_start(prepare_.get(), &OnPrepare);
  return Ok{};
} catch (const zmq::error_t& e) {
  return Error{Errc::kInvalid, "cannot connect to " + endpoint + ": " + e.what()};
}

Result<std::string> BusSocket::BindAnyPort(const std::string& endpoint) try {
  if (Result<> bound = Bind(endpoint); !bound) return bound.error();
  return socket_.get(zmq::sockopt::last_endpoint);
} catch (const zmq::error_t& e) {
  return Error{Errc::kInternal, std::string("ZeroMQ does not know its endpoint: ") + e.what()};
}

// Who has no such keys in its libzmq learns it here.
Result<> BusSocket::ServeKeys(const CurveKeys& own) try {
  socket_.set(zmq::sockopt::curve_server, true);
  socket_.set(zmq::sockopt::curve_secretkey, zmq::buffer(own.secret_key));
  socket_.set(zmq::sockopt::zap_domain, "thresh");
  return Ok{};
} catch (const zmq::error_t& e) {
  return Error{Errc::kInvalid, std::string("this libzmq takes no keys: ") + e.what()};
}

Result<> BusSocket::UseKeys(const CurveKeys& own, const std::string& server_public_key) try {
  socket_.set(zmq::sockopt::curve_serverkey, zmq::buffer(server_public_key));
  socket_.set(zmq::sockopt::curve_publickey, zmq::buffer(own.public_key));
  socket_.set(zmq::sockopt::curve_secretkey, zmq::buffer(own.secret_key));
  return Ok{};
} catch (const zmq::error_t& e) {
  return Error{Errc::kInvalid, std::string("this libzmq takes no keys: ") + e.what()};
}

void BusSocket::AllowIpv6(bool allowed) {
  const int value = allowed ? 1 : 0;
  zmq_setsockopt(socket_.handle(), ZMQ_IPV6, &value, sizeof value);
}

void BusSocket::LingerFor(std::chrono::milliseconds longest) {
  const auto value = static_cast<int>(longest.count());
  zmq_setsockopt(socket_.handle(), ZMQ_LINGER, &value, sizeof value);
}

Result<std::string> BusSocket::Monitor(int events) {
  std::ostringstream endpoint;
  endpoint << "inproc://monitor-" << socket_.handle();
  if (zmq_socket_monitor(socket_.handle(), endpoint.str().c_str(), events) != 0) {
    return Error{Errc::kInternal, std::string("ZeroMQ has no monitor: ") + zmq_strerror(errno)};
  }
  return endpoint.str();
}

Result<> BusSocket::Send(Frames& frames) try {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto flags = zmq::send_flags::dontwait;
    if (i + 1 < frames.size()) flags = flags | zmq::send_flags::sndmore;
    // Only the first frame can be refused; then libzmq takes the message whole.
    if (!UntilUninterrupted([&] { return socket_.send(frames[i], flags); })) {
      return Error{i == 0 ? Errc::kBusy : Errc::kInternal, "the peer's queue is full"};
    }
  }
  uv_prepare_start(prepare_.get(), &OnPrepare);
  return Ok{};
} catch (const zmq::error_t& e) {
  if (e.num() == EHOSTUNREACH) return Error{Errc::kUnavailable, "the peer is gone"};
  return Error{Errc::kInternal, std::string("cannot send: ") + e.what()};
}

void BusSocket::OnReadable(uv_poll_t* poll, int, int) noexcept {
  static_cast<BusSocket*>(poll->data)->Drain();
}

void BusSocket::OnPrepare(uv_prepare_t* prepare) noexcept {
  static_cast<BusSocket*>(prepare->data)->DrainBeforeSleep();
}

// What is done about a message may send on another socket whose turn in this round of prepare
// watchers is over; the idle watcher then makes a round more before the loop sleeps.
void BusSocket::DrainBeforeSleep() {
  uv_prepare_stop(prepare_.get());
  uv_idle_stop(idle_.get());
  if (resting_ || Drain() == 0) return;
  uv_prepare_start(prepare_.get(), &OnPrepare);
  uv_idle_start(idle_.get(), [](uv_idle_t*) {});
}

void BusSocket::Rest() {
  if (!std::exchange(resting_, true)) uv_poll_stop(poll_.get());
}

// The edge may be long past.
void BusSocket::Wake() {
  if (!std::exchange(resting_, false)) return;
  uv_poll_start(poll_.get(), UV_READABLE, &OnReadable);
  uv_prepare_start(prepare_.get(), &OnPrepare);
}

std::size_t BusSocket::Drain() try {
  for (std::size_t count = 0;; ++count) {
    frames_.clear();
    do {
      zmq::message_t frame;
      const auto received =
          UntilUninterrupted([&] { return socket_.recv(frame, zmq::recv_flags::dontwait); });
      if (!received) return count;
      frames_.push_back(std::move(frame));
    } while (frames_.back().more());
    on_message_(frames_);
  }
} catch (const zmq::error_t&) {  // Come back before the loop sleeps.
  uv_prepare_start(prepare_.get(), &OnPrepare);
  uv_idle_start(idle_.get(), [](uv_idle_t*) {});
  return 0;
}

zmq::message_t CopyFrame(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

zmq::message_t ShareFrame(SharedBytes bytes) {
  auto share = std::make_unique<SharedBytes>(std::move(bytes));
  const std::string_view view = share->View();
  // ZeroMQ does not write to what it sends: its signature only lacks the const.
  return {const_cast<char*>(view.data()), view.size(),
          [](void*, void* hint) { delete static_cast<SharedBytes*>(hint); }, share.release()};
}

}  // namespace thresh
