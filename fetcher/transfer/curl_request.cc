#include "fetcher/transfer/curl_request.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// RFC 9110, 5.5: no line ends, which would begin another header or another request.
bool IsFieldValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// What frames the message is libcurl's to say.
bool IsFraming(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kNames{
      "connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Error BadRequest(std::string detail) {
  return {Errc::kInvalid, std::move(detail), "bad_request"};
}

Result<> CheckRequest(const FetchJob& job) {
  if (!IsToken(job.method)) {
    return BadRequest("method: expected a name such as POST, found \"" + job.method + "\"");
  }
  for (const auto& [name, value] : job.headers) {
    if (!IsToken(name) || IsFraming(InLowerCase(name))) {
      return BadRequest("a header named \"" + name + "\" cannot be set");
    }
    if (!IsFieldValue(value)) {
      return BadRequest("the header " + name + ": expected text in one line");
    }
  }
  return Ok{};
}

long Ms(std::chrono::milliseconds time) {
  return static_cast<long>(time.count());
}

// libcurl counts in whole seconds.
long Seconds(std::chrono::milliseconds time) {
  return static_cast<long>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

const FetchRoute& RouteOf(const FetchJob& job) {
  static const FetchRoute kPlain;
  return job.route ? *job.route : kPlain;
}

}  // namespace

UrlHost HostOf(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const bool secure = url.starts_with("https:");
  std::string_view host = url.substr(scheme_end + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0.
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && !host.ends_with(']');
  if (!has_port) return {host, secure ? "443" : "80"};
  return {host.substr(0, colon), host.substr(colon + 1)};
}

const char* DefaultUserAgent() {
  return "thresh/" THRESH_VERSION;
}

CurlRequest::CurlRequest() : easy_(curl_easy_init()) {
  if (easy_) SetBase();
}

// All that is the same for every request.
void CurlRequest::SetBase() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said_.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // Dots were resolved when it was parsed.
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // What parsers can unpack; libcurl leaves it packed.
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br, zstd");
  curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, static_cast<long>(kReadBytes));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);  // See SetResolve().
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &OnPrereq);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  SetCallbacks(callbacks_);
  limits_ = {};
  SetLimits(limits_);
  route_ = nullptr;
  SetRoute({});
  plain_ = true;
  resolves_ = false;
  unpacks_ = false;
  hangs_up_ = false;
}

void CurlRequest::SetCallbacks(const Callbacks& callbacks) {
  CURL* easy = easy_.get();
  callbacks_ = callbacks;
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callbacks.on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, callbacks.data);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callbacks.on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, callbacks.data);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, callbacks.data);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callbacks.on_close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, callbacks.close_data);
}

Result<> CurlRequest::SetRequest(const FetchJob& job) {
  if (Result<> checked = CheckRequest(job); !checked) return checked;
  const FetchRoute& route = RouteOf(job);
  hostname_ = std::string(HostOf(job.url).name);
  refused_.clear();
  if (!route.proxy.empty() && !route.guard.MayAskProxyFor(hostname_)) {
    refused_ = hostname_;
    return Error{Errc::kInvalid, "the proxy is not asked for " + hostname_, "private_address"};
  }
  opened_ = false;
  const bool plain =
      job.method == "GET" && job.body.empty() && job.auth.kind == FetchAuth::Kind::kNone;
  if (route_ != job.route || !plain_) {
    curl_easy_reset(easy_.get());
    SetBase();
    if (job.route) SetRoute(route);
    route_ = job.route;
  }
  if (limits_ != job.limits) SetLimits(job.limits);
  if (!plain) {
    plain_ = false;
    SetMethod(job);
    SetAuth(job.auth);
  }
  if (headers_ || !job.headers.empty() || !job.body.empty()) SetHeaders(job);
  if (std::exchange(unpacks_, job.unpack) != job.unpack) {
    curl_easy_setopt(easy_.get(), CURLOPT_HTTP_CONTENT_DECODING, job.unpack ? 1L : 0L);
  }
  if (std::exchange(hangs_up_, job.hang_up) != job.hang_up) {
    curl_easy_setopt(easy_.get(), CURLOPT_FORBID_REUSE, job.hang_up ? 1L : 0L);
  }
  SetResolve(nullptr);
  curl_easy_setopt(easy_.get(), CURLOPT_URL, job.url.c_str());
  // Waiting for a connection that may turn out to carry several requests pays with HTTP/2 only.
  if (route.http != FetchRoute::Http::k1) {
    curl_easy_setopt(easy_.get(), CURLOPT_PIPEWAIT, job.url.starts_with("https:") ? 1L : 0L);
  }
  return Ok{};
}

void CurlRequest::SetRoute(const FetchRoute& route) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
                   static_cast<long>(route.ip == FetchRoute::Ip::k4   ? CURL_IPRESOLVE_V4
                                     : route.ip == FetchRoute::Ip::k6 ? CURL_IPRESOLVE_V6
                                                                      : CURL_IPRESOLVE_WHATEVER));
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   static_cast<long>(route.http == FetchRoute::Http::k1 ? CURL_HTTP_VERSION_1_1
                                                                        : CURL_HTTP_VERSION_2TLS));
  if (!route.verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!route.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, route.ca_file.c_str());
  if (route.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");  // The environment's proxies are not ours.
  } else {
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROXY, route.proxy.c_str());
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT,
                   route.user_agent.empty() ? DefaultUserAgent() : route.user_agent.c_str());
}

