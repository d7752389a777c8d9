// What a frontier finds on disk: records, locks, formats, damage.

#include <filesystem>
#include <fstream>

#include "fetcher/frontier/check_frontier.h"
#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/database.h"
#include "fetcher/frontier/open_ids.h"
#include "fetcher/frontier/records.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

// Whether every shorter form of these bytes is refused; and flipped bits at least crash nothing.
template <typename DecodeFn>
void CheckDamaged(const std::string& bytes, const DecodeFn& decode) {
  REQUIRE(decode(bytes));
  CHECK_FALSE(decode(bytes + "x"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode(bytes.substr(0, size)));
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0x01, 0x10, 0x80}) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ bit);
      (void)decode(flipped);
    }
  }
}

Task RichTask() {
  Task task{.id = 9, .seed = Seed("host.example/a", -3), .attempts = 2};
  task.seed.origin = Origin::kRecrawled;
  task.seed.root = std::make_shared<const Root>(
      Root{.url = "http://root", .n = 300, .meta = "{}", .label = "l", .created_at_ms = -1});
  return task;
}

constexpr Place kWaited{.delayed = true, .delay_ms = 500, .attempts = 2};

// With all that a task can have.
Task FullTask() {
  Task task = RichTask();
  task.seed.depth = 300;
  task.seed.expires_at_ms = 1'700'000'000'000;
  task.seed.refresh_ms = 21'600'000;
  task.seed.request = std::make_shared<const Request>(Request{
      .method = "POST", .headers = {{"x-a", "1"}, {"x-b", ""}}, .body = "q=1", .templated = true});
  task.seed.validators = std::make_shared<const Validators>(Validators{"\"tag\"", "yesterday"});
  task.seed.again_of = 7;
  task.blame = "two crashes";
  return task;
}

std::vector<std::string> Findings(const std::string& path) {
  const auto findings = CheckFrontier(path);
  if (!findings) return {findings.error().detail};
  return *findings;
}

}  // namespace

