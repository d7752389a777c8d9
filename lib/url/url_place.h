#pragma once

// UrlPlace: one URL after another in the same memory, for what reads URLs page after page.

#include <string_view>

#include "lib/base/result.h"
#include "lib/url/url.h"

namespace thresh {

class UrlPlace {
 public:
  /// As Url::Parse(); `base` may be null. The URL lives until the next call.
  /// REQUIRES: neither input nor base lie in this place. Errors: as Url::Parse().
  [[nodiscard]] Result<const Url*> Parse(std::string_view input, const Url* base = nullptr);

 private:
  Url url_;
};

}  // namespace thresh
