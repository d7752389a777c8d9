#pragma once

// UrlTemplate: the URL of a follow rule with places for values in it,
// `https://x/list?term={meta.term}&page={value}`.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// `{value}`, `{url}` and `{meta.NAME}` stand for values, percent-encoded so that each stays one
/// value wherever it stands in a URL; `{+value}` and the like for the same verbatim. `{{` is a
/// brace.
class UrlTemplate {
 public:
  enum class Kind : std::uint8_t { kText, kValue, kUrl, kMeta, kSecret };
  struct Part {
    Kind kind = Kind::kText;
    bool verbatim = false;
    std::string text;  ///< Of kText; the name of kMeta and kSecret.
  };

  /// Errors: kInvalid; `error_offset` is the byte of `text` that it is about.
  [[nodiscard]] static Result<UrlTemplate> Parse(std::string_view text, std::size_t* error_offset);

  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  /// Whether `{value}` is among them.
  [[nodiscard]] bool uses_value() const noexcept;

 private:
  std::vector<Part> parts_;
};

}  // namespace thresh
