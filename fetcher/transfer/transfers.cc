#include "fetcher/transfer/transfers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fetcher/job/head_reader.h"
#include "fetcher/transfer/curl_request.h"
#include "fetcher/transfer/wire_watch.h"
#include "lib/base/time.h"

namespace thresh {

struct Transfers::Transfer {
  Transfers* owner = nullptr;
  std::uint64_t serial = 0;
  FetchJob job;
  CurlRequest request;
  bool begun = false;  // libcurl has it.
  std::vector<NeededName> names;
  Deadline deadline;  // {0, 0}: none.
  ArrivingBody body;
  std::string no_room;  // Why its body could not be spooled.
  HeadReader head;      // Its end must be seen: libcurl takes a broken-off head for one.
  std::size_t header_bytes = 0;
  // Why we broke it off, if we did.
  std::string too_large;  // What passed which limit.
  std::string bad_head;
  bool cut = false;  // The body has all that was wanted.
  WireWatch wire;
};

namespace {

std::string BodyLimitText(const FetchLimits& limits) {
  return "a body of over " + std::to_string(limits.max_body_bytes) +
         " bytes (fetch.max_body_bytes)";
}

constexpr std::uint64_t kSecondMs = 1000;

// On the wire: chunks of a byte are six bytes each, but then they are no page.
std::uint64_t WireLimit(const FetchLimits& limits) {
  return 2 * static_cast<std::uint64_t>(limits.max_body_bytes) +
         static_cast<std::uint64_t>(limits.max_header_bytes);
}

std::string HeaderLimitText(const FetchLimits& limits) {
  return "headers of over " + std::to_string(limits.max_header_bytes) + " bytes";
}

std::string PrivateText(const std::string& address) {
  return address + " is no address of the internet (fetch.allow_private)";
}

// How long the body will be, if the server said so, else 0: one allocation, no growing.
std::size_t ExpectedBytes(CURL* easy, const FetchLimits& limits) {
  curl_off_t length = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length < 0 || length > limits.max_body_bytes ? 0 : static_cast<std::size_t>(length);
}

// Whether a connection can be made with what is known of a name. A SOCKS proxy that is given
// addresses is not asked for private ones.
Result<> CheckName(const FetchJob& job, const NeededName& needed, const NameAnswer& answer) {
  if (answer.addresses.empty()) {
    return Error{Errc::kTransient, needed.name + ": " + answer.failure,
                 needed.of_proxy ? "proxy" : "dns"};
  }
  if (needed.of_proxy || job.route == nullptr || job.route->proxy.empty()) return Ok{};
  for (const std::string& text : answer.addresses) {
    const auto address = AddressOf(text);
    if (address && job.route->guard.MayConnect(needed.name, *address)) continue;
    return Error{Errc::kInvalid, needed.name + ": " + PrivateText(text), "private_address"};
  }
  return Ok{};
}

// The first address of the wanted kind.
std::string FirstOf(const NameAnswer& answer, FetchRoute::Ip ip) {
  for (const std::string& address : answer.addresses) {
    const bool is_v6 = address.find(':') != std::string::npos;
    if (ip == FetchRoute::Ip::kAny || (ip == FetchRoute::Ip::k6) == is_v6) return address;
  }
  return {};
}

// What the result of libcurl means.
void NoteFailure(const CurlRequest& request, CURLcode code, FetchResult* result) {
  FailureKind kind = request.FailureOf(code);
  result->detail = request.DetailOf(code);
  const std::string address = request.refused_address();
  if (!address.empty() && (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK)) {
    kind = {"private_address", false};
    result->detail = PrivateText(address);
  }
  result->failure = kind.reason;
  result->may_retry = kind.may_retry;
}

}  // namespace

Result<std::unique_ptr<Transfers>> Transfers::Create(uv_loop_t& loop, std::size_t max_in_flight,
                                                     DoneFn on_done, NameCache::AskFn ask) {
  std::unique_ptr<Transfers> transfers(
      new Transfers(loop, max_in_flight, std::move(on_done), std::move(ask)));
  if (!transfers->deadline_timer_ || !transfers->second_timer_ || !transfers->multi_.ok()) {
    return Error{Errc::kInternal, "out of handles"};
  }
  return transfers;
}

Transfers::Transfers(uv_loop_t& loop, std::size_t max_in_flight, DoneFn on_done,
                     NameCache::AskFn ask)
    : loop_(loop),
      max_in_flight_(max_in_flight),
      on_done_(std::move(on_done)),
      names_(loop, std::move(ask)),
      deadline_timer_(
          MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })),
      second_timer_(
          MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })),
      // A cache smaller than the concurrency closes connections that are about to be used.
      multi_(loop, 2 * max_in_flight,
             [this](CURL* easy, CURLcode code) { TakeEnded(easy, code); }) {}

