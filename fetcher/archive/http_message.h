#pragma once

// HTTP messages as WARC files keep them: the blocks of `response` and `request` records.
//
// Source: RFC 9112; ISO 28500, 6.3 and 6.4.

#include <cstdint>
#include <string>
#include <string_view>

#include "fetcher/job/request.h"
#include "lib/base/result.h"
#include "lib/url/url.h"

namespace thresh {

/// Status line and headers of an answer, up to the empty line. Its body is kept without the
/// chunks that it may have come in, so `transfer-encoding` goes by another name.
[[nodiscard]] std::string AnswerHead(long status, const HeaderList& headers);

/// The same of a request. `agent`: what goes out as User-Agent, if the request does not say.
/// Secrets stay as they are written: `{secret.NAME}`.
[[nodiscard]] std::string RequestHead(const Request& request, const Url& url,
                                      std::string_view agent);

struct HttpAnswer {
  std::uint32_t status = 0;
  HeaderList headers;  ///< Names in lower case.
  std::string body;    ///< Without chunks, as far as they are there; packed, if the headers have a
                       ///< content-encoding.
};

/// Takes a whole answer apart, line ends with or without CR.
/// Errors: kInvalid for what does not begin with a status line.
[[nodiscard]] Result<HttpAnswer> ParseAnswer(std::string_view block);

}  // namespace thresh
