#include "fetcher/transfer/transfers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fetcher/transfer/curl_request.h"
#include "lib/base/time.h"

namespace thresh {

struct Transfers::Transfer {
  Transfers* owner = nullptr;
  FetchJob job;
  CurlEasy easy;
  std::string body;
  HeaderList headers;
  std::size_t header_bytes = 0;
  bool headers_whole = false;  // Their end was seen: libcurl takes a broken-off head for one.
  std::string too_large;       // What passed which limit, if we broke it off for that.
};

namespace {

constexpr std::size_t kMaxHeaderBytes = 64 << 10;

std::string BodyLimitText(const FetchLimits& limits) {
  return "a body of over " + std::to_string(limits.max_body_bytes) +
         " bytes (fetch.max_body_bytes)";
}

// How long the body will be, if the server said so: one allocation, no growing.
std::size_t ExpectedBytes(CURL* easy, const FetchLimits& limits, std::size_t at_least) {
  curl_off_t length = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length < 0 || length > limits.max_body_bytes) return at_least;
  return std::max(static_cast<std::size_t>(length), at_least);
}

}  // namespace

Result<std::unique_ptr<Transfers>> Transfers::Create(uv_loop_t& loop, std::size_t max_in_flight,
                                                     DoneFn on_done) {
  std::unique_ptr<Transfers> transfers(new Transfers(loop, max_in_flight, std::move(on_done)));
  if (!transfers->timer_ || !transfers->multi_) return Error{Errc::kInternal, "out of handles"};
  return transfers;
}

Transfers::Transfers(uv_loop_t& loop, std::size_t max_in_flight, DoneFn on_done)
    : loop_(loop),
      max_in_flight_(max_in_flight),
      on_done_(std::move(on_done)),
      timer_(MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })),
      multi_(curl_multi_init()) {
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  // A cache smaller than the concurrency closes connections that are about to be used.
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(2 * max_in_flight));
}

Transfers::~Transfers() {
  for (auto& [easy, transfer] : transfers_) curl_multi_remove_handle(multi_.get(), easy);
}

CurlEasy Transfers::TakeEasy() {
  if (idle_.empty()) return MakeRequestHandle();
  CurlEasy easy = std::move(idle_.back());
  idle_.pop_back();
  return easy;
}