Transfers::~Transfers() {
  for (auto& [serial, transfer] : transfers_) {
    if (transfer->begun) multi_.Remove(transfer->request.easy());
  }
}

// ---- The way of a job ---------------------------------------------------------------

std::unique_ptr<Transfers::Transfer> Transfers::TakeIdle() {
  if (!idle_.empty()) {
    std::unique_ptr<Transfer> used = std::move(idle_.back());
    idle_.pop_back();
    return used;
  }
  auto made = std::make_unique<Transfer>();
  made->owner = this;
  if (made->request.easy() == nullptr) return nullptr;
  made->request.SetCallbacks({.on_body = &OnBody,
                              .on_header = &OnHeader,
                              .data = made.get(),
                              .on_close_socket = &MultiLoop::OnCloseSocket,
                              .close_data = &multi_});
  return made;
}

std::unique_ptr<Transfers::Transfer> Transfers::Extract(std::uint64_t serial) {
  auto node = transfers_.extract(serial);
  if (!node) return nullptr;
  ClearDeadline(*node.mapped());
  return std::move(node.mapped());
}

Result<> Transfers::Submit(FetchJob job) {
  if (in_flight() >= max_in_flight_) return Error{Errc::kBusy, "as many transfers as allowed"};
  std::unique_ptr<Transfer> taken = TakeIdle();
  if (!taken) return Error{Errc::kInternal, "libcurl has no handle left"};
  Transfer& transfer = *taken;
  const std::uint64_t serial = next_serial_++;
  transfer.job = std::move(job);
  transfer.serial = serial;
  transfers_.emplace(serial, std::move(taken));
  Result<> begun = transfer.request.SetRequest(transfer.job);
  if (begun) begun = LookUpOrBegin(transfer);  // May have ended by now.
  if (!begun) idle_.push_back(Extract(serial));
  return begun;
}

// A name that is not known is asked for, and all begins anew when its answer is there.
Result<> Transfers::LookUpOrBegin(Transfer& transfer) {
  transfer.names = NeededNames(transfer.job);
  std::vector<NameCache::Answer> addresses;
  for (const NeededName& needed : transfer.names) {
    NameCache::Answer known = names_.cache().Known(needed.name);
    if (!known) {
      SetDeadline(transfer, transfer.job.limits.connect_timeout);
      names_.cache().LookUp(needed.name, [this, serial = transfer.serial](const auto& answer) {
        TakeName(serial, *answer);
      });
      return Ok{};
    }
    if (Result<> usable = CheckName(transfer.job, needed, *known); !usable) return usable;
    addresses.push_back(std::move(known));
  }
  return Begin(transfer, addresses);
}

// `transfers_` has no such transfer any more if its time was over before.
void Transfers::TakeName(std::uint64_t serial, const NameAnswer& answer) {
  const auto found = transfers_.find(serial);
  if (found == transfers_.end()) return;
  Transfer& transfer = *found->second;
  // What is not kept would be asked for without end.
  Result<> begun = answer.addresses.empty()
                       ? CheckName(transfer.job, transfer.names.front(), answer)
                       : LookUpOrBegin(transfer);
  if (begun) return;
  const Error& error = begun.error();
  Fail(serial, *error.reason != '\0' ? error.reason : "fetch", error.detail,
       error.code != Errc::kInvalid);
}

std::optional<std::string> Transfers::FindAddress(const std::string& name, FetchRoute::Ip ip,
                                                  std::function<void(std::string)> found) {
  if (const NameCache::Answer known = names_.cache().Known(name)) return FirstOf(*known, ip);
  struct Waiting {
    std::optional<std::string> at_once;
    bool is_later = false;
  };
  const auto waiting = std::make_shared<Waiting>();
  names_.cache().LookUp(name, [waiting, ip, found = std::move(found)](const auto& answer) {
    std::string address = FirstOf(*answer, ip);
    if (waiting->is_later) return found(std::move(address));
    waiting->at_once = std::move(address);  // The resolver would not even try.
  });
  waiting->is_later = true;
  return waiting->at_once;
}

