#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh::test {

[[nodiscard]] inline std::string Repeat(std::string_view piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace thresh::test
