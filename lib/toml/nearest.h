#pragma once

// The known name that a misspelt one is nearest to, for messages.

#include <span>
#include <string>
#include <string_view>

namespace thresh {

/// The nearest of `known` to `name` by letters added, removed or changed; empty if none is near
/// enough to be meant. Long texts are near to nothing.
[[nodiscard]] std::string_view NearestName(std::string_view name,
                                           std::span<const std::string_view> known);

/// `; did you mean "NEAREST"?`, or nothing.
[[nodiscard]] std::string DidYouMean(std::string_view name,
                                     std::span<const std::string_view> known);

}  // namespace thresh
