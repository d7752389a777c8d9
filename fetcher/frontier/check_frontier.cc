#include "fetcher/frontier/check_frontier.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "fetcher/frontier/book.h"
#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/database.h"
#include "fetcher/frontier/keys.h"
#include "fetcher/frontier/open_ids.h"
#include "fetcher/frontier/options.h"
#include "fetcher/frontier/records.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr std::size_t kMostFindings = 100;

// One reading of all records, in this order: what they refer to comes first.
class Check {
 public:
  Check(Database& database, std::vector<std::string>& findings)
      : database_(database), findings_(findings) {}

  void Run() {
    if (Result<> sums = database_.VerifyChecksums(); !sums) Find(sums.error().detail);
    if (Result<> read = book_.Read(database_); !read) {
      Find(read.error().detail);
      return;  // Nothing could be compared with it.
    }
    Each(keys::kCount, [this](auto key, auto value) { TakeCount(key, value); });
    Each(keys::kJob, [this](auto key, auto value) { TakeJob(key, value); });
    Each(keys::kQueue, [this](auto key, auto value) { TakeQueued(key, value); });
    Each(keys::kDelay, [this](auto key, auto value) { TakeDelayed(key, value); });
    Each(keys::kReport, [this](auto key, auto value) { TakeReport(key, value); });
    Each(keys::kSeen, [this](auto key, auto value) { TakeFate(key, value); });
    Each(keys::kAgain, [this](auto key, auto value) { TakeFate(key, value); });
    Each(keys::kFed, [this](auto key, auto value) { TakeFedLine(key, value); });
    Each(keys::kRequest, [this](auto key, auto value) {
      Expect(key.size() == 33 && DecodeRequestNote(value), "the note of a request cannot be read");
    });
    Each(keys::kHostPages, [this](auto, auto value) {
      Expect(IsNumber(value), "the page count of a host cannot be read");
    });
    Each(keys::kDead, [this](auto key, auto value) { TakeDead(key, value); });
    CompareTotals();
  }

 private:
  using RecordFn = std::function<void(std::string_view key, std::string_view value)>;

  void Each(char kind, const RecordFn& record) {
    Result<> read = database_.Read(keys::Of(kind), keys::Of(static_cast<char>(kind + 1)),
                                   [&](std::string_view key, std::string_view value) {
                                     record(key, value);
                                     return Step{};
                                   });
    if (!read) Find(read.error().detail);
  }

  void Find(std::string finding) {
    if (findings_.size() < kMostFindings) findings_.push_back(std::move(finding));
  }
  void Expect(bool as_it_should, const std::string& what) {
    if (!as_it_should) Find(what);
  }
  static TaskId IdIn(std::string_view key) { return Decoder(key.substr(key.size() - 8)).Fixed(); }

  void TakeCount(std::string_view key, std::string_view value) {
    const auto count = CountRecord::Decode(value);
    if (!count || key.size() != 9) return Find("counts of a job cannot be read");
    Expect(count->pending > 0, "job " + std::to_string(IdIn(key)) + " has ended, but is kept");
    jobs_[IdIn(key)] = count->pending;
  }

  void TakeJob(std::string_view key, std::string_view value) {
    if (!JobRecord::Decode(value) || key.size() != 9) return Find("a job cannot be read");
    ++job_records_;
    Expect(jobs_.contains(IdIn(key)), "job " + std::to_string(IdIn(key)) + " has no counts");
  }

  void TakeQueued(std::string_view key, std::string_view value) {
    const auto at = QueueKey::Decode(key);
    if (!at) return Find("the key of a queued task cannot be read");
    TakeTask(at->ready.id, key, value, [&](const Task& task) {
      return HostHash(task.seed.host) == at->host && task.seed.priority == at->ready.priority() &&
             task.attempts == 0;
    });
  }

  void TakeDelayed(std::string_view key, std::string_view value) {
    const auto at = DelayKey::Decode(key);
    if (!at) return Find("the key of a waiting task cannot be read");
    ++delayed_;
    TakeTask(at->id, key, value, [this](const Task& task) {
      postponed_ += task.attempts == 0 ? 1 : 0;
      return true;
    });
  }

  void TakeTask(TaskId id, std::string_view key, std::string_view value,
                const std::function<bool(const Task&)>& fits) {
    const std::string name = "task " + std::to_string(id);
    auto record = TaskRecord::Decode(value);
    if (!record) return Find(name + " cannot be read");
    Expect(fits(record->task), name + " stands under a key that is not its own");
    Expect(book_.open.Contains(id), name + " waits, but has ended");
    Expect(!pending_.Contains(id), name + " waits twice");
    pending_.Add(id);
    ++uses_[record->recipe];
    TaskSeed& seed = record->task.seed;
    seed.recipe = book_.state.recipes[record->recipe].name;
    const Hash128 fingerprint = Fingerprint(seed);
    const auto bytes = database_.Get(seed.dont_filter ? keys::Again(fingerprint, id)
                                                      : keys::Of(keys::kSeen, fingerprint.View()));
    const auto fate = bytes ? FateRecord::Decode(*bytes) : std::nullopt;
    Expect(
        fate && fate->id == id && fate->pending() && fate->place().Key(fate->priority, id) == key,
        name + " is not where its fate says, or has none");
    const TaskId root = record->root_id != 0 ? record->root_id : id;
    const auto job = jobs_.find(root);
    if (job != jobs_.end()) {
      Expect(job->second-- > 0, "job " + std::to_string(root) + " has more tasks than it counts");
    } else {
      Expect(root == id, name + " belongs to job " + std::to_string(root) + ", which is not there");
    }
  }

