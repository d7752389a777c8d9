#include "lib/bus/tcp_door.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "lib/base/log.h"
#include "lib/bus/tcp_address.h"

namespace thresh {
namespace {

constexpr std::uint64_t kLogEveryMs = 1000;

std::uint64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// Another one after each change, in whatever way the file was written.
std::string VersionOf(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " +
         std::to_string(info.st_mtim.tv_sec) + " " + std::to_string(info.st_mtim.tv_nsec);
}

}  // namespace

Result<std::unique_ptr<TcpDoor>> TcpDoor::Open(uv_loop_t& loop, zmq::context_t& context,
                                               BusSocket& socket, const TcpDoorOptions& options) {
  if (options.endpoint.empty()) return std::unique_ptr<TcpDoor>();
  const Result<TcpAddress> address = ResolveTcp(options.endpoint);
  if (!address) return Error{Errc::kInvalid, "--listen: " + address.error().detail};
  std::unique_ptr<TcpDoor> door(new TcpDoor(options));
  if (!options.without_keys) {
    if (Result<> used = door->UseKeys(loop, context, socket); !used) return used.error();
  } else if (!address->is_loopback) {
    return Error{Errc::kInvalid, "--listen-without-keys: " + options.endpoint +
                                     " is not loopback: anyone could come in"};
  }
  socket.AllowIpv6(address->is_ipv6);
  const Result<std::string> bound = socket.BindAnyPort(address->endpoint);
  if (!bound) return bound.error();
  log::Info("bus.listening", {{"endpoint", *bound}, {"keys", options.without_keys ? "no" : "yes"}});
  auto watch = LinkWatch::Create(loop, context, socket,
                                 [d = door.get()](LinkEvent event) { d->TakeEvent(event); });
  if (!watch) return watch.error();
  door->watch_ = std::move(*watch);
  return door;
}

Result<> TcpDoor::UseKeys(uv_loop_t& loop, zmq::context_t& context, BusSocket& socket) {
  if (options_.key_file.empty() || options_.clients_file.empty()) {
    return Error{Errc::kInvalid, "--listen " + options_.endpoint +
                                     ": expected --key and --clients, files that `thresh keys` "
                                     "makes; --listen-without-keys is for loopback"};
  }
  const Result<CurveKeys> keys = ReadSecretKey(options_.key_file);
  if (!keys) return keys.error();
  auto clients = ReadPublicKeys(options_.clients_file);
  if (!clients) return clients.error();
  clients_ = std::move(*clients);
  clients_version_ = VersionOf(options_.clients_file);
  // The answerer must be there first: who came before it would come in unasked.
  auto zap = BusSocket::Create(loop, context, BusSocket::Kind::kRouter, "",
                               [this](Frames& frames) { AnswerZap(frames); });
  if (!zap) return zap.error();
  zap_ = std::move(*zap);
  if (Result<> bound = zap_->BindInside("inproc://zeromq.zap.01"); !bound) return bound;
  return socket.ServeKeys(*keys);
}

// RFC 27: version, request id, domain, address, identity, mechanism, key; behind a routing id and
// an empty frame.
void TcpDoor::AnswerZap(Frames& frames) {
  constexpr std::size_t kFrames = 9;
  if (frames.size() < 4) return;
  const bool is_curve = frames.size() == kFrames && View(frames[7]) == "CURVE";
  const std::string key = is_curve ? frames[8].to_string() : std::string();
  const std::string* const name = is_curve ? NameOf(key) : nullptr;
  if (name == nullptr) {
    const std::string_view from = frames.size() > 5 ? View(frames[5]) : std::string_view();
    LogRefused(from, KeyText(key), "its key is not in " + options_.clients_file);
  }
  Frames answer;
  for (std::size_t i = 0; i < 4; ++i) answer.push_back(std::move(frames[i]));
  answer.push_back(CopyFrame(name != nullptr ? "200" : "400"));
  answer.push_back(CopyFrame(name != nullptr ? "OK" : "this key is not on the list"));
  answer.push_back(CopyFrame(name != nullptr ? *name : ""));
  answer.push_back(CopyFrame(""));
  (void)zap_->Send(answer).ok();  // Who does not wait any more was not let in.
}

// A file that is broken or gone changes nothing until it is whole again.
const std::string* TcpDoor::NameOf(const std::string& public_key) {
  const std::string version = VersionOf(options_.clients_file);
  if (version != clients_version_) {
    clients_version_ = version;
    if (auto clients = ReadPublicKeys(options_.clients_file); clients) {
      clients_ = std::move(*clients);
      log::Info("bus.keys_read", {{"clients_count", clients_.size()}});
    } else {
      log::Warn("bus.keys_kept", {{"why", clients.error().detail}});
    }
  }
  const auto found = clients_.find(public_key);
  return found == clients_.end() ? nullptr : &found->second;
}

void TcpDoor::TakeEvent(LinkEvent event) {
  if (event == LinkEvent::kNotThresh) {
    LogRefused("", "",
               options_.without_keys
                   ? "it speaks another protocol, or with keys"
                   : "it knows another key than ours as the server's, or has none");
  }
}

// Whoever reaches the port can make it happen: not a line for each.
void TcpDoor::LogRefused(std::string_view from, std::string_view key, std::string_view why) {
  ++refused_count_;
  const std::uint64_t now = NowMs();
  if (logged_at_ms_ != 0 && now - logged_at_ms_ < kLogEveryMs) return;
  logged_at_ms_ = now;
  log::Warn("peer.refused", {{"from", from},
                             {"public_key", key},
                             {"why", why},
                             {"refused_count", std::exchange(refused_count_, 0)}});
}

}  // namespace thresh
