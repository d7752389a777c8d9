// ParserPool: bodies that are too large for a frame.

#include <fcntl.h>

#include <string>

#include <doctest/doctest.h>

#include "lib/io/spool_file.h"
#include "parser/large_body.h"
#include "tests/fetcher/dispatch/pool_fixture.h"

using namespace thresh;
using thresh::test::FakeParser;
using thresh::test::PoolFixture;

namespace {

struct Fixture : PoolFixture {
  std::string body;
  std::string bodies_path = folder.File("bodies");

  Fixture() {
    pool.reset();
    loop.Settle();
    PoolEvents events;
    events.recipe_text = [this](const Hash128&) { return &recipe_text; };
    events.on_change = [] {};
    auto made = ParserPool::Create(
        loop, context,
        {.endpoint = endpoint, .body_socket = bodies_path, .now = [this] { return now; }}, self,
        std::move(events));
    REQUIRE(made.ok());
    pool = std::move(*made);
    for (int i = 0; i < 300'000; ++i) body += std::to_string(i) + " ";
  }
  void OfferLarge(TaskId id) {
    auto file = SpoolFile::Create(folder.path());
    REQUIRE(file.ok());
    REQUIRE((*file)->Append(body).ok());
    FetchedPage page;
    page.id = id;
    page.recipe = "r";
    page.spooled = *file;
    pool->Offer(std::move(page));
    pool->Dispatch();
  }
  // All parts, as a parser elsewhere asks for them.
  std::string Fetch(FakeParser& parser, TaskId id, std::size_t* largest) {
    std::string fetched;
    while (fetched.size() < body.size()) {
      const std::size_t before = parser.parts.size();
      parser.WantBody(id, 1, fetched.size());
      REQUIRE(loop.RunUntil([&] { return parser.parts.size() > before; }));
      *largest = std::max(*largest, parser.parts.back().second.size());
      CHECK(parser.parts.back().first.body_part().offset() == fetched.size());
      fetched += parser.parts.back().second;
    }
    return fetched;
  }
};

}  // namespace

TEST_SUITE("ParserPool: large bodies") {
  TEST_CASE_FIXTURE(Fixture, "a parser on this machine gets the file before the TASK") {
    auto parser = Join(4);
    PassedBodies bodies;
    bodies.Connect(bodies_path, RoutingId(parser->self));
    loop.Settle();
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    const wire::Task& task = parser->tasks[0].first.task();
    CHECK(parser->tasks[0].second.empty());
    CHECK(task.body_bytes() == body.size());
    CHECK(task.body_passed());
    CHECK(pool->held_bytes() == 0);
    const UniqueFd fd = bodies.Take({7, 1});
    CHECK((::fcntl(fd.get(), F_GETFL) & O_ACCMODE) == O_RDONLY);
    const auto mapped = MappedBody::Map(fd, body.size());
    REQUIRE(mapped.ok());
    CHECK((*mapped)->View() == body);
    CHECK_FALSE(bodies.Take({7, 1}));
  }

  TEST_CASE_FIXTURE(Fixture, "a parser elsewhere asks for parts, and each is bounded") {
    auto parser = Join(4);
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    CHECK_FALSE(parser->tasks[0].first.task().body_passed());
    std::size_t largest = 0;
    CHECK(Fetch(*parser, 7, &largest) == body);
    CHECK(largest == 1 << 20);
  }

  TEST_CASE_FIXTURE(Fixture, "who asks for what is not theirs is told so, and gets nothing") {
    auto parser = Join(4);
    auto other = Join(0);
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    other->WantBody(7, 1, 0);
    other->Barrier();
    REQUIRE(other->parts.size() == 1);
    CHECK(other->parts[0].first.body_part().gone());
    CHECK(other->parts[0].second.empty());
    parser->WantBody(7, 2, 0);
    parser->WantBody(8, 1, 0);
    parser->Barrier();
    REQUIRE(parser->parts.size() == 2);
    for (const auto& [answer, bytes] : parser->parts) {
      CHECK(answer.body_part().gone());
      CHECK(bytes.empty());
    }
    parser->parts.clear();
    parser->WantBody(7, 1, body.size() + 5);
    parser->Barrier();
    REQUIRE(parser->parts.size() == 1);
    CHECK_FALSE(parser->parts[0].first.body_part().gone());
    CHECK(parser->parts[0].second.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a parser that hangs up there is asked for no less") {
    auto parser = Join(4);
    {
      PassedBodies bodies;
      bodies.Connect(bodies_path, RoutingId(parser->self));
      loop.Settle();
    }
    loop.Settle();
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    CHECK_FALSE(parser->tasks[0].first.task().body_passed());
  }
}

namespace {

struct SharedFixture : Fixture {
  std::unique_ptr<FakeParser> parser;
  PassedBodies bodies;

  void Start(std::uint64_t credit_total, bool maps = true) {
    parser = NewParser();
    parser->maps_bodies = maps;
    parser->Join(credit_total);
    bodies.Connect(bodies_path, RoutingId(parser->self));
    loop.Settle();
  }
  void OfferPage(TaskId id, std::size_t bytes) {
    Offer(id, "r", PageOf(id, bytes));
    pool->Dispatch();
  }
  // It has arrived where this parser reads it.
  FetchedPage PageThere(TaskId id, std::size_t bytes) {
    const std::string text = PageOf(id, bytes);
    const std::shared_ptr<char> room = pool->RoomFor("r", bytes);
    REQUIRE(room);
    std::copy(text.begin(), text.end(), room.get());
    FetchedPage page;
    page.id = id;
    page.recipe = "r";
    page.body = SharedBytes(room, {room.get(), bytes});
    return page;
  }
  static std::string PageOf(TaskId id, std::size_t bytes) {
    return std::string(bytes, static_cast<char>('a' + id % 26));
  }
  // What the parser sees of the page of its last TASK.
  std::string Seen() {
    const auto& [envelope, frame] = parser->tasks.back();
    const wire::Task& task = envelope.task();
    if (!task.has_body_at()) return frame;
    CHECK(frame.empty());
    const auto memory = bodies.Memory();
    REQUIRE(memory);
    return std::string(memory->View().substr(task.body_at(), task.body_bytes()));
  }
  std::uint64_t Place() { return parser->tasks.back().first.task().body_at(); }
};

}  // namespace

TEST_SUITE("ParserPool: shared memory") {
  TEST_CASE_FIXTURE(SharedFixture, "pages lie where the parser reads them, one beside the other") {
    Start(10);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    CHECK(Seen() == PageOf(1, 60'000));
    const std::uint64_t first = Place();
    OfferPage(2, 50'000);
    REQUIRE(parser->Tasks() == "1/1 2/1");
    CHECK(Seen() == PageOf(2, 50'000));
    CHECK(parser->tasks.back().first.task().has_body_at());
    CHECK(bodies.Memory()->View().substr(first, 60'000) == PageOf(1, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture, "a place is used again when its page is told to be parsed") {
    Start(10);
    OfferPage(1, 60'000);
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1");
    parser->Grant(10, {1});
    OfferPage(3, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1 3/1");
    CHECK(Place() == parser->tasks[0].first.task().body_at());
    CHECK(Seen() == PageOf(3, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture, "and when its page was taken, and is told to be dropped") {
    Start(2);
    OfferPage(1, 60'000);
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1");
    auto other = Join(1);
    Pass(std::chrono::milliseconds(200));
    pool->Dispatch();
    REQUIRE(other->Tasks() == "2/2");
    parser->Drop(3, {2});
    OfferPage(3, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1 3/1");
    CHECK(Place() == parser->tasks[1].first.task().body_at());
  }

  TEST_CASE_FIXTURE(SharedFixture, "a parser that was given up still has what it was given") {
    Start(10);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    auto other = Join(1);
    Pass(std::chrono::seconds(15));  // Its lease runs out.
    pool->Dispatch();
    REQUIRE(other->Tasks() == "1/2");
    parser->Grant(10);  // It is heard of again, and has not said that page 1 is parsed.
    other->Grant(1, {1});
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1");
    CHECK(Place() != parser->tasks[0].first.task().body_at());
    CHECK(bodies.Memory()->View().substr(parser->tasks[0].first.task().body_at(), 60'000) ==
          PageOf(1, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture, "who has no page left, and says so, needs none of it") {
    Start(10);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    parser->SayIdle(10, 1);
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "1/1 2/1");
    CHECK(Place() == parser->tasks[0].first.task().body_at());
  }

  TEST_CASE_FIXTURE(SharedFixture, "when it is full, and for small pages, there is the wire") {
    Start(100);
    OfferPage(1, 100);
    REQUIRE(parser->Tasks() == "1/1");
    CHECK_FALSE(parser->tasks.back().first.task().has_body_at());
    CHECK(Seen() == PageOf(1, 100));
    bool was_full = false;
    for (TaskId id = 2; id < 40; ++id) {
      OfferPage(id, 1'000'000);
      (void)parser->Tasks();
      REQUIRE(parser->tasks.back().first.task().id() == id);
      CHECK(Seen() == PageOf(id, 1'000'000));
      was_full = was_full || !parser->tasks.back().first.task().has_body_at();
    }
    CHECK(was_full);
  }

  TEST_CASE_FIXTURE(SharedFixture, "who did not ask for it, or is not connected, gets frames") {
    Start(10, false);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    CHECK_FALSE(parser->tasks.back().first.task().has_body_at());
    CHECK(Seen() == PageOf(1, 60'000));
    parser->Grant(0, {1});
    parser = NewParser();
    parser->maps_bodies = true;
    parser->Join(10);
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "2/1");
    CHECK_FALSE(parser->tasks.back().first.task().has_body_at());
    CHECK(Seen() == PageOf(2, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture, "who does not find a page there may ask for its parts") {
    Start(10);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    parser->WantBody(1, 1, 10'000);
    REQUIRE(loop.RunUntil([&] { return !parser->parts.empty(); }));
    CHECK(parser->parts[0].second == PageOf(1, 50'000));
    parser->WantBody(1, 1, 60'000);
    parser->Barrier();
    REQUIRE(parser->parts.size() == 2);
    CHECK(parser->parts[1].second.empty());
  }

  TEST_CASE_FIXTURE(SharedFixture,
                    "a page that arrived where a parser reads goes there as it lies") {
    Start(10);
    FetchedPage page = PageThere(1, 60'000);
    const auto before = bodies.Memory();
    REQUIRE(before);
    const std::size_t place = before->View().find(PageOf(1, 60'000));
    REQUIRE(place != std::string_view::npos);
    pool->Offer(std::move(page));
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1");
    CHECK(Place() == place);
    CHECK(Seen() == PageOf(1, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture,
                    "it stays there until the sink has it, for another parser, too") {
    Start(10);
    pool->Offer(PageThere(1, 60'000));
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1");
    parser->Grant(10, {1});
    pool->Offer(PageThere(2, 60'000));
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1 2/1");
    CHECK(Place() != parser->tasks[0].first.task().body_at());
    auto other = Join(1);
    pool->ResultsLost();
    pool->Dispatch();
    REQUIRE(other->Tasks() == "1/2");
    CHECK(other->tasks[0].second == PageOf(1, 60'000));
    pool->Forget(1);
    pool->Offer(PageThere(3, 60'000));
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1 2/1 3/1");
    CHECK(Place() == parser->tasks[0].first.task().body_at());
  }

  TEST_CASE_FIXTURE(SharedFixture, "a parser dies, and pages that lay in its memory go elsewhere") {
    Start(10);
    pool->Offer(PageThere(1, 60'000));
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1");
    auto other = Join(4);
    bodies = {};
    Lose(parser);
    pool->Dispatch();
    REQUIRE(other->Tasks() == "1/2");
    CHECK(other->tasks[0].second == PageOf(1, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture, "there is room only with a parser that may see the page") {
    parser = NewParser();
    parser->maps_bodies = true;
    parser->Join(10, {"mine"});
    bodies.Connect(bodies_path, RoutingId(parser->self));
    loop.Settle();
    const auto may_see = [&](const std::string& recipe, char letter) {
      const std::string text(60'000, letter);
      const std::shared_ptr<char> room = pool->RoomFor(recipe, text.size());
      REQUIRE(room);
      std::copy(text.begin(), text.end(), room.get());
      return bodies.Memory()->View().find(text) != std::string_view::npos;
    };
    CHECK(may_see("mine", 'm'));
    CHECK_FALSE(may_see("others", 'o'));
    CHECK_FALSE(pool->RoomFor("mine", 100));
  }

  TEST_CASE_FIXTURE(SharedFixture, "an idle parser gets the page, wherever it lies") {
    Start(10);
    pool->Offer(PageThere(1, 60'000));
    pool->Offer(PageThere(2, 60'000));
    auto other = Join(4);
    pool->Dispatch();
    REQUIRE(parser->Tasks() == "1/1");
    REQUIRE(other->Tasks() == "2/1");
    CHECK(other->tasks[0].second == PageOf(2, 60'000));
  }

  TEST_CASE_FIXTURE(SharedFixture,
                    "one that joins anew with nothing left needs nothing of before") {
    Start(10);
    OfferPage(1, 60'000);
    REQUIRE(parser->Tasks() == "1/1");
    const std::uint64_t place = Place();
    const PeerId peer = parser->self;
    Lose(parser);  // Its connection for pages was cut; the one for bodies was not.
    pool->Forget(1);
    parser = NewParser(peer, RoutingId(peer));
    parser->maps_bodies = true;
    parser->Join(10);
    parser->SayIdle(10, 0);
    OfferPage(2, 60'000);
    REQUIRE(parser->Tasks() == "2/1");
    CHECK(Place() == place);
  }

  TEST_CASE_FIXTURE(SharedFixture,
                    "pages arrive with each parser in turn, also with one that reads none there") {
    Start(10);
    auto other = Join(10);
    for (TaskId id = 1; id <= 6; ++id) {  // One after the other: both are idle each time.
      const std::string text = PageOf(id, 60'000);
      const std::shared_ptr<char> room = pool->RoomFor("r", text.size());
      REQUIRE(room);
      std::copy(text.begin(), text.end(), room.get());
      FetchedPage page;
      page.id = id;
      page.recipe = "r";
      page.body = SharedBytes(room, {room.get(), text.size()});
      pool->Offer(std::move(page));
      pool->Dispatch();
      parser->Barrier();
      other->Barrier();
      const auto got = parser->tasks.size() + other->tasks.size();
      REQUIRE(got == id);
      if (!parser->tasks.empty() && parser->tasks.back().first.task().id() == id) {
        parser->Grant(20, {id});
      } else {
        other->Grant(20, {id});
      }
    }
    CHECK(parser->tasks.size() == 3);
    CHECK(other->tasks.size() == 3);
  }
}