Result<> Transfers::Begin(Transfer& transfer, const std::vector<NameCache::Answer>& addresses) {
  if (!addresses.empty()) {
    transfer.request.SetResolve(names_.Entries(transfer.names, addresses));
  }
  if (Result<> added = multi_.Add(transfer.request.easy()); !added) return added;
  transfer.begun = true;
  if (uv_is_active(AsHandle(second_timer_.get())) == 0) {
    uv_timer_start(second_timer_.get(), &OnSecond, kSecondMs, kSecondMs);
  }
  const FetchLimits& limits = transfer.job.limits;
  if (limits.first_byte_timeout < limits.timeout) {
    SetDeadline(transfer, limits.first_byte_timeout);
  } else {
    ClearDeadline(transfer);
  }
  return Ok{};
}

std::size_t Transfers::OnBody(char* data, std::size_t, std::size_t n, void* transfer) noexcept {
  auto& t = *static_cast<Transfer*>(transfer);
  t.owner->multi_.CountRead(n);
  const std::size_t room = static_cast<std::size_t>(t.job.limits.max_body_bytes) - t.body.size();
  if (n <= room) return t.owner->TakeBody(t, {data, n}) ? n : 0;
  if (t.job.limits.cut_body) {
    t.cut = t.owner->TakeBody(t, {data, room});
  } else {
    t.too_large = BodyLimitText(t.job.limits);
  }
  return 0;  // Not n: libcurl breaks the transfer off.
}

bool Transfers::TakeBody(Transfer& t, std::string_view bytes) {
  const std::size_t before = t.body.memory_bytes();
  const std::size_t expected =
      t.body.size() == 0 ? ExpectedBytes(t.request.easy(), t.job.limits) : 0;
  Result<> taken =
      t.body.Append(bytes, expected, spool_, bytes_in_flight_,
                    [this, &t](std::size_t n) { return room_ ? room_(t.job.id, n) : nullptr; });
  bytes_in_flight_ += t.body.memory_bytes();
  bytes_in_flight_ -= before;
  if (!taken) t.no_room = taken.error().detail;
  return taken.ok();
}

std::size_t Transfers::OnHeader(char* data, std::size_t, std::size_t n, void* transfer) noexcept {
  auto& t = *static_cast<Transfer*>(transfer);
  t.owner->multi_.CountRead(n);
  const HeadReader::Line line = t.head.Take({data, n});
  if (line == HeadReader::Line::kStatus) {
    t.owner->ClearDeadline(t);
    t.owner->bytes_in_flight_ -= t.body.memory_bytes();
    t.body.Clear();
  }
  t.header_bytes += n;  // Of all heads: there may be any number of 1xx.
  if (t.header_bytes > static_cast<std::size_t>(t.job.limits.max_header_bytes)) {
    t.too_large = HeaderLimitText(t.job.limits);
    return 0;
  }
  if (line == HeadReader::Line::kEnd && MayHaveBody(t)) t.bad_head = LengthFault(t.head.headers());
  return t.bad_head.empty() ? n : 0;
}

bool Transfers::MayHaveBody(const Transfer& t) {
  long status = 0;
  curl_easy_getinfo(t.request.easy(), CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status != 204 && status != 304 && t.job.method != "HEAD";
}

void Transfers::TakeEnded(CURL* easy, CURLcode code) {
  void* found = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &found);
  std::unique_ptr<Transfer> transfer = Extract(static_cast<Transfer*>(found)->serial);
  FetchResult result{.id = transfer->job.id};
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result.status);
  curl_off_t first_byte_us = 0;
  curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
  result.first_byte = std::chrono::microseconds(first_byte_us);
  const char* address = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  const bool is_proxys = transfer->job.route && !transfer->job.route->proxy.empty();
  if (address != nullptr && !is_proxys) result.address = address;
  if (code == CURLE_FILESIZE_EXCEEDED) transfer->too_large = BodyLimitText(transfer->job.limits);
  // Of a line of over 100 KB libcurl says that memory is out.
  if (code == CURLE_OUT_OF_MEMORY && !transfer->head.is_whole()) {
    transfer->too_large = HeaderLimitText(transfer->job.limits);
  }
  if (!transfer->too_large.empty()) {
    result.failure = "too_large";
    result.detail = transfer->too_large;
  } else if (!transfer->no_room.empty()) {
    result.failure = kSpoolFailure;
    result.detail = transfer->no_room;
    result.may_retry = true;
  } else if (!transfer->bad_head.empty()) {
    result.failure = "bad_answer";
    result.detail = transfer->bad_head;
  } else if (code != CURLE_OK && !transfer->cut) {
    NoteFailure(transfer->request, code, &result);
  } else if (!transfer->head.is_whole()) {
    result.failure = "broken_off";
    result.detail = "the answer's headers were cut short";
    result.may_retry = true;
  }
  Finish(std::move(transfer), std::move(result));
}

