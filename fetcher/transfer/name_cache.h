#pragma once

// NameCache: Find(host name) -> its addresses, looked up by the system's resolver in libuv's pool
// and kept for a while. libcurl's own look-ups would block the loop where they time out.
//
// Threads: none of ours. Lifetime: borrows the loop. A look-up under way holds the loop until the
// resolver answers; its callback is not called after the cache is gone.

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <uv.h>

namespace thresh {

/// What a name leads to.
struct NameAnswer {
  std::vector<std::string> addresses;  ///< As text, without brackets, in the resolver's order.
  std::string failure;                 ///< Why there are none, for people.
  bool may_pass = false;               ///< The resolver could not tell: not kept.
};

struct NameCacheOptions {
  std::size_t max_names = 10'000;  ///< The one that was asked for least lately goes.
  std::chrono::milliseconds found_lifetime{60'000};
  std::chrono::milliseconds missing_lifetime{5'000};
};

class NameCache {
 public:
  using Answer = std::shared_ptr<const NameAnswer>;
  using FoundFn = std::function<void(Answer)>;
  using TimeFn = std::function<std::chrono::steady_clock::time_point()>;
  /// Asks a resolver; calls back on the loop, once: later, or at once for what is no name at all.
  using AskFn = std::function<void(uv_loop_t& loop, const std::string& name, FoundFn found)>;

  explicit NameCache(uv_loop_t& loop, NameCacheOptions options = {}, AskFn ask = &AskSystem,
                     TimeFn now = &std::chrono::steady_clock::now);
  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;

  /// What is known and still holds; null: LookUp() it.
  [[nodiscard]] Answer Known(const std::string& name);

  /// Asks, once for all who wait for the same name, and calls `found` on the loop, now or later.
  void LookUp(const std::string& name, FoundFn found);

  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

  /// getaddrinfo(3), as the machine is set up: hosts file, DNS, and its order of addresses.
  static void AskSystem(uv_loop_t& loop, const std::string& name, FoundFn found);

 private:
  struct Kept {
    Answer answer;
    std::chrono::steady_clock::time_point until;
    std::list<std::string>::iterator place;  // In latest_.
  };

  void Take(const std::string& name, const Answer& answer);
  void Keep(const std::string& name, const Answer& answer);

  uv_loop_t& loop_;
  const NameCacheOptions options_;
  const AskFn ask_;
  const TimeFn now_;
  std::unordered_map<std::string, Kept> kept_;
  std::list<std::string> latest_;  // Names by use, the latest first.
  std::unordered_map<std::string, std::vector<FoundFn>> asked_;
  std::shared_ptr<NameCache*> alive_;  // What look-ups under way hold a weak pointer to.
};

}  // namespace thresh
