#pragma once

#include <optional>
#include <string_view>

namespace thresh {

/// true, yes, on, 1 and false, no, off, 0, in any case, white space around it.
[[nodiscard]] std::optional<bool> ToBool(std::string_view text);

}  // namespace thresh