void Transfers::Finish(std::unique_ptr<Transfer> transfer, FetchResult result) {
  result.fetched_at_ms = WallClockMs();
  result.final_url = std::move(transfer->job.url);
  result.headers = transfer->head.TakeHeaders();
  bytes_in_flight_ -= transfer->body.memory_bytes();
  result.body = transfer->body.TakeMemory();
  result.spooled = transfer->body.TakeFile();
  transfer->job = {};
  transfer->begun = false;
  transfer->no_room.clear();
  transfer->header_bytes = 0;
  transfer->too_large.clear();
  transfer->bad_head.clear();
  transfer->cut = false;
  transfer->wire.Reset();
  idle_.push_back(std::move(transfer));
  on_done_(std::move(result));
}

void Transfers::Fail(std::uint64_t serial, std::string reason, std::string detail, bool may_retry) {
  std::unique_ptr<Transfer> transfer = Extract(serial);
  FetchResult result{.id = transfer->job.id,
                     .failure = std::move(reason),
                     .detail = std::move(detail),
                     .may_retry = may_retry};
  if (transfer->begun) multi_.Remove(transfer->request.easy());
  Finish(std::move(transfer), std::move(result));
}

// ---- Deadlines -----------------------------------------------------------------------

void Transfers::SetDeadline(Transfer& transfer, std::chrono::milliseconds after) {
  ClearDeadline(transfer);
  uv_update_time(&loop_);
  transfer.deadline = {uv_now(&loop_) + static_cast<std::uint64_t>(after.count()), transfer.serial};
  deadlines_.emplace(transfer.deadline, &transfer);
  if (deadlines_.begin()->second == &transfer) ArmDeadlines();
}

// The timer is left: it finds nothing to do, or is set anew.
void Transfers::ClearDeadline(Transfer& transfer) {
  if (transfer.deadline.second == 0) return;
  deadlines_.erase(transfer.deadline);
  transfer.deadline = {};
}

void Transfers::ArmDeadlines() {
  if (deadlines_.empty()) return;
  const std::uint64_t now = uv_now(&loop_);
  const std::uint64_t first = deadlines_.begin()->first.first;
  uv_timer_start(deadline_timer_.get(), &OnDeadline, first > now ? first - now : 0, 0);
}

void Transfers::OnDeadline(uv_timer_t* timer) noexcept {
  static_cast<Transfers*>(timer->data)->TakeDeadlines();
}

void Transfers::TakeDeadlines() {
  const std::uint64_t now = uv_now(&loop_);
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    TakeLate(*deadlines_.begin()->second);
  }
  ArmDeadlines();
}

void Transfers::TakeLate(Transfer& transfer) {
  const FetchLimits& limits = transfer.job.limits;
  if (transfer.begun) {
    Fail(transfer.serial, "timeout",
         "no answer began within " + std::to_string(limits.first_byte_timeout.count()) +
             " ms (fetch.first_byte_timeout_ms)",
         true);
    return;
  }
  Fail(transfer.serial, "dns",
       transfer.names.front().name + ": the name was not found within " +
           std::to_string(limits.connect_timeout.count()) + " ms (fetch.connect_timeout_ms)",
       true);
}

// ---- The wire ------------------------------------------------------------------------

void Transfers::OnSecond(uv_timer_t* timer) noexcept {
  static_cast<Transfers*>(timer->data)->LookAtWires();
}

void Transfers::LookAtWires() {
  std::vector<std::uint64_t> over;
  multi_.ForEachAtWork([&over](CURL* easy, curl_socket_t socket) {
    void* found = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &found);
    auto* const transfer = static_cast<Transfer*>(found);
    if (transfer == nullptr || !transfer->begun) return;  // It has left the connection to others.
    const std::uint64_t received = transfer->wire.Look(easy, socket);
    if (received > WireLimit(transfer->job.limits)) over.push_back(transfer->serial);
  });
  for (const std::uint64_t serial : over) {
    const auto found = transfers_.find(serial);
    if (found == transfers_.end()) continue;
    const std::uint64_t limit = WireLimit(found->second->job.limits);
    Fail(serial, "too_large",
         "an answer of over " + std::to_string(limit) +
             " bytes on the wire (twice fetch.max_body_bytes)",
         false);
  }
  if (transfers_.empty()) uv_timer_stop(second_timer_.get());
}

}  // namespace thresh
