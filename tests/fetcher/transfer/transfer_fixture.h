#pragma once

// Words for tests of Transfers: serve this, fetch that.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/transfer/transfers.h"
#include "tests/support/test_loop.h"
#include "tests/support/tiny_http.h"

namespace thresh::test {

struct TransferFixture {
  TransferFixture() { Start(4); }

  void Start(std::size_t max_in_flight) {
    auto made = Transfers::Create(loop, max_in_flight,
                                  [this](FetchResult r) { results.push_back(std::move(r)); });
    REQUIRE(made.ok());
    transfers = std::move(*made);
  }

  [[nodiscard]] bool Submit(const std::string& url, FetchLimits limits = {}) {
    return transfers->Submit({.id = next_id++, .url = url, .limits = limits, .route = Loopback()})
        .ok();
  }

  /// Lets the test's own servers be reached; `change` may set more.
  static std::shared_ptr<const FetchRoute> Loopback(const std::function<void(FetchRoute&)>& change =
                                                        [](FetchRoute&) {}) {
    FetchRoute route;
    REQUIRE(route.guard.Allow("127.0.0.0/8").ok());
    change(route);
    return std::make_shared<const FetchRoute>(std::move(route));
  }

  /// What came of one job; its id is given here.
  FetchResult FetchJobOf(FetchJob job) {
    const std::size_t before = results.size();
    job.id = next_id++;
    if (!job.route) job.route = Loopback();
    const Result<> begun = transfers->Submit(std::move(job));
    if (!begun) {
      results.push_back({.failure = begun.error().reason,
                         .detail = begun.error().detail,
                         .may_retry = begun.error().code != Errc::kInvalid});
      return results.back();
    }
    REQUIRE(loop.RunUntil([&] { return results.size() > before; }));
    return results.back();
  }

  /// What came of one URL.
  FetchResult FetchUrl(const std::string& url, FetchLimits limits = {}) {
    const std::size_t before = results.size();
    REQUIRE(Submit(url, limits));
    REQUIRE(loop.RunUntil([&] { return results.size() > before; }));
    CHECK(transfers->in_flight() == 0);
    CHECK(transfers->bytes_in_flight() == 0);
    return results.back();
  }
  FetchResult Fetch(std::string_view path, FetchLimits limits = {}) {
    return FetchUrl(server.url(path), limits);
  }

  /// The failure's name, with `?` behind it if asking again may help.
  static std::string Failure(const FetchResult& result) {
    if (result.failure.empty()) return "an answer of status " + std::to_string(result.status);
    CHECK_FALSE(result.detail.empty());
    return result.failure + (result.may_retry ? "?" : "");
  }

  TestLoop loop;
  TinyHttp server{loop};
  std::vector<FetchResult> results;
  std::unique_ptr<Transfers> transfers;
  std::uint64_t next_id = 7;
};

}  // namespace thresh::test
