#pragma once

// Gate: which requests are let in. The page has no passwords: it is safe because only this machine
// reaches it, and because pages of others, in a browser on this machine, cannot use it. They could
// by a name of theirs that leads here (DNS rebinding), so the name is checked; and they could send
// forms, so where a POST comes from is checked, too.
//
// Threads: any; nothing changes after it is made.

#include <string>
#include <string_view>
#include <vector>

namespace thresh {

/// The headers that decide; empty: not there.
struct GateRequest {
  std::string_view method;
  std::string_view host;        ///< `Host`.
  std::size_t hosts = 1;        ///< How many `Host` headers there are.
  std::string_view origin;      ///< `Origin`.
  std::string_view fetch_site;  ///< `Sec-Fetch-Site`.
};

class Gate {
 public:
  /// `address`: what is listened on; `names`: other names that lead here rightly.
  Gate(std::string_view address, const std::vector<std::string>& names);

  /// Why it is not let in; empty: it is.
  [[nodiscard]] std::string Refusal(const GateRequest& request) const;

 private:
  [[nodiscard]] bool IsOurs(std::string_view host) const;

  std::vector<std::string> names_;
};

/// `name:port`, `[::1]:port` or a name alone, split; the port may be empty.
struct HostPort {
  std::string name, port;
};
[[nodiscard]] HostPort SplitHostPort(std::string_view text);

/// Takes as long for any two texts of these lengths: what is wrong cannot be found letter by
/// letter.
[[nodiscard]] bool SameSecret(std::string_view a, std::string_view b);

}  // namespace thresh
