#include "fetcher/job/request.h"

#include <algorithm>
#include <string_view>

namespace thresh {
namespace {

// A token (RFC 9110, 5.6.2).
bool IsToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || kOthers.find(c) != kOthers.npos;
  });
}

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

}  // namespace

bool IsSendable(const Request& request) {
  return IsToken(request.method) && request.method != "CONNECT" &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return IsToken(header.first) && IsOneLine(header.second);
         });
}

}  // namespace thresh
