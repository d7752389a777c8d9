#pragma once

// SHA-1 in base32, as WARC files write digests: `sha1:` and 32 letters and digits.
// Sources: FIPS 180-4; RFC 4648, 6; ISO 28500, 5.8.

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace thresh {

/// It names bytes, it protects nothing: readers of WARC files know no other digest as well.
class Sha1 {
 public:
  Sha1();
  ~Sha1();
  Sha1(const Sha1&) = delete;
  Sha1& operator=(const Sha1&) = delete;

  void Add(std::string_view bytes);
  /// `sha1:…` of what was added; then it begins anew.
  [[nodiscard]] std::string Take();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace thresh
