#pragma once

// The keys of a feed line that say how it is asked for, and when.

#include <string_view>

#include <simdjson.h>

#include "fetcher/feed/feed_line.h"
#include "lib/base/result.h"

namespace thresh {

/// "key: expected a string, found 5".
[[nodiscard]] Error ExpectedInFeed(std::string_view key, std::string_view what,
                                   const simdjson::dom::element& found);

// Each reads the value of one key into `request`. Errors: kInvalid.
Result<> ReadMethod(const simdjson::dom::element& value, FeedRequest* request);
Result<> ReadHeaders(const simdjson::dom::element& value, FeedRequest* request);
/// An object or array becomes JSON text; its strings may be templates, its braces are not.
Result<> ReadBody(const simdjson::dom::element& value, FeedRequest* request);
/// Seconds, a duration, or a time (RFC 3339, in UTC if it has no offset; a date is its first
/// moment).
Result<> ReadExpires(const simdjson::dom::element& value, FeedRequest* request);
/// A duration, or seconds.
Result<> ReadRefresh(const simdjson::dom::element& value, FeedRequest* request);

/// What depends on several keys, once all are read. Errors: kInvalid.
Result<> FinishRequest(FeedRequest* request);

}  // namespace thresh
