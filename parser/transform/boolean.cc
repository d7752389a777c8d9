#include "parser/transform/boolean.h"

#include "parser/transform/spaces.h"

namespace thresh {

std::optional<bool> ToBool(std::string_view text) {
  text = TrimSpaces(text);
  for (const std::string_view word : {"true", "yes", "on", "1"}) {
    if (EqualsIgnoringCase(text, word)) return true;
  }
  for (const std::string_view word : {"false", "no", "off", "0"}) {
    if (EqualsIgnoringCase(text, word)) return false;
  }
  return std::nullopt;
}

}  // namespace thresh
