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
    page.body = std::make_shared<const std::string>();
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
    LargeBodies bodies;
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

  TEST_CASE_FIXTURE(Fixture, "who asks for what is not theirs gets nothing") {
    auto parser = Join(4);
    auto other = Join(0);
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    other->WantBody(7, 1, 0);
    other->Barrier();
    CHECK(other->parts.empty());
    parser->WantBody(7, 2, 0);
    parser->WantBody(8, 1, 0);
    parser->Barrier();
    CHECK(parser->parts.empty());
    parser->WantBody(7, 1, body.size() + 5);
    parser->Barrier();
    REQUIRE(parser->parts.size() == 1);
    CHECK(parser->parts[0].second.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a parser that hangs up there is asked for no less") {
    auto parser = Join(4);
    {
      LargeBodies bodies;
      bodies.Connect(bodies_path, RoutingId(parser->self));
      loop.Settle();
    }
    loop.Settle();
    OfferLarge(7);
    REQUIRE(parser->Tasks() == "7/1");
    CHECK_FALSE(parser->tasks[0].first.task().body_passed());
  }
}
