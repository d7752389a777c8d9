#include "lib/bus/bus_socket.h"

#include <sys/time.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <zmq.hpp>

#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;
using Kind = BusSocket::Kind;
using Texts = std::vector<std::string>;

namespace {

// A message made of these frames.
Frames Message(const Texts& texts) {
  Frames frames;
  for (const std::string& text : texts) frames.push_back(CopyFrame(text));
  return frames;
}

struct BusFixture {
  using Take = std::function<void(Frames&)>;

  std::unique_ptr<BusSocket> Router(Take take) {
    auto made = BusSocket::Create(loop, context, Kind::kRouter, "", std::move(take));
    REQUIRE(made.ok());
    REQUIRE((*made)->Bind(endpoint).ok());
    return std::move(*made);
  }
  std::unique_ptr<BusSocket> Dealer(const std::string& id, Take take) {
    auto made = BusSocket::Create(loop, context, Kind::kDealer, id, std::move(take));
    REQUIRE(made.ok());
    REQUIRE((*made)->Connect(endpoint).ok());
    return std::move(*made);
  }
  // Notes a message as its frames with `|` between.
  static Take Note(Texts* heard) {
    return [heard](Frames& frames) {
      std::string text;
      for (const auto& frame : frames) text += (text.empty() ? "" : "|") + std::string(View(frame));
      heard->push_back(text);
    };
  }
  static Result<> Send(const std::unique_ptr<BusSocket>& socket, const Texts& texts) {
    Frames frames = Message(texts);
    return socket->Send(frames);
  }
  [[nodiscard]] bool Until(const std::function<bool()>& happened) {
    return loop.RunUntil(happened);
  }

  TempFolder folder;
  TestLoop loop;
  zmq::context_t context;
  const std::string endpoint = "ipc://" + folder.File("bus");
};

}  // namespace

