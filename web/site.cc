#include "web/site.h"

#include <httplib.h>

#include <charconv>
#include <thread>
#include <utility>

#include "lib/io/credential.h"
#include "lib/io/file.h"
#include "web/api.h"
#include "web/assets.h"
#include "web/gate.h"

namespace thresh {
namespace {

using httplib::Request;
using httplib::Response;

// One a request under way; a browser keeps some connections open for a moment.
constexpr std::size_t kThreads = 24;
constexpr std::size_t kMostFeedBytes = 1 << 20;
constexpr int kReadSeconds = 5;
constexpr int kKeepAliveSeconds = 2;

void Give(Reply reply, Response* response) {
  response->status = reply.status;
  response->set_header("Cache-Control", "no-store");
  response->set_content(std::move(reply.text), reply.type);
}

// Nothing from elsewhere, nothing in line; nobody may frame the page or read it from another one.
httplib::Headers SafetyHeaders() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
           "require-trusted-types-for 'script'"},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

void GiveAsset(const Asset& asset, const Request& request, Response* response) {
  response->set_header("ETag", std::string(asset.tag));
  response->set_header("Cache-Control", "no-cache");
  if (request.get_header_value("If-None-Match") == asset.tag) {
    response->status = 304;
  } else {
    response->set_content(asset.bytes.data(), asset.bytes.size(), std::string(asset.type));
  }
}

Result<std::string> ReadToken(const std::string& path) {
  if (path.empty()) return std::string();
  const CredentialFile file = FindCredential(path);
  Result<std::string> text = ReadWholeFile(file.path);
  if (!text) return Error{Errc::kInvalid, "--token-file: " + text.error().detail};
  if (GrantsAny(file, S_IROTH | S_IWOTH | S_IWGRP)) {
    return Error{Errc::kInvalid, "--token-file: " + path +
                                     ": others may read this token: chmod 600 it, and make "
                                     "another if they may have"};
  }
  std::string token = text->substr(0, text->find_first_of("\r\n"));
  if (token.size() >= 16) return token;
  return Error{Errc::kInvalid, "--token-file: " + path +
                                   ": expected a first line of 16 letters or more, found " +
                                   std::to_string(token.size())};
}

Reply NotWhole(bool too_large) {
  if (!too_large) return Fault(400, "the lines cannot be read to their end");
  return Fault(413, "expected at most " + std::to_string(kMostFeedBytes) +
                        " bytes of lines: feed them in parts");
}

Result<int> ParsePort(const std::string& text) {
  int port = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault == std::errc() && end == text.data() + text.size() && port >= 0 && port <= 65535) {
    return port;
  }
  return Error{Errc::kInvalid, "--listen: expected ADDRESS:PORT, as 127.0.0.1:8765, found port " +
                                   (text.empty() ? std::string("none") : text)};
}

}  // namespace

struct Site::Parts {
  Parts(const WebOptions& options, std::string given_token)
      : api(options.run_dir, options.feed_socket),
        gate(options.listen, options.allow_hosts),
        token(std::move(given_token)) {}

  void SetUp();
  void SetRoutes();
  [[nodiscard]] bool LetIn(const Request& request, Response* response) const;
  void TakeFeed(const Request& request, const std::string& lines, Response* response);

  Api api;
  const Gate gate;
  const std::string token;
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

bool Site::Parts::LetIn(const Request& request, Response* response) const {
  const std::string host = request.get_header_value("Host");
  const std::string origin = request.get_header_value("Origin");
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  const std::string refusal = gate.Refusal({.method = request.method,
                                            .host = host,
                                            .hosts = request.get_header_value_count("Host"),
                                            .origin = origin,
                                            .fetch_site = site});
  if (!refusal.empty()) Give(Fault(403, refusal), response);
  return refusal.empty();
}

void Site::Parts::TakeFeed(const Request& request, const std::string& lines, Response* response) {
  const std::string given = request.get_header_value("Authorization");
  if (token.empty()) {
    Give(Fault(403, "feeding is off: thresh-web has no --token-file"), response);
  } else if (!SameSecret(given, "Bearer " + token)) {
    response->set_header("WWW-Authenticate", "Bearer");
    Give(Fault(401, "expected the token: Authorization: Bearer TOKEN"), response);
  } else {
    Give(api.Feed(lines), response);
  }
}

void Site::Parts::SetUp() {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_timeout(kKeepAliveSeconds);
  server.set_read_timeout(kReadSeconds);
  server.set_write_timeout(kReadSeconds);
  server.set_payload_max_length(kMostFeedBytes);
  server.set_tcp_nodelay(true);
  // Not SO_REUSEPORT, the library's own way: two would share the port, and nobody would be told.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_default_headers(SafetyHeaders());
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    return LetIn(request, &response) ? httplib::Server::HandlerResponse::Unhandled
                                     : httplib::Server::HandlerResponse::Handled;
  });
  server.set_error_handler([](const Request&, Response& response) {
    if (!response.body.empty()) return;
    const int status = response.status;
    Give(Fault(status, status == 404 ? "there is nothing here" : "the request cannot be used"),
         &response);
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
    Give(Fault(500, "internal error"), &response);
  });
  SetRoutes();
}

