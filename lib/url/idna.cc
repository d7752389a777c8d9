#include "lib/url/idna.h"

#include <array>
#include <cstdint>
#include <memory>

#include <unicode/uidna.h>

namespace thresh {
namespace {

struct IdnaClose {
  void operator()(UIDNA* idna) const noexcept { uidna_close(idna); }
};

// Immutable once open; null if ICU has no data.
const UIDNA* Idna() {
  static const auto kIdna = [] {
    UErrorCode status = U_ZERO_ERROR;
    constexpr std::uint32_t kOptions = UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                       UIDNA_NONTRANSITIONAL_TO_ASCII |
                                       UIDNA_NONTRANSITIONAL_TO_UNICODE;
    std::unique_ptr<UIDNA, IdnaClose> opened(uidna_openUTS46(kOptions, &status));
    if (U_FAILURE(status) != 0) opened.reset();
    return opened;
  }();
  return kIdna.get();
}

// ICU always checks these and leaves it to the caller to care.
constexpr std::uint32_t kIgnoredErrors =
    UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
    UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

// U+1E9E maps to U+00DF since Unicode 15.1; the tables of Debian 12's ICU still say `ss`.
std::string WithSmallSharpS(std::string_view domain) {
  constexpr std::string_view kCapital = "\u1E9E";
  constexpr std::string_view kSmall = "\u00DF";
  std::string mapped(domain);
  for (auto at = mapped.find(kCapital); at != std::string::npos; at = mapped.find(kCapital, at)) {
    mapped.replace(at, kCapital.size(), kSmall);
  }
  return mapped;
}

}  // namespace

bool AppendDomainToAscii(std::string_view text, std::string* out) {
  if (Idna() == nullptr || text.size() > kMaxUnicodeDomainBytes) return false;
  const std::string domain = WithSmallSharpS(text);
  std::array<char, 512> small{};
  std::string large;
  char* buffer = small.data();
  auto capacity = static_cast<std::int32_t>(small.size());
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    const std::int32_t length =
        uidna_nameToASCII_UTF8(Idna(), domain.data(), static_cast<std::int32_t>(domain.size()),
                               buffer, capacity, &info, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR && large.empty()) {
      large.resize(static_cast<std::size_t>(length));
      buffer = large.data();
      capacity = length;
      continue;
    }
    if (U_FAILURE(status) != 0 || (info.errors & ~kIgnoredErrors) != 0) return false;
    out->append(buffer, static_cast<std::size_t>(length));
    return true;
  }
}

}  // namespace thresh
