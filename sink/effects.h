#pragma once

// Results, dead letters and job reports to effects: the lines they put into which files, and the
// ACK that tells of it. Lines stay where they are written until they have been committed.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/batch.h"
#include "sink/format/fill_counts.h"
#include "sink/format/line_buffer.h"
#include "sink/format/record_line.h"

namespace thresh {

class RootList;
struct DeadLetter;

namespace wire {
class Dead;
class Job;
class Page;
class Result;
}  // namespace wire

class Effects {
 public:
  /// `body_folder`: from the folder of `dead.ndjson` to that of the bodies; empty: none are kept.
  /// `roots`: gets a page's links that begin a job instead of its records; may be null, else it
  /// must outlive this.
  Effects(bool to_stdout, std::string body_folder, RootList* roots = nullptr);
  ~Effects();
  Effects(const Effects&) = delete;
  Effects& operator=(const Effects&) = delete;

  /// `room`: how many records may still be written; nullopt: any number.
  [[nodiscard]] Effect Of(const Hash128& source, const wire::Result& result,
                          std::string_view records, std::optional<std::uint64_t> room);
  [[nodiscard]] Effect Of(const Hash128& source, const wire::Dead& dead, std::string_view body);
  [[nodiscard]] Effect Of(const Hash128& source, const wire::Job& job);

  /// What the lines of all effects so far lie in: they are read for as long as it is there;
  [[nodiscard]] LineMemory TakeMemory() { return lines_.TakeKept(); }
  /// and when they have been, others may be written over them.
  void GiveBack(LineMemory memory) { lines_.GiveBack(std::move(memory)); }

  /// Of all records in the effects so far.
  [[nodiscard]] const ItemFills& fills() const noexcept { return fills_.items(); }

  /// The ACK of a task that is closed: it has no outcome. `page`: a serialised wire::Page, or
  /// empty for a job.
  [[nodiscard]] static std::string LateAck(std::uint64_t id, const std::string& page);

 private:
  struct Kept;

  void Make(const wire::Result& result, std::string_view records, std::optional<std::uint64_t> room,
            Effect* effect);
  [[nodiscard]] Result<> AddRecords(const wire::Result& result, const wire::Page& page,
                                    std::string_view records, std::optional<std::uint64_t> room,
                                    Effect* effect);
  void AddRejected(const wire::Result& result, const wire::Page& page, Effect* effect);
  void AddDead(const DeadLetter& letter, Effect* effect);
  void AddLines(std::string_view lines, std::string file_name, Effect* effect);
  void KeepLines(std::string file_name, Effect* effect);

  const bool to_stdout_;
  const std::string body_folder_;
  RootList* const roots_;
  std::unique_ptr<Kept> kept_;
  PageFills fills_;
  RecordLines form_;
  LineBuffer lines_{256 << 10};  // Of the records at hand, behind those of effects before.
};

}  // namespace thresh
