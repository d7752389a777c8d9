#include "lib/url/host.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "lib/text/utf8.h"
#include "lib/url/ascii.h"
#include "lib/url/idna.h"
#include "lib/url/ip_address.h"
#include "lib/url/percent.h"

namespace thresh {
namespace {

enum Forbidden : std::uint8_t { kInOpaqueHost = 1, kInDomain = 2 };

constexpr auto MakeForbiddenTable() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) table[byte] = kInDomain;
  table[0x7F] = kInDomain;
  table['%'] = kInDomain;
  for (const char c : std::string_view("\0\t\n\r #/:<>?@[\\]^|", 17)) {
    table[static_cast<unsigned char>(c)] = kInOpaqueHost | kInDomain;
  }
  return table;
}

constexpr auto kForbidden = MakeForbiddenTable();

bool HasForbidden(std::string_view host, Forbidden where) {
  return std::any_of(host.begin(), host.end(), [where](char c) {
    return (kForbidden[static_cast<unsigned char>(c)] & where) != 0;
  });
}

std::string_view AppendBracketed(std::string_view text, std::string* out) {
  if (text.back() != ']') return "the [ of an IPv6 address has no ]";
  const auto pieces = ParseIpv6(text.substr(1, text.size() - 2));
  if (!pieces) return "expected an IPv6 address between [ and ]";
  out->push_back('[');
  AppendIpv6(*pieces, out);
  out->push_back(']');
  return {};
}

std::string_view AppendOpaqueHost(std::string_view text, std::string* out) {
  if (HasForbidden(text, kInOpaqueHost)) return "a character is not allowed in a host";
  AppendPercentEncoded(text, PercentSet::kC0Control, out);
  return {};
}

// Most hosts are lower-case names already: they are their own serialisation.
bool IsPlainDomain(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || IsAsciiDigit(c) || c == '-' || c == '.';
  });
  return plain && !EndsInNumber(text);
}

// Domain to ASCII. An ASCII name is only put in lower case, even one whose `xn--` labels are
// no Punycode: such names exist and browsers visit them.
std::string_view AppendAsAscii(std::string_view domain, std::string* out) {
  if (std::all_of(domain.begin(), domain.end(), IsAsciiByte)) {
    std::transform(domain.begin(), domain.end(), std::back_inserter(*out), AsciiLower);
    return {};
  }
  if (!IsUtf8(domain)) return "the host is not UTF-8";
  if (!AppendDomainToAscii(domain, out)) return "the host is no valid international domain name";
  return {};
}

std::string_view AppendDomain(std::string_view text, std::string* out) {
  const std::size_t begin = out->size();
  const bool encoded = text.find('%') != std::string_view::npos;
  const std::string_view wrong =
      encoded ? AppendAsAscii(PercentDecode(text), out) : AppendAsAscii(text, out);
  if (!wrong.empty()) return wrong;
  const std::string_view domain = std::string_view(*out).substr(begin);
  if (domain.empty()) return "the host is empty";
  if (HasForbidden(domain, kInDomain)) return "a character is not allowed in a host";
  if (!EndsInNumber(domain)) return {};
  const auto address = ParseIpv4(domain);
  if (!address) return "a host that ends in a number must be an IPv4 address";
  out->resize(begin);
  AppendIpv4(*address, out);
  return {};
}

}  // namespace

std::string_view AppendHost(std::string_view text, bool special, std::string* out) {
  if (text.front() == '[') return AppendBracketed(text, out);
  if (!special) return AppendOpaqueHost(text, out);
  if (!IsPlainDomain(text)) return AppendDomain(text, out);
  out->append(text);
  return {};
}

}  // namespace thresh
