#include "fetcher/frontier/book.h"

#include <algorithm>
#include <utility>

#include "fetcher/frontier/codec.h"

namespace thresh {
namespace {

// Open ids are written whole again after this many batches, or ids named in them.
constexpr std::uint64_t kSnapshotBatches = 1000;
constexpr std::uint64_t kSnapshotClosed = 500'000;

std::string EndOf(char kind) {
  return keys::Of(static_cast<char>(kind + 1));
}

std::string Meta(std::string_view name) {
  return keys::Of(keys::kMeta, name);
}

constexpr std::string_view kNote = "note:";

// What must be there.
Result<std::string> GetSure(Database& database, std::string_view key) {
  Result<std::string> value = database.Get(key);
  if (value || value.error().code != Errc::kNotFound) return value;
  return Damaged("state: it lacks record " + std::string(key));
}

}  // namespace

Error Damaged(std::string_view what) {
  return {Errc::kInternal,
          "frontier: damaged " + std::string(what) + "; `thresh fsck` says what can still be read"};
}

std::shared_ptr<const Root> Roots::Find(TaskId root_id) const {
  const auto found = roots_.find(root_id);
  return found == roots_.end() ? nullptr : found->second.lock();
}

void Roots::Add(TaskId root_id, const std::shared_ptr<const Root>& root) {
  roots_[root_id] = root;
  if (roots_.size() < prune_at_) return;
  std::erase_if(roots_, [](const auto& entry) { return entry.second.expired(); });
  prune_at_ = std::max<std::size_t>(1024, roots_.size() * 2);
}

Result<> Book::Restore(Database& database) {
  Result<> read = Read(database);
  if (!read && read.error().code == Errc::kNotFound) return Make(database);
  if (!read) return read;
  if (Result<> upgraded = Upgrade(database); !upgraded) return upgraded;
  return ForgetRecipes(database);
}

// What is written from now on a thresh that knows format 1 only would misread.
Result<> Book::Upgrade(Database& database) {
  if (std::exchange(format, kFormat) == kFormat) return Ok{};
  const auto changes = database.NewWriteSet();
  changes->Put(Meta("state"), state.Encode());
  changes->Put(Meta("format"), Encoder().Number(kFormat).Take());
  return database.Write(*changes, true);
}

Result<> Book::Read(Database& database) {
  Result<std::string> bytes = database.Get(Meta("format"));
  if (!bytes) return bytes.error();
  Decoder in(*bytes);
  format = in.Number();
  if (!in.finished() || format == 0 || format > kFormat) {
    return Error{Errc::kInvalid, "frontier: its format is " + std::to_string(format) +
                                     ", this thresh knows formats 1 to " + std::to_string(kFormat) +
                                     " only: use the thresh that wrote it"};
  }
  if (Result<> read = ReadMeta(database); !read) return read;
  if (Result<> read = ReadOpenIds(database); !read) return read;
  return ReadHolds(database);
}

Result<> Book::Make(Database& database) {
  uuid = RandomId();
  const auto changes = database.NewWriteSet();
  changes->Put(Meta("uuid"), uuid.View());
  changes->Put(Meta("state"), state.Encode());
  changes->Put(keys::Of(keys::kOpen), Encoder().Number(0).Number(1).Raw(open.Encode()).Take());
  changes->Put(Meta("format"), Encoder().Number(kFormat).Take());
  return database.Write(*changes, true);
}

Result<> Book::ReadMeta(Database& database) {
  Result<std::string> raw_uuid = GetSure(database, Meta("uuid"));
  if (!raw_uuid) return raw_uuid.error();
  const auto parsed = HashFromBytes(*raw_uuid);
  if (!parsed) return Damaged("uuid");
  uuid = *parsed;
  Result<std::string> bytes = GetSure(database, Meta("state"));
  if (!bytes) return bytes.error();
  auto decoded = StateRecord::Decode(*bytes, format);
  if (!decoded) return Damaged("state record");
  state = std::move(*decoded);
  const std::string from = Meta(kNote);
  return database.Read(from, EndOf(keys::kMeta), [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(from)) return Database::Step{.go_on = false};
    notes.emplace(key.substr(from.size()), value);
    return Database::Step{};
  });
}

