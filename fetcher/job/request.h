#pragma once

// A request beside its URL: what a feed line or a follow rule asks for that is no plain GET.

#include <string>
#include <utility>
#include <vector>

namespace thresh {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  HeaderList headers;  ///< Names in lower case; they go over those of the recipe.
  std::string body;
  /// The URL, the headers' values and the body name secrets, as `{secret.NAME}`, filled in when the
  /// request is sent; `{{` is a brace. In the URL all other braces are percent-encoded.
  bool templated = false;

  friend bool operator==(const Request&, const Request&) = default;
};

/// Whether it can be sent as it is: a method and header names that are tokens, values of one line.
/// What a page put into it must not make another request of it.
[[nodiscard]] bool IsSendable(const Request& request);

}  // namespace thresh
