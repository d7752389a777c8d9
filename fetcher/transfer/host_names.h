#pragma once

// HostNames: which names a job's connection needs, looked up in a NameCache, as what libcurl is
// told of them. libcurl keeps what it is told, so names that fell out of use are taken back.

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "fetcher/transfer/fetch_job.h"
#include "fetcher/transfer/name_cache.h"
#include "lib/base/curl_handles.h"

namespace thresh {

/// A name that has to be looked up, and the port that is connected to.
struct NeededName {
  std::string name;
  std::string port;
  bool of_proxy = false;
};

/// None for addresses. With a proxy the proxy's own, and the host's only if the proxy is a SOCKS
/// one that is not to look it up itself (`socks4://`, `socks5://`).
[[nodiscard]] std::vector<NeededName> NeededNames(const FetchJob& job);

class HostNames {
 public:
  HostNames(uv_loop_t& loop, NameCache::AskFn ask) : cache_(loop, {}, std::move(ask)) {}

  [[nodiscard]] NameCache& cache() noexcept { return cache_; }

  /// For CURLOPT_RESOLVE: all needed names with their addresses, and others to forget.
  /// REQUIRES: the answers are those to the names, in their order, and have addresses.
  [[nodiscard]] CurlList Entries(const std::vector<NeededName>& names,
                                 const std::vector<NameCache::Answer>& answers);

 private:
  NameCache cache_;
  std::unordered_set<std::string> told_;
  std::deque<std::string> told_order_;
};

}  // namespace thresh
