#pragma once

// Fill rates: in how many of the records written each field had a value, from the statuses of all
// the sinks of a run. What a sink that was killed counted after its last status is not in it, so
// the rates say of how many records they are.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

struct ItemFill {
  std::string item;
  std::uint64_t records = 0;
  std::vector<std::pair<std::string, std::uint64_t>> filled;  ///< By field, in their order.
};

/// What one sink has counted in its life.
struct SinkFills {
  std::uint64_t pid = 0;
  std::vector<ItemFill> items;
};

/// Reads a sink's status line. Errors: kInvalid for what is none.
[[nodiscard]] Result<SinkFills> ParseSinkFills(std::string_view json);

/// Adds up the sinks of a run, one after another.
class FillTotals {
 public:
  void Take(SinkFills fills);
  [[nodiscard]] std::vector<ItemFill> Now() const;

 private:
  SinkFills last_;
  std::vector<ItemFill> gone_;
};

/// `100 %`, `99.9 %`, `0 %`: all and none are told from almost all and almost none.
/// REQUIRES: filled <= of, of > 0.
[[nodiscard]] std::string AsRate(std::uint64_t filled, std::uint64_t of);

/// Lines for the summary, each with its end; `records`: all that the state has. Empty if nothing
/// was counted.
[[nodiscard]] std::string FillLines(const std::vector<ItemFill>& items, std::uint64_t records);

}  // namespace thresh