Result<> Transfers::Submit(FetchJob job) {
  if (in_flight() >= max_in_flight_) return Error{Errc::kBusy, "as many transfers as allowed"};
  auto transfer = std::make_unique<Transfer>();
  transfer->owner = this;
  transfer->job = std::move(job);
  transfer->easy = TakeEasy();
  CURL* const key = transfer->easy.get();
  if (key == nullptr) return Error{Errc::kInternal, "libcurl has no handle left"};
  SetRequest(key, transfer->job.url, transfer->job.limits);
  const std::string own_agent = DefaultUserAgent({});
  const std::string& agent = transfer->job.user_agent;
  curl_easy_setopt(key, CURLOPT_USERAGENT, agent.empty() ? own_agent.c_str() : agent.c_str());
  curl_easy_setopt(key, CURLOPT_HTTP_CONTENT_DECODING, transfer->job.unpack ? 1L : 0L);
  curl_easy_setopt(key, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(key, CURLOPT_WRITEDATA, transfer.get());
  curl_easy_setopt(key, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(key, CURLOPT_HEADERDATA, transfer.get());
  if (const CURLMcode rc = curl_multi_add_handle(multi_.get(), key); rc != CURLM_OK) {
    return Error{Errc::kInternal, curl_multi_strerror(rc)};
  }
  transfers_.emplace(key, std::move(transfer));
  return Ok{};
}

// ---- C callbacks: find the object, call one method --------------------------

int Transfers::OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
  static_cast<Transfers*>(self)->WatchSocket(fd, what);
  return 0;
}

int Transfers::OnTimer(CURLM*, long timeout_ms, void* self) noexcept {
  static_cast<Transfers*>(self)->ArmTimer(timeout_ms);
  return 0;
}

void Transfers::OnReady(uv_poll_t* poll, int status, int events) noexcept {
  uv_os_fd_t fd = -1;
  uv_fileno(AsHandle(poll), &fd);
  const int mask = status < 0 ? CURL_CSELECT_ERR
                              : (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                                    (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
  static_cast<Transfers*>(poll->data)->Drive(fd, mask);
}

void Transfers::OnTimeout(uv_timer_t* timer) noexcept {
  static_cast<Transfers*>(timer->data)->Drive(CURL_SOCKET_TIMEOUT, 0);
}

std::size_t Transfers::OnBody(char* data, std::size_t, std::size_t n, void* transfer) noexcept {
  auto& t = *static_cast<Transfer*>(transfer);
  if (t.body.size() + n > static_cast<std::size_t>(t.job.limits.max_body_bytes)) {
    t.too_large = BodyLimitText(t.job.limits);
    return 0;  // Not n: libcurl breaks the transfer off.
  }
  if (t.body.empty()) t.body.reserve(ExpectedBytes(t.easy.get(), t.job.limits, n));
  t.body.append(data, n);
  t.owner->bytes_in_flight_ += n;
  return n;
}

std::size_t Transfers::OnHeader(char* data, std::size_t, std::size_t n, void* transfer) noexcept {
  auto& t = *static_cast<Transfer*>(transfer);
  const std::string_view line(data, n);
  if (line.starts_with("HTTP/")) {  // A new answer: the one before was a redirect.
    t.headers.clear();
    t.header_bytes = 0;
    t.headers_whole = false;
    return n;
  }
  if (line == "\r\n" || line == "\n") t.headers_whole = true;
  if ((t.header_bytes += n) > kMaxHeaderBytes) {
    t.too_large = "headers of over " + std::to_string(kMaxHeaderBytes) + " bytes";
    return 0;
  }
  if (auto header = ParseHeaderLine(line)) t.headers.push_back(std::move(*header));
  return n;
}

// ---- What happens on each event ----------------------------------------------

void Transfers::WatchSocket(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    polls_.erase(fd);
    return;
  }
  auto& poll = polls_[fd];
  if (!poll) {
    poll =
        MakeUv<uv_poll_t>(this, [&](uv_poll_t* p) { return uv_poll_init_socket(&loop_, p, fd); });
  }
  const int events =
      (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
  if (poll) uv_poll_start(poll.get(), events, &OnReady);  // Else the transfer times out.
}

void Transfers::ArmTimer(long timeout_ms) {
  if (timeout_ms < 0) {  // libcurl: "delete the timer".
    uv_timer_stop(timer_.get());
    return;
  }
  uv_timer_start(timer_.get(), &OnTimeout, static_cast<std::uint64_t>(timeout_ms), 0);
}

void Transfers::Drive(curl_socket_t fd, int ready_mask) {
  int still_running = 0;
  curl_multi_socket_action(multi_.get(), fd, ready_mask, &still_running);
  ReapFinished();
}

void Transfers::NoteFailure(Transfer& transfer, CURLcode code, FetchResult* result) {
  if (code == CURLE_FILESIZE_EXCEEDED) transfer.too_large = BodyLimitText(transfer.job.limits);
  FailureKind kind{"", false};
  if (!transfer.too_large.empty()) {
    kind.reason = "too_large";
    result->detail = transfer.too_large;
  } else if (code != CURLE_OK) {
    kind = ClassifyFailure(code);
    // Also what libcurl says of an answer without a status line.
    if (code == CURLE_UNSUPPORTED_PROTOCOL && result->status == 0) kind.reason = "bad_answer";
    result->detail = curl_easy_strerror(code);
  } else if (!transfer.headers_whole) {
    kind = {"broken_off", true};
    result->detail = "the answer's headers were cut short";
  }
  result->failure = kind.reason;
  result->may_retry = kind.may_retry;
}

void Transfers::ReapFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // `message` dies with remove_handle.
    CURL* const easy = message->easy_handle;
    const std::unique_ptr<Transfer> transfer = std::move(transfers_.extract(easy).mapped());

    FetchResult result{.id = transfer->job.id, .fetched_at_ms = WallClockMs()};
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result.status);
    const char* final_url = nullptr;
    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &final_url);
    result.final_url = final_url != nullptr ? final_url : transfer->job.url;
    curl_off_t first_byte_us = 0;
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    result.first_byte = std::chrono::microseconds(first_byte_us);
    const char* address = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    result.address = address != nullptr ? address : "";
    curl_multi_remove_handle(multi_.get(), easy);

    NoteFailure(*transfer, code, &result);
    result.headers = std::move(transfer->headers);
    bytes_in_flight_ -= transfer->body.size();
    result.body = std::make_shared<const std::string>(std::move(transfer->body));
    idle_.push_back(std::move(transfer->easy));
    on_done_(std::move(result));
  }
}

}  // namespace thresh
