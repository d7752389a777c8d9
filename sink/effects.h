#pragma once

// Results, dead letters and job reports to effects: the lines they put into which files, and the
// ACK that tells of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/batch.h"
#include "sink/format/line_buffer.h"

namespace thresh {

class RootList;

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
  Effects(bool to_stdout, std::string body_folder, RootList* roots = nullptr)
      : to_stdout_(to_stdout), body_folder_(std::move(body_folder)), roots_(roots) {}

  /// `room`: how many records may still be written; nullopt: any number.
  [[nodiscard]] Effect Of(const Hash128& source, const wire::Result& result,
                          std::string_view records, std::optional<std::uint64_t> room);
  [[nodiscard]] Effect Of(const Hash128& source, const wire::Dead& dead,
                          std::string_view body) const;
  [[nodiscard]] static Effect Of(const Hash128& source, const wire::Job& job);

  /// The ACK of a task that is closed: it has no outcome. `page`: a serialised wire::Page, or
  /// empty for a job.
  [[nodiscard]] static std::string LateAck(std::uint64_t id, const std::string& page);

 private:
  [[nodiscard]] Result<> AddRecords(const wire::Result& result, const wire::Page& page,
                                    std::string_view records, std::optional<std::uint64_t> room,
                                    Effect* effect);

  const bool to_stdout_;
  const std::string body_folder_;
  RootList* const roots_;
  LineBuffer lines_;  // Of the records at hand.
};

}  // namespace thresh
