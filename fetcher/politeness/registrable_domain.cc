#include "fetcher/politeness/registrable_domain.h"

#include <libpsl.h>

#include <memory>

namespace thresh {
namespace {

struct FreePsl {
  void operator()(psl_ctx_t* list) const { psl_free(list); }
};

// The newer of the package's list and the library's own; read once.
const psl_ctx_t* SuffixList() {
  static const std::unique_ptr<psl_ctx_t, FreePsl> list(psl_latest(nullptr));
  return list ? list.get() : psl_builtin();
}

}  // namespace

bool IsAddress(std::string_view hostname) {
  if (hostname.starts_with('[')) return true;
  // In a canonical name only an IPv4 address has a last label that begins with a digit.
  const std::size_t dot = hostname.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? hostname : hostname.substr(dot + 1);
  return !last.empty() && last.front() >= '0' && last.front() <= '9';
}

std::string_view NameOfHost(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.ends_with(']')) return host;
  return host.substr(0, colon);
}

std::string RegistrableDomain(std::string_view hostname) {
  if (hostname.empty() || IsAddress(hostname)) return {};
  if (hostname.ends_with('.')) hostname.remove_suffix(1);  // The same name, from the root on.
  const std::string name(hostname);
  const char* domain = psl_registrable_domain(SuffixList(), name.c_str());
  return domain != nullptr ? domain : "";
}

}  // namespace thresh
