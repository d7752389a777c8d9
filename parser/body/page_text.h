#pragma once

// PageText: what a server sent becomes text: unpacked, its encoding found, UTF-8.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "parser/body/charset.h"
#include "parser/body/content_coding.h"

namespace thresh {

struct PageBytes {
  std::string_view body;  ///< As the server sent it.
  const std::vector<std::pair<std::string_view, std::string_view>>& headers;  ///< Lower-case names.
  std::size_t max_bytes = 64 << 20;                                           ///< Unpacked.
  BodyKind kind = BodyKind::kHtml;
  std::string_view override_label = {};  ///< The recipe's encoding, or empty.
};

/// Memory that one page leaves to the next, but for what a huge page needed.
struct PageBuffers {
  ContentDecoder decoder;
  std::string unpacked;
  std::string text;
};

/// The page as UTF-8 without a byte order mark: a view of `page.body` where nothing had to be
/// done, else of `*buffers`, until the next call with them.
/// Errors: those of ContentDecoder::Decode().
[[nodiscard]] Result<std::string_view> PageText(const PageBytes& page, PageBuffers* buffers);

}  // namespace thresh
