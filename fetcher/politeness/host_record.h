#pragma once

// HostRecord: what is kept of a host over restarts, as named parts in one string of bytes. The
// format is in docs/formats.md.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

/// Names and values, in order.
using HostRecord = std::vector<std::pair<std::string, std::string>>;

/// Empty values are left out; empty if none is left.
[[nodiscard]] std::string EncodeHostRecord(const HostRecord& record);

/// The parts that can be read; of another version, or broken from the beginning: none.
[[nodiscard]] HostRecord DecodeHostRecord(std::string_view bytes);

}  // namespace thresh
