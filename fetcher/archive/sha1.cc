#include "fetcher/archive/sha1.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace thresh {
namespace {

constexpr std::size_t kDigestBytes = 20;

// 160 bits are 32 groups of five: nothing is left over to be padded.
std::string Base32(const std::array<unsigned char, kDigestBytes>& bytes) {
  constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5) text.push_back(kLetters[bits >> (count - 5) & 31]);
  }
  return text;
}

}  // namespace

void Sha1::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha1::Sha1() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr) != 1) std::abort();
}
Sha1::~Sha1() = default;

void Sha1::Add(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha1::Take() {
  std::array<unsigned char, kDigestBytes> digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  EVP_DigestInit_ex(context_.get(), nullptr, nullptr);
  return "sha1:" + Base32(digest);
}

}  // namespace thresh