void Site::Parts::SetRoutes() {
  for (const Asset& asset : Assets()) {
    server.Get(std::string(asset.path), [&asset](const Request& request, Response& response) {
      GiveAsset(asset, request, &response);
    });
  }
  using Answer = Reply (*)(Api&, const ParameterFn&);
  const std::pair<const char*, Answer> answers[] = {
      {"/api/live", [](Api& of, const ParameterFn& get) { return of.Live(get); }},
      {"/api/ledger", [](Api& of, const ParameterFn&) { return of.Ledger(); }},
      {"/api/search", [](Api& of, const ParameterFn& get) { return of.Search(get); }},
      {"/api/why", [](Api& of, const ParameterFn& get) { return of.Why(get); }},
      {"/api/jobs", [](Api& of, const ParameterFn& get) { return of.Jobs(get); }},
      {"/api/letters", [](Api& of, const ParameterFn& get) { return of.Letters(get); }},
      {"/api/letter", [](Api& of, const ParameterFn& get) { return of.LetterBody(get); }},
      {"/metrics", [](Api& of, const ParameterFn&) { return of.Prometheus(); }},
      {"/healthz", [](Api& of, const ParameterFn&) { return of.Health(); }}};
  for (const auto& [path, answer] : answers) {
    server.Get(path, [this, answer = answer](const Request& request, Response& response) {
      Give(answer(api, [&](const char* name) { return request.get_param_value(name); }), &response);
    });
  }
  // Read here: of what curl calls a form by itself the library would take 8 KiB.
  server.Post("/feed", [this](const Request& request, Response& response,
                              const httplib::ContentReader& read) {
    if (request.is_multipart_form_data()) {
      Give(Fault(415, "expected lines as they are: curl --data-binary @FILE"), &response);
      return;
    }
    std::string lines;
    bool too_large = false;
    const bool whole = read([&](const char* data, std::size_t size) {
      too_large = lines.size() + size > kMostFeedBytes;
      if (!too_large) lines.append(data, size);
      return !too_large;
    });
    if (whole) {
      TakeFeed(request, lines, &response);
    } else {
      Give(NotWhole(too_large || response.status == 413), &response);
    }
  });
}

Result<std::unique_ptr<Site>> Site::Open(const WebOptions& options) {
  const HostPort listen = SplitHostPort(options.listen);
  Result<int> port = ParsePort(listen.port);
  if (!port) return port.error();
  Result<std::string> token = ReadToken(options.token_file);
  if (!token) return token.error();
  auto parts = std::make_unique<Parts>(options, std::move(*token));
  parts->SetUp();
  std::string address = listen.name;
  if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
  const bool bound = *port == 0 ? (parts->port = parts->server.bind_to_any_port(address)) > 0
                                : parts->server.bind_to_port(address, *port);
  if (!bound) {
    return Error{Errc::kUnavailable, "cannot listen on " + options.listen +
                                         ": the port is taken, or the address is not this "
                                         "machine's; --listen ADDRESS:PORT gives another one"};
  }
  if (*port != 0) parts->port = *port;
  parts->thread = std::thread([site = parts.get()] { site->server.listen_after_bind(); });
  return std::unique_ptr<Site>(new Site(std::move(parts)));
}

Site::Site(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Site::~Site() {
  while (!parts_->server.is_running()) std::this_thread::yield();  // It would not hear of stop().
  parts_->server.stop();
  parts_->thread.join();
}

int Site::port() const noexcept {
  return parts_->port;
}

}  // namespace thresh
