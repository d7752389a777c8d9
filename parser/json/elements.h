#pragma once

// What simdjson's DOM leaves open, settled once for the room.

#include <cstddef>
#include <optional>
#include <string_view>

#include <simdjson.h>

namespace thresh::json {

using simdjson::dom::element;

/// REQUIRES: `e` is an array.
[[nodiscard]] inline simdjson::dom::array ArrayOf(element e) noexcept {
  return e.get_array().value_unsafe();
}
/// REQUIRES: `e` is an object.
[[nodiscard]] inline simdjson::dom::object ObjectOf(element e) noexcept {
  return e.get_object().value_unsafe();
}

/// The member named `key`; of several the last, as in JavaScript and Python.
[[nodiscard]] inline std::optional<element> FindMember(const simdjson::dom::object& object,
                                                       std::string_view key) noexcept {
  std::optional<element> found;
  const auto end = object.end();
  for (auto it = object.begin(); it != end; ++it) {
    if (it.key_equals(key)) found = it.value();
  }
  return found;
}

/// How many values an array, or members an object, has. simdjson's size() stops at 2^24 - 1.
template <typename Container>
[[nodiscard]] std::size_t CountOf(const Container& container) noexcept {
  constexpr std::size_t kMost = 0xFFFFFF;
  std::size_t count = container.size();
  if (count < kMost) return count;
  count = 0;
  const auto end = container.end();
  for (auto it = container.begin(); it != end; ++it) ++count;
  return count;
}

}  // namespace thresh::json
