#pragma once

// FillTemplate(): a template and the values of its places become a URL, a header or a body.
//
// Where a request names secrets, their places stay, and are filled in when it is sent
// (lib/recipe/secrets.h). So in its texts all values are written so that they can be no place: in a
// URL their braces are percent-encoded, elsewhere they are doubled.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/recipe/url_template.h"

namespace thresh {

/// What goes into a place. `typed`: it is JSON, and no string.
struct TemplateValue {
  std::string_view text;
  bool typed = false;
};

/// Nullopt if there is no such value. The text must live until the next call.
using FindTemplateValue =
    std::function<std::optional<TemplateValue>(const UrlTemplate::Part& place)>;

/// What the text will be.
enum class TemplateUse : std::uint8_t {
  kUrl,     ///< Values are percent-encoded, unless verbatim.
  kHeader,  ///< A value with a line end does not fit.
  kBody,    ///< As they stand.
  kJson     ///< In strings as JSON has it; whole values of their types, verbatim any JSON.
};

/// Appends the text to `out`; false if a value is not there, or does not fit. `has_secrets`: the
/// request that the text is for names secrets, here or elsewhere.
[[nodiscard]] bool FillTemplate(const UrlTemplate& made, TemplateUse use, bool has_secrets,
                                const FindTemplateValue& find, std::string* out);

}  // namespace thresh
