#pragma once

// Transfers: Submit(job) -> libcurl on the libuv loop -> on_done(result), once a job.
//
// A transfer is one request and its answer; redirects are answers. Host names are looked up before
// libcurl gets the job: see NameCache.
//
// Threads: none of ours. Lifetime: borrows the loop, which must turn once more after it is gone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <uv.h>

#include "fetcher/transfer/fetch_job.h"
#include "fetcher/transfer/host_names.h"
#include "fetcher/transfer/multi_loop.h"
#include "fetcher/transfer/spool.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class Transfers {
 public:
  using DoneFn = std::function<void(FetchResult)>;

  /// `ask` looks names up.
  /// Errors: kInternal if libcurl or libuv has no handle left.
  [[nodiscard]] static Result<std::unique_ptr<Transfers>> Create(
      uv_loop_t& loop, std::size_t max_in_flight, DoneFn on_done,
      NameCache::AskFn ask = &NameCache::AskSystem);
  /// Breaks off what is under way, without on_done.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  /// Where large bodies go from now on; else all are in memory.
  void SpoolTo(SpoolOptions options) { spool_ = Spool(std::move(options)); }

  /// Room for a body of known length, of the job of this id; null: it may arrive anywhere. What it
  /// returns is the result's body then. Called at the body's first bytes.
  using RoomFn = std::function<std::shared_ptr<char>(std::uint64_t id, std::size_t bytes)>;
  void ReceiveInto(RoomFn room) { room_ = std::move(room); }

  /// Errors, after which no result comes: kBusy at max_in_flight; with a reason of docs/outcomes.md
  /// kInvalid for a request that must not be sent, and kTransient for a name known to lead nowhere;
  /// kInternal if libcurl refuses the handle.
  Result<> Submit(FetchJob job);

  /// The address that a connection to this host name is tried at first: now if it is known, else
  /// told later. Empty: it has none.
  [[nodiscard]] std::optional<std::string> FindAddress(const std::string& name, FetchRoute::Ip ip,
                                                       std::function<void(std::string)> found);

  [[nodiscard]] std::size_t in_flight() const noexcept { return transfers_.size(); }
  /// On the disk: of bodies that arrive, and of those that somebody still has.
  [[nodiscard]] std::uint64_t spooled_bytes() const noexcept { return spool_.used_bytes(); }
  /// In memory, of bodies that are still arriving.
  [[nodiscard]] std::size_t bytes_in_flight() const noexcept { return bytes_in_flight_; }

 private:
  struct Transfer;
  using Deadline = std::pair<std::uint64_t, std::uint64_t>;  // The loop's ms, and a serial.

  Transfers(uv_loop_t& loop, std::size_t max_in_flight, DoneFn on_done, NameCache::AskFn ask);

  static std::size_t OnBody(char* data, std::size_t, std::size_t n, void* transfer) noexcept;
  static std::size_t OnHeader(char* data, std::size_t, std::size_t n, void* transfer) noexcept;
  static void OnDeadline(uv_timer_t* timer) noexcept;
  static void OnSecond(uv_timer_t* timer) noexcept;

  [[nodiscard]] bool TakeBody(Transfer& transfer, std::string_view bytes);
  [[nodiscard]] static bool MayHaveBody(const Transfer& transfer);

  // The way of a job.
  Result<> LookUpOrBegin(Transfer& transfer);
  void TakeName(std::uint64_t serial, const NameAnswer& answer);
  Result<> Begin(Transfer& transfer, const std::vector<NameCache::Answer>& addresses);
  void TakeEnded(CURL* easy, CURLcode code);
  void Finish(std::unique_ptr<Transfer> transfer, FetchResult result);
  void Fail(std::uint64_t serial, std::string reason, std::string detail, bool may_retry);
  [[nodiscard]] std::unique_ptr<Transfer> TakeIdle();
  [[nodiscard]] std::unique_ptr<Transfer> Extract(std::uint64_t serial);

  // Deadlines that libcurl has none for: of look-ups and of first bytes.
  void SetDeadline(Transfer& transfer, std::chrono::milliseconds after);
  void ClearDeadline(Transfer& transfer);
  void ArmDeadlines();
  void TakeDeadlines();
  void TakeLate(Transfer& transfer);
  void LookAtWires();

  uv_loop_t& loop_;
  const std::size_t max_in_flight_;
  const DoneFn on_done_;
  std::size_t bytes_in_flight_ = 0;
  Spool spool_{SpoolOptions{}};
  RoomFn room_;
  std::uint64_t next_serial_ = 1;
  HostNames names_;
  UvOwned<uv_timer_t> deadline_timer_;
  std::map<Deadline, Transfer*> deadlines_;
  UvOwned<uv_timer_t> second_timer_;  // Runs while anything is in flight.
  // Order matters: handles go before the multi handle does.
  MultiLoop multi_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>> transfers_;  // By serial.
  std::vector<std::unique_ptr<Transfer>> idle_;  // Used handles keep what is costly to set up.
};

}  // namespace thresh
