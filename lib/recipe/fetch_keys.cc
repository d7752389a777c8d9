#include "lib/recipe/fetch_keys.h"

#include <algorithm>
#include <array>
#include <string>

namespace thresh {
namespace {

using enum Combine;

constexpr std::array kKeys{
    // Politeness.
    FetchKey{"per_host", kLeast, false, "8", "1", "Requests to a host at once"},
    FetchKey{"delay_ms", kMost, false, "0", "1000", "Between the starts of two requests to a host"},
    FetchKey{"limit_by", kReplace, false, "\"host\"", "\"domain\"",
             "Whose requests count together for these two: \"host\", \"domain\" or \"ip\""},
    FetchKey{"adaptive", kEither, false, "true", "false", "Slower where answers get slow or fail"},
    FetchKey{"respect_robots_txt", kEither, false, "true", "false",
             "robots.txt decides what may be asked for"},
    FetchKey{"robots_agent", kReplace, true, "\"thresh\"", "\"quote-bot\"",
             "The name that robots.txt is asked for"},
    FetchKey{"max_crawl_delay_ms", kMost, false, "60000", "5000",
             "A longer Crawl-delay counts as this"},
    FetchKey{"respect_robots_tag", kEither, true, "false", "true",
             "X-Robots-Tag and <meta name=robots> count: nofollow, noindex"},
    FetchKey{"respect_nofollow", kEither, true, "false", "true",
             "Links with rel=nofollow are not followed"},
    FetchKey{"user_agent", kReplace, false, "", "\"quote-bot/1 (+https://example.com)\"",
             "Instead of thresh's own"},
    // Limits.
    FetchKey{"connect_timeout_ms", kReplace, false, "10000", "5000", "Until the connection stands"},
    FetchKey{"first_byte_timeout_ms", kReplace, false, "60000", "20000", "Until the answer begins"},
    FetchKey{"timeout_ms", kReplace, false, "120000", "300000", "For the whole answer"},
    FetchKey{"low_speed_bytes_per_s", kReplace, false, "0", "1000",
             "An answer slower than this for low_speed_time_ms is broken off; 0: never"},
    FetchKey{"low_speed_time_ms", kReplace, false, "30000", "10000",
             "How long an answer may be slower than low_speed_bytes_per_s"},
    FetchKey{"max_body_bytes", kLeast, false, "67108864", "1048576",
             "Of an answer, on the wire and unpacked"},
    FetchKey{"max_redirects", kLeast, false, "10", "3", "Of one page"},
    FetchKey{"max_depth", kLeast, false, "50", "5", "Links from the fed URL"},
    FetchKey{"max_host_pages", kLeastNotZero, false, "0", "10000",
             "Of a host, in all; 0: no limit"},
    FetchKey{"attempts", kLeast, false, "", "5",
             "Requests before a URL is dead, instead of the fetcher's own number"},
    // Guards against sites that never end; they are for links.
    FetchKey{"max_url_bytes", kLeast, false, "2083", "500", "A longer link is dropped"},
    FetchKey{"max_path_segments", kLeast, false, "20", "8",
             "A link whose path has more parts is dropped"},
    FetchKey{"max_segment_repeats", kLeast, false, "3", "2",
             "A link that has a part of its path more often is dropped"},
    FetchKey{"max_query_parameters", kLeast, false, "50", "10",
             "A link with more parameters is dropped"},
    FetchKey{"max_body_repeats", kLeast, false, "3", "2",
             "Links of a page are dropped when more pages of its host had the same body"},
    // The connection.
    FetchKey{"allow_private", kReplace, false, "[]", "[\"10.0.0.0/8\"]",
             "Networks whose addresses may be connected to although they are private"},
    FetchKey{"ip", kReplace, false, "\"any\"", "\"v4\"", "\"v4\" or \"v6\" only"},
    FetchKey{"http", kReplace, false, "\"any\"", "\"1\"", "\"1\" or \"2\": the version of HTTP"},
    FetchKey{"verify", kReplace, false, "true", "false",
             "Whether certificates are checked; false is warned of at each start"},
    FetchKey{"ca_file", kReplace, false, "", "\"/etc/ssl/certs/ca-certificates.crt\"",
             "A PEM file of who may sign certificates, instead of the system's"},
    FetchKey{"proxy", kReplace, false, "\"\"", "\"http://proxy.example.com:3128\"",
             "http://, https://, socks5:// or socks5h://; \"\": none"},
    // The request.
    FetchKey{"headers", kByName, false, "", "{ accept-language = \"nl\" }",
             "Sent with each request; values may name secrets, as {secret.key}"},
    FetchKey{"auth", kReplace, false, "", "{ basic = [\"user\", \"{secret.password}\"] }",
             "Also { digest = [...] } and { bearer = \"{secret.token}\" }"},
    FetchKey{"cookie_scope", kReplace, false, "\"host\"", "\"job\"",
             "Who shares cookies that servers set: pages of a \"host\", of a \"job\", or \"none\""},
    FetchKey{"cookies", kByName, false, "", "{ consent = \"yes\" }", "Sent with each request"},
    FetchKey{"body", kReplace, false, "true", "false",
             "false: HEAD requests, only status and headers count"},
    // What answers mean.
    FetchKey{"retry_when", kReplace, true, "", "[{ status = [202], delay_ms = 5000 }]",
             "Rules: such answers are asked for again"},
    FetchKey{"fail_when", kReplace, true, "", "[{ css = \"title\", re = \"(?i)captcha\" }]",
             "Rules: such answers are dead letters"}};

}  // namespace

std::span<const FetchKey> FetchKeys() {
  return kKeys;
}

const FetchKey* FindFetchKey(std::string_view name) {
  const auto* const found = std::find_if(kKeys.data(), kKeys.data() + kKeys.size(),
                                         [name](const FetchKey& key) { return key.name == name; });
  return found != kKeys.data() + kKeys.size() ? found : nullptr;
}

std::string_view FetchKeyNames() {
  static const std::string names = [] {
    std::string all;
    for (const FetchKey& key : kKeys) all.append(all.empty() ? "" : " ").append(key.name);
    return all;
  }();
  return names;
}

}  // namespace thresh