Result<> Book::ReadOpenIds(Database& database) {
  Result<std::string> bytes = GetSure(database, keys::Of(keys::kOpen));
  if (!bytes) return bytes.error();
  Decoder in(*bytes);
  snapshot_batch = in.Number();
  TaskId next = in.Number();
  auto ids = OpenIds::Decode(in.rest());
  if (!in.ok() || !ids) return Damaged("set of open ids");
  open = std::move(*ids);
  std::uint64_t expected = snapshot_batch + 1;
  bool sound = true;
  Result<> read = database.Read(keys::Of(keys::kBatch, expected), EndOf(keys::kBatch),
                                [&](std::string_view key, std::string_view value) {
                                  const auto batch = BatchRecord::Decode(value);
                                  sound =
                                      sound && batch && key == keys::Of(keys::kBatch, expected++);
                                  if (!sound) return Database::Step{.go_on = false};
                                  while (next < batch->next_id) open.Add(next++);
                                  for (const TaskId id : batch->closed)
                                    sound = open.Remove(id) && sound;
                                  closed_since += batch->closed.size();
                                  return Database::Step{};
                                });
  if (!read) return read;
  if (!sound || expected != state.batch + 1 || next != state.next_id) {
    return Damaged("record of a batch");
  }
  return Ok{};
}

Result<> Book::ReadHolds(Database& database) {
  bool sound = true;
  Result<> read = database.Read(keys::Of(keys::kHold), EndOf(keys::kHold),
                                [&](std::string_view key, std::string_view value) {
                                  const auto hold = HoldRecord::Decode(value);
                                  sound = sound && hold;
                                  if (hold) holds.emplace(key.substr(1), *hold);
                                  return Database::Step{};
                                });
  if (!read) return read;
  if (!sound) return Damaged("hold of a host");
  return Ok{};
}

Result<> Book::ForgetRecipes(Database& database) {
  std::erase_if(state.recipes, [](const auto& entry) { return entry.second.pending == 0; });
  for (const auto& [number, use] : state.recipes) recipe_numbers[use.hash] = number;
  const auto changes = database.NewWriteSet();
  bool sound = true;
  Result<> read = database.Read(keys::Of(keys::kRecipe), EndOf(keys::kRecipe),
                                [&](std::string_view key, std::string_view value) {
                                  const auto hash = HashFromBytes(key.substr(1));
                                  auto recipe = DecodeRecipe(hash.value_or(Hash128{}), value);
                                  sound = sound && hash && recipe;
                                  if (!sound) return Database::Step{.go_on = false};
                                  if (recipe_numbers.contains(*hash)) {
                                    kept.push_back(std::move(*recipe));
                                    stored_recipes.insert(*hash);
                                  } else {
                                    changes->Erase(key);
                                  }
                                  return Database::Step{};
                                });
  if (!read) return read;
  if (!sound) return Damaged("recipe");
  if (changes->empty()) return Ok{};
  changes->Put(Meta("state"), state.Encode());
  return database.Write(*changes, true);
}

void Book::Write(WriteSet& changes, std::vector<TaskId> closed) {
  std::sort(closed.begin(), closed.end());
  closed_since += closed.size();
  if (state.batch - snapshot_batch < kSnapshotBatches && closed_since < kSnapshotClosed) {
    changes.Put(keys::Of(keys::kBatch, state.batch),
                BatchRecord{state.next_id, std::move(closed)}.Encode());
  } else {
    changes.Put(keys::Of(keys::kOpen),
                Encoder().Number(state.batch).Number(state.next_id).Raw(open.Encode()).Take());
    for (std::uint64_t old = snapshot_batch + 1; old < state.batch; ++old) {
      changes.EraseOnce(keys::Of(keys::kBatch, old));
    }
    snapshot_batch = state.batch;
    closed_since = 0;
  }
  changes.Put(Meta("state"), state.Encode());
}

Facts Book::ToFacts() const {
  return {.next_id = state.next_id,
          .low = open.LowestOr(state.next_id),
          .ledger = state.ledger,
          .open = open.size(),
          .retrying = state.retrying,
          .postponed = state.postponed,
          .reports = state.reports};
}

std::uint64_t Book::RecipeNumber(const Hash128& hash, const std::string& name) {
  const auto [found, is_new] = recipe_numbers.try_emplace(hash, state.next_recipe);
  if (is_new) state.recipes[state.next_recipe++] = {.hash = hash, .name = name};
  return found->second;
}

}  // namespace thresh
