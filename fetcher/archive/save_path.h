#pragma once

// Where a page is saved below the folder of pages: the names of folders and file, in order. What
// comes from pages, links and feeds can neither add a folder nor leave one, whatever it holds.

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/hash.h"
#include "lib/url/url.h"

namespace thresh {

/// Of a `save.path`: text as the recipe has it, where `/` ends a folder's name, or a value.
struct PathPart {
  bool is_value = false;
  std::string text;
};

using PathNames = std::vector<std::string>;

/// A value that is empty counts as the first 8 hex digits of the fingerprint. In values, `/`, `\`,
/// control characters and what is no UTF-8 become `_`, as does a dot that a name begins with. A
/// name of over 200 bytes is cut, and gets the 8 digits at its end.
[[nodiscard]] PathNames NamesOf(const std::vector<PathPart>& parts, const Hash128& fingerprint);

/// Without a `save.path`: host and path of the URL, its query behind an `@`; `index.html` where the
/// path ends in a slash.
[[nodiscard]] PathNames NamesOfUrl(const Url& url, const Hash128& fingerprint);

/// The last part of a URL's path that is not empty, percent-decoded: `b c` of
/// `http://x/a/b%20c/?d`. Empty if it has none.
[[nodiscard]] std::string BasenameOf(const Url& url);

/// `name-0123abcd.html`: a name with the first `digits` hex digits of the fingerprint.
[[nodiscard]] std::string WithDigits(std::string_view name, const Hash128& fingerprint,
                                     std::size_t digits);

/// It can be made in a folder, and stays there.
[[nodiscard]] bool IsSafeName(std::string_view name);

}  // namespace thresh
