#pragma once

// UrlTemplate: a URL, a body or a header with places for values in it,
// `https://x/list?term={meta.term}&page={value}`.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// `{value}`, `{url}`, `{meta.NAME}` and `{secret.NAME}` stand for values, percent-encoded so that
/// each stays one value wherever it stands in a URL; `{+value}` and the like for the same verbatim.
/// `{{` is a brace.
class UrlTemplate {
 public:
  enum class Kind : std::uint8_t { kText, kValue, kUrl, kMeta, kSecret };
  struct Part {
    Kind kind = Kind::kText;
    bool verbatim = false;
    std::string text;  ///< Of kText; the name of kMeta and kSecret; of kUrl `basename` or nothing.
    bool whole = false;  ///< Of a JSON body: it is a whole value there, not a part of a string.

    friend bool operator==(const Part&, const Part&) = default;
  };
  /// What a template may have places for.
  struct Places {
    bool value = true, url = true, meta = true, secret = true;
  };

  /// Errors: kInvalid; `error_offset` is the byte of `text` that it is about.
  [[nodiscard]] static Result<UrlTemplate> Parse(std::string_view text, std::size_t* error_offset,
                                                 const Places& places);
  [[nodiscard]] static Result<UrlTemplate> Parse(std::string_view text, std::size_t* error_offset) {
    return Parse(text, error_offset, Places{});
  }
  /// Made of these.
  [[nodiscard]] static UrlTemplate Of(std::vector<Part> parts);

  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  /// Whether a place of this kind is among them.
  [[nodiscard]] bool Uses(Kind kind) const noexcept;
  [[nodiscard]] bool uses_value() const noexcept { return Uses(Kind::kValue); }
  /// The text before the first place.
  [[nodiscard]] std::string_view beginning() const noexcept;

  friend bool operator==(const UrlTemplate&, const UrlTemplate&) = default;

 private:
  std::vector<Part> parts_;
};

/// Letters, digits, `-` and `_`, at most 64: secrets are files and environment variables too.
[[nodiscard]] bool IsSecretName(std::string_view name);

}  // namespace thresh