TEST_SUITE("frontier on disk") {
  TEST_CASE("numbers stand as the grammar says") {
    CHECK(Encoder().Number(300).Signed(-2).Fixed(258).Text("ab").Take() ==
          std::string("\xac\x02\x03\0\0\0\0\0\0\1\2\2ab", 14));
    Decoder in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    CHECK(in.Number() == 0);
    CHECK_FALSE(in.ok());
  }

  TEST_CASE("higher priority sorts first, then the lower id") {
    const auto key = [](std::int64_t priority, TaskId id) {
      return QueueKey{.host = 7, .ready = ReadyKey::Of(priority, id)}.Encode();
    };
    CHECK(key(INT64_MAX, 9) < key(1, 1));
    CHECK(key(1, 9) < key(0, 1));
    CHECK(key(0, 1) < key(0, 2));
    CHECK(key(0, 300) < key(-1, 2));
    CHECK(key(-1, 2) < key(INT64_MIN, 1));
    CHECK(ReadyKey::Of(-5, 1).priority() == -5);
    CHECK(DelayKey{.due_ms = -1, .id = 3}.Encode() < DelayKey{.due_ms = 0, .id = 1}.Encode());
  }

  TEST_CASE("records are read back, and refused when cut short") {
    CheckDamaged(EncodeTask(RichTask(), kWaited, 3, 0, "why"), TaskRecord::Decode);
    CheckDamaged(EncodeTask(RichTask(), kWaited, 3, 8, "why"), TaskRecord::Decode);
    const auto task = TaskRecord::Decode(EncodeTask(RichTask(), kWaited, 3, 0, "why"));
    CHECK(task->task.seed.url == "http://host.example/a");
    CHECK(task->task.seed.host == "host.example");
    CHECK(task->task.seed.priority == -3);
    CHECK(task->task.attempts == 2);
    CHECK(task->task.seed.root->url == "http://root");
    CHECK(task->task.seed.root->created_at_ms == -1);
    CHECK(task->why == "why");
    CHECK(task->delay_ms == 500);

    CheckDamaged(EncodeTask(FullTask(), {}, 3, 8, ""), TaskRecord::Decode);
    const auto full = TaskRecord::Decode(EncodeTask(FullTask(), {}, 3, 0, ""));
    CHECK(full->task.seed.depth == 300);
    CHECK(full->task.seed.expires_at_ms == 1'700'000'000'000);
    CHECK(full->task.seed.refresh_ms == 21'600'000);
    CHECK(*full->task.seed.request == *FullTask().seed.request);
    CHECK(full->task.seed.validators->etag == "\"tag\"");
    CHECK(full->task.seed.validators->last_modified == "yesterday");
    CHECK(full->task.seed.again_of == 7);
    CHECK(full->task.blame == "two crashes");

    CheckDamaged(FateRecord{.id = 5, .state = Fate::State::kDead, .reason = "x"}.Encode(),
                 FateRecord::Decode);
    const FateRecord hopped{
        .id = 5, .state = Fate::State::kDone, .hops = {{301, "http://a"}, {302, "http://b"}}};
    CheckDamaged(hopped.Encode(), FateRecord::Decode);
    CHECK(FateRecord::Decode(hopped.Encode())->hops == hopped.hops);
    CheckDamaged(FateRecord{.id = 5, .host = 77, .priority = -9}.Encode(), FateRecord::Decode);
    CheckDamaged(JobRecord{.root = {.url = "u"}, .recipe = "r"}.Encode(), JobRecord::Decode);
    CheckDamaged(CountRecord{.pending = 300}.Encode(), CountRecord::Decode);
    CheckDamaged(DeadRecord{.reason = "x", .url = "u"}.Encode(), DeadRecord::Decode);
    const DeadRecord dead{.url = "u",
                          .dont_filter = true,
                          .depth = 4,
                          .refresh_ms = 9,
                          .request = FullTask().seed.request};
    CheckDamaged(dead.Encode(), DeadRecord::Decode);
    CHECK(*DeadRecord::Decode(dead.Encode())->request == *dead.request);
    CheckDamaged(HoldRecord{.due_ms = 1, .delay_ms = 2}.Encode(), HoldRecord::Decode);
    CheckDamaged(BatchRecord{.next_id = 9, .closed = {1, 300, 301}}.Encode(), BatchRecord::Decode);
    CHECK(
        BatchRecord::Decode(BatchRecord{.next_id = 9, .closed = {1, 300, 301}}.Encode())->closed ==
        std::vector<TaskId>{1, 300, 301});
    StateRecord state{.batch = 4, .next_id = 12};
    state.ledger.dead["http_404"] = 3;
    state.recipes[2] = {.name = "r", .pending = 7};
    const auto decode = [](std::string_view bytes) { return StateRecord::Decode(bytes); };
    CheckDamaged(state.Encode(), decode);
  }

  TEST_CASE("the set of open ids is read back, and refused when cut short") {
    OpenIds open;
    for (TaskId id = 1; id < 100'000; id += 3) open.Add(id);
    open.Add(TaskId{1} << 40);
    const std::string bytes = open.Encode();
    auto read = OpenIds::Decode(bytes);
    REQUIRE(read);
    CHECK(read->size() == open.size());
    CHECK(read->LowestOr(0) == 1);
    CHECK(read->Remove(1));
    CHECK_FALSE(read->Remove(1));
    CHECK(read->LowestOr(0) == 4);
    CHECK(read->Contains(TaskId{1} << 40));
    CHECK_FALSE(OpenIds::Decode(bytes.substr(0, bytes.size() / 2)));
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a frontier that is open is not opened again") {
    auto second = RocksFrontier::Open(loop, Options(), {});
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::kUnavailable);
    const auto checked = CheckFrontier(folder.File("frontier"));
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == Errc::kUnavailable);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a format of a newer thresh is refused") {
    frontier.reset();
    {
      auto database = Database::Open(Options());
      REQUIRE(database.ok());
      const auto changes = (*database)->NewWriteSet();
      changes->Put("Mformat", Encoder().Number(3).Take());
      REQUIRE((*database)->Write(*changes, true).ok());
    }
    const auto opened = RocksFrontier::Open(loop, Options(), {});
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == Errc::kInvalid);
    CHECK(opened.error().detail.find("format is 3") != std::string::npos);
    (void)Findings(folder.File("frontier"));
  }

  TEST_CASE("a plain task costs what it did before tasks had more than a URL") {
    Task task{.id = 1, .seed = Seed("a.example/x")};
    task.seed.root =
        std::make_shared<const Root>(Root{.url = task.seed.url, .n = 3, .created_at_ms = 1000});
    CHECK(EncodeTask(task, {}, 0, 0, "") ==
          std::string("\x23\x12http://a.example/x\0\7\11\0\3\xd0\x0f", 27));
  }

  // What format 1 wrote: the state without its last four numbers.
  TEST_CASE_FIXTURE(FrontierFixture, "a frontier of format 1 is opened, and is of format 2 then") {
    Feed({"a", "b", "c"});
    LeaseId();
    Release(1, now + 60s);
    Bury(2, "b");
    frontier.reset();
    {
      auto database = Database::Open(Options());
      REQUIRE(database.ok());
      const std::string state = *(*database)->Get("Mstate");
      REQUIRE(state.substr(state.size() - 4) == std::string(4, '\0'));
      const auto changes = (*database)->NewWriteSet();
      changes->Put("Mformat", Encoder().Number(1).Take());
      changes->Put("Mstate", state.substr(0, state.size() - 4));
      REQUIRE((*database)->Write(*changes, true).ok());
    }
    CHECK(Findings(folder.File("frontier")).empty());
    Open();
    CHECK(frontier->begun() == 1);
    CHECK(LeaseId() == "3:1");
    CHECK(RetryDead() == 1);
    Reopen();
    CHECK(frontier->pending() == 3);
    frontier.reset();
    CHECK(Findings(folder.File("frontier")).empty());
    auto database = Database::Open(Options());
    CHECK(*(*database)->Get("Mformat") == Encoder().Number(2).Take());
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a sound frontier has no findings, a bent one has") {
    Feed({"a", "b", "c", "d"});
    Complete(1, "a", {"e", "f"});
    Bury(2, "b");
    LeaseId();
    Release(3, now + 60s);
    frontier.reset();
    const std::string path = folder.File("frontier");
    CHECK(Findings(path).empty());
    CHECK(CheckFrontier(folder.File("nothing")).error().code == Errc::kNotFound);

    const auto bend = [&](const std::function<void(WriteSet&)>& change) {
      auto database = Database::Open(Options());
      REQUIRE(database.ok());
      const auto changes = (*database)->NewWriteSet();
      change(*changes);
      REQUIRE((*database)->Write(*changes, true).ok());
    };
    SUBCASE("a task is gone") {
      bend([](WriteSet& w) {
        w.Erase(QueueKey{.host = HostHash("d"), .ready = ReadyKey::Of(0, 4)}.Encode());
      });
    }
    SUBCASE("the counts of a job are gone") {
      bend([](WriteSet& w) { w.Erase(keys::Of(keys::kCount, 1)); });
    }
    SUBCASE("a fate cannot be read") {
      bend([](WriteSet& w) {
        w.Put(keys::Of(keys::kSeen, Fingerprint(Seed("a")).View()), "nonsense");
      });
    }
    SUBCASE("a dead letter is gone") {
      bend([](WriteSet& w) { w.Erase(keys::Of(keys::kDead, 2)); });
    }
    SUBCASE("a batch is gone") {
      bend([](WriteSet& w) { w.Erase(keys::Of(keys::kBatch, 2)); });
      const auto opened = RocksFrontier::Open(loop, Options(), {});
      REQUIRE_FALSE(opened.ok());
      CHECK(opened.error().code == Errc::kInternal);
      CHECK(opened.error().detail.find("thresh fsck") != std::string::npos);
    }
    CHECK_FALSE(Findings(path).empty());
  }

  TEST_CASE_FIXTURE(FrontierFixture, "damage met at work is told once, and then there is silence") {
    Feed({"a"});
    Complete(1, "a", {"b", "c"});
    frontier.reset();
    {
      auto database = Database::Open(Options());
      REQUIRE(database.ok());
      const auto changes = (*database)->NewWriteSet();
      changes->Erase(keys::Of(keys::kCount, 1));
      REQUIRE((*database)->Write(*changes, true).ok());
    }
    Open();
    CHECK(failures.empty());
    CHECK(Complete(2, "b") == "ignored");
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].find("thresh fsck") != std::string::npos);
    CHECK(Publish(std::vector<TaskSeed>{Seed("d")}).empty());
    CHECK(failures.size() == 1);
    Reopen();
    CHECK(frontier->ledger().done == 1);
    CHECK_FALSE(Publish(Seed("d")).duplicate);
  }

  TEST_CASE_FIXTURE(FrontierFixture,
                    "a batch in flight is there whole after a start, or not at all") {
    // How far the loop gets before the end: the batch asked for, begun, or written.
    for (int turns = 0; turns < 4; ++turns) {
      CAPTURE(turns);
      const std::string name = "t" + std::to_string(turns);
      const TaskId parent = Publish(Seed(name + "/p")).id;
      const TaskId next = frontier->next_id();
      bool answered = false;
      frontier->Complete(Key(parent, name + "/p"), {},
                         {Follow(parent, name + "/c"), Follow(parent, name + "/d")},
                         [&](const auto&) { answered = true; });
      for (int turn = 0; turn < turns; ++turn)
        uv_run(&static_cast<uv_loop_t&>(loop), UV_RUN_NOWAIT);
      Reopen();
      const bool written = frontier->next_id() > next;
      CHECK((written || !answered));
      CHECK(frontier->next_id() == next + (written ? 2 : 0));
      CHECK(Why(name + "/p") == std::to_string(parent) + (written ? ":done: " : ":queued: "));
      CHECK(Publish(Seed(name + "/c")).duplicate == written);
      CHECK(Publish(Seed(name + "/d")).duplicate == written);
      if (turns == 0) CHECK_FALSE(written);
    }
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a file that was damaged is found out") {
    for (int batch = 0; batch < 6; ++batch) {
      std::vector<TaskSeed> seeds;
      for (int i = 0; i < 10'000; ++i) {
        seeds.push_back(Seed("h/" + std::to_string(batch) + "-" + std::to_string(i)));
      }
      Publish(std::move(seeds));
    }
    frontier.reset();
    bool damaged = false;
    for (const auto& entry : std::filesystem::directory_iterator(folder.File("frontier"))) {
      if (entry.path().extension() != ".sst" || entry.file_size() < 30'000) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(20'000);
      file.write("damage", 6);
      damaged = true;
    }
    REQUIRE(damaged);
    const auto findings = Findings(folder.File("frontier"));
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].find("orruption") != std::string::npos);
  }
}
