#pragma once

// Database: RocksDB as the frontier uses it: two column families, one for points that are looked
// up by key ('S', 'X', 'J', 'K', 'L', 'G', 'V'), one for rows that are read in order (all others).
// A key's first letter says which. Layout: docs/frontier.md.
//
// Threads: any, one call at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fetcher/frontier/options.h"
#include "lib/base/result.h"

namespace rocksdb {
class ColumnFamilyHandle;
class WriteBatch;
}  // namespace rocksdb

namespace thresh {

/// Changes to be written in one step, or not at all.
class WriteSet {
 public:
  ~WriteSet();
  WriteSet(const WriteSet&) = delete;
  WriteSet& operator=(const WriteSet&) = delete;

  void Put(std::string_view key, std::string_view value) { Add(Kind::kPut, key, value); }
  void Erase(std::string_view key) { Add(Kind::kErase, key, {}); }
  /// Cheaper. REQUIRES: put once since it was erased last.
  void EraseOnce(std::string_view key) { Add(Kind::kEraseOnce, key, {}); }
  /// No more will be added. Writing calls it.
  void Seal();

  [[nodiscard]] bool empty() const noexcept { return changes_.empty() && batch_ == nullptr; }
  /// REQUIRES: sealed.
  [[nodiscard]] std::size_t size_bytes() const;

 private:
  friend class RocksDatabase;
  enum class Kind : std::uint8_t { kPut, kErase, kEraseOnce };
  struct Change {
    std::size_t at = 0;  // In bytes_: the key, then the value.
    std::uint32_t key_size = 0, value_size = 0;
    Kind kind = Kind::kPut;
  };

  explicit WriteSet(rocksdb::ColumnFamilyHandle* const families[]);
  void Add(Kind kind, std::string_view key, std::string_view value);

  rocksdb::ColumnFamilyHandle* const* families_;  // REQUIRES: still open in Seal().
  std::string bytes_;
  std::vector<Change> changes_;
  std::unique_ptr<rocksdb::WriteBatch> batch_;  // Once sealed.
};

class Database {
 public:
  /// What the reader of a row wants next: the next row, none, or the one at `seek` or after it.
  struct Step {
    bool go_on = true;
    std::string seek;
  };
  using RowFn = std::function<Step(std::string_view key, std::string_view value)>;

  /// Errors: kUnavailable if another process has it open; kBusy if there is no room; kInvalid if
  /// it cannot be opened; kInternal if it is damaged.
  [[nodiscard]] static Result<std::unique_ptr<Database>> Open(const FrontierOptions& options);
  /// As it stands, without recovery or changes.
  /// Errors: kNotFound if there is none; else as above.
  [[nodiscard]] static Result<std::unique_ptr<Database>> OpenToCheck(
      const FrontierOptions& options);
  virtual ~Database() = default;

  // Errors of the following: kBusy if there is no room; the database must then be closed and
  // opened again. All others are kInternal, and nothing more must be asked of it.

  /// Errors: kNotFound.
  [[nodiscard]] virtual Result<std::string> Get(std::string_view key) = 0;
  /// For each key its value, or nullopt. All keys are points, or all rows.
  [[nodiscard]] virtual Result<std::vector<std::optional<std::string>>> GetMany(
      const std::vector<std::string>& keys) = 0;
  /// Reads rows (or points) from `from` on, up to, not including, `end`.
  virtual Result<> Read(std::string_view from, std::string_view end, const RowFn& row) = 0;
  /// A set to be filled; once sealed, it can also be written after the database was opened again.
  [[nodiscard]] virtual std::unique_ptr<WriteSet> NewWriteSet() = 0;
  virtual Result<> Write(WriteSet& changes, bool sync) = 0;
  /// Reads every file and compares checksums.
  /// Nothing can be written any more, nor can it be opened again by this process.
  [[nodiscard]] virtual bool is_given_up() const noexcept = 0;
  virtual Result<> VerifyChecksums() = 0;
};

}  // namespace thresh