  void TakeReport(std::string_view key, std::string_view value) {
    if (key.size() != 9 || !DecodeReport(IdIn(key), value)) return Find("a report cannot be read");
    ++reports_;
    Expect(book_.open.Contains(IdIn(key)),
           "report " + std::to_string(IdIn(key)) + " waits, but is closed");
  }

  void TakeFate(std::string_view key, std::string_view value) {
    const auto fate = FateRecord::Decode(value);
    const bool again = key[0] == keys::kAgain;
    if (!fate || key.size() != (again ? 25U : 17U))
      return Find("the fate of a task cannot be read");
    const std::string name = "task " + std::to_string(fate->id);
    Expect(!again || IdIn(key) == fate->id, name + " has the fate of another");
    ++fates_;
    if (!fate->pending()) {
      Expect(!book_.open.Contains(fate->id), name + " has ended, but is open");
      if (fate->state == Fate::State::kDead) ++dead_fates_;
      return;
    }
    ++pending_fates_;
    Expect(pending_.Contains(fate->id), name + " is pending, but waits nowhere");
  }

  static bool IsNumber(std::string_view value) {
    Decoder in(value);
    (void)in.Number();
    return in.finished();
  }

  void TakeFedLine(std::string_view key, std::string_view value) {
    if (key.size() != 17 || !IsNumber(value)) return Find("a line of a feed cannot be read");
    Expect(Decoder(value).Number() < book_.state.next_id, "a line of a feed has a task to come");
  }

  void TakeDead(std::string_view key, std::string_view value) {
    if (key.size() != 9 || !DeadRecord::Decode(value)) return Find("a dead letter cannot be read");
    ++dead_letters_;
    Expect(!book_.open.Contains(IdIn(key)),
           "task " + std::to_string(IdIn(key)) + " is dead, but is open");
  }

  void Compare(const std::string& what, std::uint64_t counted, std::uint64_t found) {
    Expect(counted == found, what + ": " + std::to_string(counted) + " by the ledger, " +
                                 std::to_string(found) + " there");
  }

  void CompareTotals() {
    const StateRecord& state = book_.state;
    std::uint64_t retried = 0;
    Each(keys::kRetried, [&](auto, auto) { ++retried; });
    Compare("tasks created", state.ledger.created(), fates_ + state.forgotten);
    Compare("tasks pending", state.ledger.pending(), pending_.size());
    Compare("tasks pending, by fingerprint", state.ledger.pending(), pending_fates_);
    Compare("tasks that wait for their time", state.retrying, delayed_);
    Compare("tasks that wait for the first time", state.postponed, postponed_);
    Compare("tasks dead", Ledger::Sum(state.ledger.dead), dead_fates_);
    Compare("dead letters", Ledger::Sum(state.ledger.dead), dead_letters_ + retried);
    Compare("tasks published anew", state.ledger.retried, retried);
    Compare("jobs to be reported", state.reports, reports_);
    Compare("ids that are open", pending_.size() + reports_, book_.open.size());
    Compare("jobs with followers", jobs_.size(), job_records_);
    for (const auto& [root, left] : jobs_) {
      Expect(left == 0, "job " + std::to_string(root) + " counts " + std::to_string(left) +
                            " tasks that are not there");
    }
    for (const auto& [number, use] : state.recipes) {
      Compare("tasks of recipe " + use.name, use.pending, uses_[number]);
    }
  }

  Database& database_;
  std::vector<std::string>& findings_;
  Book book_;
  std::map<TaskId, std::uint64_t> jobs_;  // Pending tasks that were not found yet.
  OpenIds pending_;
  std::map<std::uint64_t, std::uint64_t> uses_;
  std::uint64_t job_records_ = 0, delayed_ = 0, postponed_ = 0, reports_ = 0, fates_ = 0,
                pending_fates_ = 0;
  std::uint64_t dead_fates_ = 0, dead_letters_ = 0;
};

}  // namespace

Result<std::vector<std::string>> CheckFrontier(const std::string& path) {
  if (!std::filesystem::exists(path + "/CURRENT")) {
    return Error{Errc::kNotFound, "no frontier in " + path};
  }
  FrontierOptions options;
  options.path = path;
  std::vector<std::string> findings;
  auto database = Database::OpenToCheck(options);
  if (!database && database.error().code == Errc::kUnavailable) return database.error();
  if (!database) return std::vector<std::string>{database.error().detail};
  Check(**database, findings).Run();
  return findings;
}

}  // namespace thresh