TEST_SUITE("BusSocket") {
  TEST_CASE_FIXTURE(BusFixture, "a ROUTER knows a DEALER by its id, and answers it by that") {
    Texts at_router, at_dealer;
    const auto router = Router(Note(&at_router));
    const auto dealer = Dealer("me", Note(&at_dealer));
    CHECK(Send(dealer, {"question", "", "more"}).ok());
    REQUIRE(Until([&] { return !at_router.empty(); }));
    CHECK(at_router == Texts{"me|question||more"});
    CHECK(Send(router, {"me", "answer"}).ok());
    REQUIRE(Until([&] { return !at_dealer.empty(); }));
    CHECK(at_dealer == Texts{"answer"});
  }

  TEST_CASE_FIXTURE(BusFixture, "an id is bytes: zeros within it count") {
    Texts at_router;
    const auto router = Router(Note(&at_router));
    const std::string id("t\0\xff\n", 4);
    const auto dealer = Dealer(id, [](Frames&) {});
    CHECK(Send(dealer, {"x"}).ok());
    REQUIRE(Until([&] { return !at_router.empty(); }));
    CHECK(at_router[0] == id + "|x");
  }

  TEST_CASE_FIXTURE(BusFixture, "a DEALER may speak before there is anybody") {
    Texts at_router;
    const auto dealer = Dealer("me", [](Frames&) {});
    CHECK(Send(dealer, {"1"}).ok());
    CHECK(Send(dealer, {"2"}).ok());
    const auto router = Router(Note(&at_router));
    REQUIRE(Until([&] { return at_router.size() == 2; }));
    CHECK(at_router == Texts{"me|1", "me|2"});
  }

  TEST_CASE_FIXTURE(BusFixture, "each DEALER gets what is addressed to it, and only that") {
    Texts at_router, at_one, at_two;
    const auto router = Router(Note(&at_router));
    const auto one = Dealer("one", Note(&at_one));
    const auto two = Dealer("two", Note(&at_two));
    CHECK(Send(one, {"hi"}).ok());
    CHECK(Send(two, {"hi"}).ok());
    REQUIRE(Until([&] { return at_router.size() == 2; }));
    CHECK(Send(router, {"two", "for two"}).ok());
    CHECK(Send(router, {"one", "for one"}).ok());
    REQUIRE(Until([&] { return at_one.size() + at_two.size() == 2; }));
    CHECK(at_one == Texts{"for one"});
    CHECK(at_two == Texts{"for two"});
  }

  TEST_CASE_FIXTURE(BusFixture, "sending to a peer that never was is kUnavailable") {
    const auto router = Router([](Frames&) {});
    const Result<> sent = Send(router, {"nobody", "x"});
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().code == Errc::kUnavailable);
    CHECK(sent.error().detail == "the peer is gone");
  }

  TEST_CASE_FIXTURE(BusFixture, "sending to a peer that is gone is kUnavailable, others live on") {
    Texts at_router, at_two;
    const auto router = Router(Note(&at_router));
    auto one = Dealer("one", [](Frames&) {});
    const auto two = Dealer("two", Note(&at_two));
    CHECK(Send(one, {"hi"}).ok());
    CHECK(Send(two, {"hi"}).ok());
    REQUIRE(Until([&] { return at_router.size() == 2; }));
    one.reset();
    Result<> sent = Ok{};
    REQUIRE(Until([&] { return !(sent = Send(router, {"one", "x", "y"})).ok(); }));
    CHECK(sent.error().code == Errc::kUnavailable);
    CHECK(Send(router, {"two", "still here"}).ok());
    REQUIRE(Until([&] { return !at_two.empty(); }));
    CHECK(at_two == Texts{"still here"});
  }

  TEST_CASE_FIXTURE(BusFixture, "a refused message leaves nothing behind for the next") {
    Texts at_router, at_dealer;
    const auto router = Router(Note(&at_router));
    const auto dealer = Dealer("me", Note(&at_dealer));
    CHECK(Send(dealer, {"hi"}).ok());
    REQUIRE(Until([&] { return !at_router.empty(); }));
    CHECK_FALSE(Send(router, {"nobody", "a", "b", "c"}).ok());
    CHECK(Send(router, {"me", "d", "e"}).ok());
    REQUIRE(Until([&] { return !at_dealer.empty(); }));
    CHECK(at_dealer == Texts{"d|e"});
  }

  TEST_CASE_FIXTURE(BusFixture, "messages arrive in the order they were sent") {
    Texts at_router;
    const auto router = Router(Note(&at_router));
    const auto dealer = Dealer("me", [](Frames&) {});
    for (int i = 0; i < 5000; ++i) CHECK(Send(dealer, {std::to_string(i), "body"}).ok());
    REQUIRE(Until([&] { return at_router.size() == 5000; }));
    bool in_order = true;
    for (std::size_t i = 0; i < 5000; ++i) {
      in_order = in_order && at_router[i] == "me|" + std::to_string(i) + "|body";
    }
    CHECK(in_order);
  }

  TEST_CASE_FIXTURE(BusFixture, "only ipc and tcp endpoints are taken") {
    auto made = BusSocket::Create(loop, context, Kind::kDealer, "", [](Frames&) {});
    REQUIRE(made.ok());
    for (const std::string bad :
         {"", "inproc://x", "/run/x", "udp://x", "tcp://", "ipc:///no/such/folder/x"}) {
      const Result<> bound = (*made)->Bind(bad);
      REQUIRE_FALSE(bound.ok());
      CHECK(bound.error().code == Errc::kInvalid);
      CHECK(bound.error().detail.find(bad) != std::string::npos);
    }
    CHECK((*made)->Connect("inproc://x").error().code == Errc::kInvalid);
    CHECK((*made)->Connect("tcp://no port").error().code == Errc::kInvalid);
  }

  TEST_CASE_FIXTURE(BusFixture, "a shared frame keeps its body alive until it is sent, no longer") {
    std::string received;
    const auto router = Router([&](Frames& frames) { received = View(frames.at(1)); });
    const auto dealer = Dealer("me", [](Frames&) {});
    auto body = std::make_shared<const std::string>(1'000'000, 'x');
    const std::weak_ptr<const std::string> watched = body;
    Frames frames;
    frames.push_back(ShareFrame(SharedBytes(body, *body)));
    CHECK(frames[0].data() == body->data());
    body.reset();
    CHECK_FALSE(watched.expired());
    CHECK(dealer->Send(frames).ok());
    frames.clear();
    REQUIRE(Until([&] { return !received.empty(); }));
    CHECK((received == std::string(1'000'000, 'x')));
    CHECK(Until([&] { return Send(dealer, {"next"}).ok() && watched.expired(); }));
  }

  TEST_CASE_FIXTURE(BusFixture, "a shared frame that is never sent gives its body up") {
    auto body = std::make_shared<const std::string>("x");
    {
      const zmq::message_t frame = ShareFrame(SharedBytes(body, *body));
      CHECK(body.use_count() == 2);
      CHECK(View(frame) == "x");
    }
    CHECK(body.use_count() == 1);
  }
}

