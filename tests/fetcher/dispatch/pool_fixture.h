#pragma once

// Words for tests of ParserPool. For .cc files only: includes generated code.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <zmq.hpp>

#include "fetcher/dispatch/parser_pool.h"
#include "lib/base/log.h"
#include "tests/fetcher/dispatch/fake_parser.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

struct PoolFixture {
  PoolFixture() {
    log::SetLevel(log::Level::kError);
    PoolEvents events;
    events.recipe_sets = [this](const Hash128&) { return recipe_sets; };
    events.recipe_text = [this](const Hash128& hash) {
      return hash == HashBytes("the recipe") ? &recipe_text : nullptr;
    };
    events.on_retry = [this](const RetryAsked& asked) {
      retries.push_back(std::to_string(asked.id) + " " + asked.why + " " +
                        std::to_string(asked.after_ms));
    };
    events.on_parsed = [this](const ParsedPage& page) {
      parsed.push_back(page.url + " " + std::to_string(page.took.count()));
    };
    events.on_change = [this] { ++changes; };
    events.on_given_up = [this](GivenUpPage page) { given_up.push_back(std::move(page)); };
    auto made = ParserPool::Create(
        loop, context,
        {.endpoint = endpoint, .flight_dir = flight_dir, .now = [this] { return now; }}, self,
        std::move(events));
    REQUIRE(made.ok());
    pool = std::move(*made);
  }

  std::unique_ptr<FakeParser> NewParser(PeerId peer = NewPeerId(),
                                        const std::string& routing_id = "") {
    return std::make_unique<FakeParser>(loop, context, endpoint, peer, routing_id);
  }
  /// A parser that has joined with this much credit.
  std::unique_ptr<FakeParser> Join(std::uint64_t credit_total,
                                   std::vector<std::string> recipes = {"*"}) {
    auto parser = NewParser();
    parser->Join(credit_total, std::move(recipes));
    return parser;
  }

  void Offer(TaskId id, const std::string& recipe = "r", const std::string& body = "body") {
    FetchedPage page;
    page.id = id;
    page.final_url = "http://h/" + std::to_string(id);
    page.recipe = recipe;
    page.body = SharedBytes(body);
    pool->Offer(std::move(page));
  }
  void OfferAndDispatch(TaskId first, TaskId last) {
    for (TaskId id = first; id <= last; ++id) Offer(id);
    pool->Dispatch();
  }

  /// `waiting leased awaiting_ack`, as `2 1 0`.
  std::string Counts() const {
    return std::to_string(pool->waiting()) + " " + std::to_string(pool->leased()) + " " +
           std::to_string(pool->awaiting_ack());
  }
  /// Lets time pass, as the lease timer would see it.
  void Pass(std::chrono::milliseconds time) {
    using std::chrono::milliseconds;
    for (milliseconds left = time; left > milliseconds(0);) {
      const milliseconds step = std::min(left, milliseconds(50));
      left -= step;
      now += step;
      pool->CheckLeases();
    }
  }
  /// Ends a parser, and waits until the pool has noticed.
  void Lose(std::unique_ptr<FakeParser>& parser) {
    const std::size_t before = pool->Parsers().size();
    parser.reset();
    REQUIRE(loop.RunUntil([&] { return pool->Parsers().size() < before; }));
  }

  TempFolder folder;
  TestLoop loop;
  zmq::context_t context;
  const std::string endpoint = "ipc://" + folder.File("parsers");
  const PeerId self = NewPeerId();
  const std::string recipe_text = "name = \"r\"";
  std::vector<std::string> recipe_sets;
  const std::string flight_dir = folder.File("flight");
  std::chrono::steady_clock::time_point now{};
  std::vector<std::string> parsed;  // URL and microseconds of each page told to be so.
  std::vector<std::string> retries;
  std::vector<GivenUpPage> given_up;
  int changes = 0;
  std::unique_ptr<ParserPool> pool;
};

}  // namespace thresh::test
