#pragma once

// Rows that several daemons have in their tables. They stand in the file once.

#include <string>
#include <string_view>

#include "lib/config/option.h"

namespace thresh {

inline constexpr std::string_view kStateFolder = "/var/lib/thresh";
inline constexpr std::string_view kRunFolder = "/run/thresh";

[[nodiscard]] Option StateRow(std::string* target);
/// Where the sockets lie: where --state is given alone, in that folder.
[[nodiscard]] Option RunRow(std::string* target);
[[nodiscard]] Option DurabilityRow(std::string* target);
[[nodiscard]] Option LogLevelRow(std::string* target);

}  // namespace thresh