void CurlRequest::SetLimits(const FetchLimits& limits) {
  CURL* easy = easy_.get();
  limits_ = limits;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, Ms(limits.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Ms(limits.timeout));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(limits.cut_body ? 0 : limits.max_body_bytes));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.low_speed_bytes));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   limits.low_speed_bytes > 0 ? Seconds(limits.low_speed_time) : 0L);
}

void CurlRequest::SetMethod(const FetchJob& job) {
  CURL* easy = easy_.get();
  if (!job.body.empty() || job.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(job.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job.body.c_str());  // Not copied.
  }
  if (job.method == "HEAD" && job.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (job.method != (job.body.empty() ? "GET" : "POST")) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, job.method.c_str());
  }
}

void CurlRequest::SetHeaders(const FetchJob& job) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : job.headers) {
    // libcurl's way of saying "with an empty value": a colon would take the header away.
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    list = curl_slist_append(list, line.c_str());
  }
  // No wait for a leave to send the body: servers that do not know it cost a second.
  if (!job.body.empty()) list = curl_slist_append(list, "Expect:");
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
  headers_.reset(list);
}

void CurlRequest::SetAuth(const FetchAuth& auth) {
  if (auth.kind == FetchAuth::Kind::kNone) return;
  curl_easy_setopt(
      easy_.get(), CURLOPT_HTTPAUTH,
      static_cast<long>(auth.kind == FetchAuth::Kind::kBasic ? CURLAUTH_BASIC : CURLAUTH_DIGEST));
  curl_easy_setopt(easy_.get(), CURLOPT_USERNAME, auth.user.c_str());
  curl_easy_setopt(easy_.get(), CURLOPT_PASSWORD, auth.password.c_str());
}

// libcurl keeps in one table what it is told and, of URLs with an address in them, that address,
// and looks through long chains in it. What it is told goes when we say so: with a lifetime it
// would look through all of it at each request. Addresses go with the next request that has one.
void CurlRequest::SetResolve(CurlList entries) {
  if (!entries && !resolves_) return;
  const bool resolves = entries != nullptr;
  if (std::exchange(resolves_, resolves) != resolves) {
    curl_easy_setopt(easy_.get(), CURLOPT_DNS_CACHE_TIMEOUT, resolves ? -1L : 0L);
  }
  curl_easy_setopt(easy_.get(), CURLOPT_RESOLVE, entries.get());
  resolve_ = std::move(entries);
}

// ---- The guard -------------------------------------------------------------------

bool CurlRequest::MayConnect(const std::optional<AddressBytes>& address) {
  static const AddressGuard kNothingPrivate;
  const AddressGuard& guard = route_ ? route_->guard : kNothingPrivate;
  // What connects to a proxy, its owner has written down.
  if (route_ && !route_->proxy.empty()) return true;
  if (address && guard.MayConnect(hostname_, *address)) return true;
  opened_ = false;
  refused_ = address ? TextOf(*address) : "an address that is no IP address";
  return false;
}

curl_socket_t CurlRequest::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* to) noexcept {
  auto& request = *static_cast<CurlRequest*>(self);
  if (!request.MayConnect(AddressOf(to->addr))) return CURL_SOCKET_BAD;
  request.opened_ = true;
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

// A second look: a connection that is used again was made for another request.
int CurlRequest::OnPrereq(void* self, char* remote, char*, int, int) noexcept {
  const bool may = static_cast<CurlRequest*>(self)->MayConnect(AddressOf(std::string_view(remote)));
  return may ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

// ---- What comes back --------------------------------------------------------------

FailureKind CurlRequest::FailureOf(CURLcode code) const {
  return ClassifyFailure(code, said_.data());
}

std::string CurlRequest::DetailOf(CURLcode code) const {
  return said_.front() != '\0' ? said_.data() : curl_easy_strerror(code);
}

FailureKind ClassifyFailure(CURLcode code, std::string_view said) {
  // For chunks that are none libcurl has no code.
  if (said.find("in chunked-encoding") != std::string_view::npos) return {"bad_answer", false};
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return {"dns", true};
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return {"proxy", true};
    case CURLE_COULDNT_CONNECT: return {"connect", true};
    case CURLE_OPERATION_TIMEDOUT: return {"timeout", true};
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return {"broken_off", true};
    case CURLE_SSL_CONNECT_ERROR: return {"tls", true};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return {"tls", false};
    case CURLE_FILESIZE_EXCEEDED: return {"too_large", false};
    case CURLE_TOO_MANY_REDIRECTS: return {"too_many_redirects", false};
    case CURLE_URL_MALFORMAT: return {"bad_url", false};
    case CURLE_BAD_CONTENT_ENCODING: return {"bad_encoding", false};
    case CURLE_UNSUPPORTED_PROTOCOL:  // Of an answer without a status line that it knows.
    case CURLE_WEIRD_SERVER_REPLY: return {"bad_answer", false};
    default: return {"fetch", true};
  }
}

}  // namespace thresh
