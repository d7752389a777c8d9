#pragma once

// OpenIds: the ids that have not ended.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fetcher/job/task.h"

namespace thresh {

class OpenIds {
 public:
  OpenIds();
  ~OpenIds();
  OpenIds(OpenIds&&) noexcept;
  OpenIds& operator=(OpenIds&&) noexcept;

  void Add(TaskId id);
  /// False if it was not there.
  bool Remove(TaskId id);
  [[nodiscard]] bool Contains(TaskId id) const;
  /// The lowest one, or `otherwise` if there is none.
  [[nodiscard]] TaskId LowestOr(TaskId otherwise) const;
  [[nodiscard]] std::uint64_t size() const;

  /// In Roaring's portable form for 64-bit sets.
  [[nodiscard]] std::string Encode();
  [[nodiscard]] static std::optional<OpenIds> Decode(std::string_view bytes);

 private:
  struct Set;
  std::unique_ptr<Set> set_;
};

}  // namespace thresh
