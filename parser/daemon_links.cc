// ParserDaemon: its connections to fetcher and sink, here or on another machine, and their end.

#include <chrono>
#include <string>
#include <utility>

#include "lib/base/log.h"
#include "lib/bus/tcp_address.h"
#include "lib/config/daemon_main.h"
#include "lib/io/socket_path.h"
#include "parser/daemon.h"
#include "parser/waiting_page.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

// For what says that we go. A peer that is there takes it in a millisecond.
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::seconds kLogEvery{30};

}  // namespace

// In the sandbox no name can be looked up, and no key read.
Result<> ParserDaemon::ResolveRemote() {
  RemoteOptions& remote = options_.remote;
  for (std::string* const endpoint : {&remote.fetcher, &remote.sink}) {
    const Result<TcpAddress> address = ResolveTcp(*endpoint);
    if (!address) return address.error();
    if (remote.without_keys && !address->is_loopback) {
      return Error{Errc::kInvalid,
                   "--without-keys: " + *endpoint + " is not loopback: anyone could listen in"};
    }
    *endpoint = address->endpoint;
    options_.sandbox.tcp_ports.push_back(address->port);
  }
  if (remote.without_keys) return Ok{};
  if (remote.key_file.empty() || remote.server_key_file.empty()) {
    return Error{Errc::kInvalid,
                 "--fetcher and --sink: expected --key and --server-key, files that `thresh keys` "
                 "makes; --without-keys is for loopback"};
  }
  Result<CurveKeys> keys = ReadSecretKey(remote.key_file);
  if (!keys) return keys.error();
  Result<std::string> server = ReadPublicKey(remote.server_key_file);
  if (!server) return server.error();
  keys_ = std::move(*keys);
  server_key_ = std::move(*server);
  return Ok{};
}

Result<> ParserDaemon::OpenWires() {
  const auto endpoint = [this](const std::string& remote, const char* name) {
    return is_remote() ? remote : "ipc://" + SocketPath(options_.state_dir, name);
  };
  auto fetcher = OpenWire(endpoint(options_.remote.fetcher, "parsers.ipc"),
                          [this](Frames& f) { ReceiveFromFetcher(f); });
  if (!fetcher) return fetcher.error();
  to_fetcher_ = std::move(*fetcher);
  auto sink = OpenWire(endpoint(options_.remote.sink, "sink.ipc"),
                       [this](Frames& f) { ReceiveFromSink(f); });
  if (!sink) return sink.error();
  to_sink_ = std::move(*sink);
  auto fetcher_watch = LinkWatch::Create(loop_, context_, *to_fetcher_, [this](LinkEvent e) {
    TakeLinkEvent(e, "fetcher", &fetcher_up_);
  });
  if (!fetcher_watch) return fetcher_watch.error();
  fetcher_watch_ = std::move(*fetcher_watch);
  auto sink_watch = LinkWatch::Create(loop_, context_, *to_sink_,
                                      [this](LinkEvent e) { TakeLinkEvent(e, "sink", &sink_up_); });
  if (!sink_watch) return sink_watch.error();
  sink_watch_ = std::move(*sink_watch);
  return Ok{};
}

Result<std::unique_ptr<BusSocket>> ParserDaemon::OpenWire(const std::string& endpoint,
                                                          BusSocket::MessageFn receive) {
  auto socket =
      BusSocket::Create(loop_, context_, BusSocket::Kind::kDealer, routing_id_, std::move(receive));
  if (!socket) return socket.error();
  if (is_remote() && !options_.remote.without_keys) {
    if (Result<> used = (*socket)->UseKeys(keys_, server_key_); !used) return used.error();
  }
  (*socket)->AllowIpv6(endpoint.starts_with("tcp://["));
  if (Result<> connected = (*socket)->Connect(endpoint); !connected) return connected.error();
  return socket;
}

// A network that is cut takes along what was on its way, and neither end knows what that was.
void ParserDaemon::TakeLinkEvent(LinkEvent event, const char* peer, bool* is_up) {
  switch (event) {
    case LinkEvent::kUp: *is_up = true; break;
    case LinkEvent::kDown:
      if (std::exchange(*is_up, false) && is_remote()) {
        log::Warn("link.cut", {{"peer", peer}});
        BeginNewLife();
      }
      break;
    case LinkEvent::kHungUp: {
      const auto now = std::chrono::steady_clock::now();
      if (!is_remote() || now - hung_up_logged_at_ < kLogEvery) break;
      hung_up_logged_at_ = now;
      log::Warn("link.hung_up",
                {{"peer", peer},
                 {"why", options_.remote.without_keys
                             ? "it takes no one without keys, or went away"
                             : "the key in --server-key is not its key, or it went away"}});
      break;
    }
    case LinkEvent::kRefused:
      log::Error("link.refused", {{"peer", peer},
                                  {"why", "our key is not on its list (--clients)"},
                                  {"public_key", KeyText(keys_.public_key)}});
      StopLoop(loop_, kExitNoPeer);
      break;
    case LinkEvent::kNotThresh:
      log::Error("link.refused",
                 {{"peer", peer}, {"why", "it speaks without keys, or is no thresh"}});
      StopLoop(loop_, kExitNoPeer);
      break;
  }
}

// The fetcher hands out again whatever this life had, and the sink counts its credit anew.
void ParserDaemon::BeginNewLife() {
  wire::Envelope goodbye = MakeEnvelope(self_, fetcher_);
  goodbye.mutable_goodbye();
  Frames frames;
  frames.push_back(EncodeEnvelope(goodbye));
  (void)to_fetcher_->Send(frames).ok();  // Unheard, our new name says the same.
  self_ = NewLife(self_.uuid);
  waiting_.clear();
  parsed_.clear();
  parsed_total_ = received_total_ = 0;
  sent_bytes_ = byte_credit_ = 0;
  std::erase_if(recipes_, [](const auto& r) { return !r.second.known(); });
  SendHellos();
}

// Our pages are with others before we are gone.
void ParserDaemon::Leave() {
  if (fetcher_ && fetcher_up_) {
    if (!parsed_.empty()) SendCredit();
    wire::Envelope goodbye = MakeEnvelope(self_, fetcher_);
    goodbye.mutable_goodbye();
    Frames frames;
    frames.push_back(EncodeEnvelope(goodbye));
    if (to_fetcher_->Send(frames).ok()) to_fetcher_->LingerFor(kLinger);
    if (sink_up_) to_sink_->LingerFor(kLinger);
  }
  uv_stop(&loop_);
}

}  // namespace thresh