// ZeroMQ's descriptor is edge-triggered: a loop that misses one edge sleeps for ever.
TEST_SUITE("BusSocket: no stall") {
  TEST_CASE_FIXTURE(BusFixture, "ping-pong of one message goes on, thousands of times") {
    int left = 10'000;
    std::unique_ptr<BusSocket> router, dealer;
    router = Router([&](Frames& frames) {
      (void)Send(router, {frames[0].to_string(), "pong"}).ok();
    });
    dealer = Dealer("me", [&](Frames&) {
      if (--left > 0) (void)Send(dealer, {"ping"}).ok();
    });
    CHECK(Send(dealer, {"ping"}).ok());
    CHECK(loop.RunUntil([&] { return left == 0; }, 30'000));
  }

  TEST_CASE_FIXTURE(BusFixture, "thousands of messages both ways at once all arrive") {
    int at_router = 0, at_dealer = 0;
    const auto router = Router([&](Frames&) { ++at_router; });
    const auto dealer = Dealer("me", [&](Frames&) { ++at_dealer; });
    CHECK(Send(dealer, {"hi"}).ok());
    REQUIRE(Until([&] { return at_router == 1; }));
    for (int i = 0; i < 10'000; ++i) {
      CHECK(Send(dealer, {"up"}).ok());
      CHECK(Send(router, {"me", "down"}).ok());
      if (i % 100 == 0) uv_run(&static_cast<uv_loop_t&>(loop), UV_RUN_NOWAIT);
    }
    CHECK(loop.RunUntil([&] { return at_router == 10'001 && at_dealer == 10'000; }, 30'000));
  }

  TEST_CASE_FIXTURE(BusFixture, "signals that come meanwhile cost no message") {
    Texts heard;
    const auto router = Router([&](Frames&) { heard.emplace_back(); });
    const auto dealer = Dealer("d", [](Frames&) {});
    struct sigaction ticks {};
    ticks.sa_handler = [](int) {};
    REQUIRE(::sigaction(SIGALRM, &ticks, nullptr) == 0);
    const itimerval often{.it_interval = {0, 50}, .it_value = {0, 50}}, never{};
    REQUIRE(::setitimer(ITIMER_REAL, &often, nullptr) == 0);
    constexpr std::size_t kMessages = 200'000;
    bool sent = true;
    for (std::size_t i = 0; i < kMessages; ++i) {
      sent = sent && Send(dealer, {"a", "b"}).ok();
      if (i % 1000 == 0) sent = sent && Until([&] { return heard.size() + 2000 > i; });
    }
    CHECK(sent);
    CHECK(Until([&] { return heard.size() == kMessages; }));
    ::setitimer(ITIMER_REAL, &never, nullptr);
  }

  TEST_CASE_FIXTURE(BusFixture, "a ring of two sockets in one process never stops half-way") {
    // As in the fetcher: what comes in on one socket goes out on the other, and back.
    const std::string other = "ipc://" + folder.File("other");
    int rounds = 0;
    std::unique_ptr<BusSocket> a, b, a_far, b_far;
    a = Router([&](Frames&) { (void)Send(b, {"b", "on"}).ok(); });
    auto made = BusSocket::Create(loop, context, Kind::kRouter, "", [&](Frames&) {
      if (++rounds < 5000) (void)Send(a, {"a", "on"}).ok();
    });
    b = std::move(*made);
    REQUIRE(b->Bind(other).ok());
    a_far = Dealer("a", [&](Frames&) { (void)Send(a_far, {"back"}).ok(); });
    auto far = BusSocket::Create(loop, context, Kind::kDealer, "b",
                                 [&](Frames&) { (void)Send(b_far, {"back"}).ok(); });
    b_far = std::move(*far);
    REQUIRE(b_far->Connect(other).ok());
    CHECK(Send(b_far, {"hello"}).ok());
    REQUIRE(Until([&] { return rounds > 0; }));
    CHECK(Send(a_far, {"start"}).ok());
    CHECK(loop.RunUntil([&] { return rounds >= 5000; }, 30'000));
  }

  TEST_CASE_FIXTURE(BusFixture, "a loop that was asleep is woken by a message") {
    int heard = 0;
    const auto router = Router([&](Frames&) { ++heard; });
    zmq::socket_t outsider(context, zmq::socket_type::dealer);
    outsider.connect(endpoint);
    for (int i = 1; i <= 200; ++i) {
      outsider.send(zmq::buffer("x"), zmq::send_flags::none);
      REQUIRE(Until([&] { return heard == i; }));
    }
    outsider.set(zmq::sockopt::linger, 0);
  }
}
